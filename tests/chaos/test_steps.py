"""The crash matrix, two kills a row: one after which the dead comes back, one after which another takes over."""
import pytest
from steps import STEPS, run_step
from world import OTPGWD

with open(OTPGWD, "rb") as f:
    HAS_POINTS = b"OTPGWD_PAUSE" in f.read()


@pytest.mark.skipif(not HAS_POINTS, reason="not the chaos flavour")
@pytest.mark.parametrize("name", sorted(STEPS))
def test_step(name):
    fault, line = run_step(name, 2, "matrix")
    assert not fault, line
