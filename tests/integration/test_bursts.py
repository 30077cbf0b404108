"""Marks before SENDs: a kill -9 in a burst doubles what was in the window, however many SENDs stand before Redis."""
import random

import pytest
from burst import Target

KILLS = 4


@pytest.mark.seconds(120)
@pytest.mark.parametrize("kind", ("single", "cluster"))
def test_a_kill_in_a_burst_doubles_no_more_than_the_window(kind):
    """Four kills; `make chaos` makes 50, at windows of 10 and of 100."""
    target = Target(10, kind)
    try:
        kills = [target.kill(random.uniform(0.01, 0.15)) for _ in range(KILLS)]
        for kill in kills:
            assert kill.holds, str(kill)
            assert not kill.lost
        assert any(kill.unanswered for kill in kills), "in the middle of it"
    finally:
        target.close()
