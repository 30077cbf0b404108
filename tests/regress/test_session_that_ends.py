"""A response that ends the session: what it gives back to the queue was written to that very session once more, and in doubt."""
import pytest
from rig import wait_until


@pytest.mark.parametrize("scenario, submits", [("at 1 submits: status:4", 2), ("at 1 submits: nack for 3", 4)])
def test_nothing_is_written_to_a_session_that_ends(fresh, number, scenario, submits):
    g = fresh()
    with open(g.daemon.path("scenario"), "w") as f:
        f.write(scenario + "\n")
    g.smsc.restart("--scenario", g.daemon.path("scenario"))
    wait_until(g.daemon.ready, what="bound again")
    vid = g.daemon.client().do("OTP.SEND", number())
    g.daemon.client().settled(vid, "accepted", "delivered")
    seen = g.smsc.account()
    assert seen["submits"] == submits and [link["submits"] for link in seen["links"]] == [submits - 1, 1]
    assert "possible_duplicate" not in g.daemon.log()
