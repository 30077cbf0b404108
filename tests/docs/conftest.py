"""One machine per Debian, for all tests of this tier."""
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../integration"))
from fixtures import bounded, fresh, number, pytest_configure  # noqa: E402,F401
from bare_debian import Machine, Unavailable  # noqa: E402

# With -n, one worker per machine, so that its tests follow each other.
SUITES = [pytest.param(suite, marks=pytest.mark.xdist_group(suite)) for suite in ("bookworm", "trixie")]


@pytest.fixture(scope="session", params=SUITES)
def machine(request):
    try:
        made = Machine(request.param)
    except Unavailable as e:
        pytest.skip(f"no machine with {request.param}: {e}")
    try:
        made.bring()
        yield made
    finally:
        made.close()
