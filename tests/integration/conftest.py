"""The fixtures, from one place: tests/integration/fixtures.py."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "."))
from fixtures import bounded, client, fresh, gw, number, pytest_collection_modifyitems, \
    pytest_configure, story  # noqa: E402,F401
