"""A redirect killed at each step: never two verifications alive after the retry, never none."""
import random

import pytest
from redirect_crashes import AGAIN, POINTS, Redirects, crash
from steps import Missed
from test_steps import HAS_POINTS

KILLS = 2  # one after which the dead comes back, one after which the other goes on


@pytest.fixture(scope="module")
def stage():
    s = Redirects(random.Random("redirect"))
    yield s
    s.client.close()
    s.world.kill()


@pytest.mark.skipif(not HAS_POINTS, reason="not the chaos flavour")
@pytest.mark.parametrize("again", AGAIN)
@pytest.mark.parametrize("point", POINTS)
def test_killed_at(stage, point, again):
    done = missed = 0
    while done < KILLS and missed < 3:
        try:
            crash(stage, point, again)
            done += 1
        except Missed:
            missed += 1
    assert done == KILLS, f"{missed} kills missed the point"
