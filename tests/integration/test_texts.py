"""A message goes out with the text of its SEND, whatever the configuration says since; else it says why it did not."""
import re

import pytest
from rig import wait_until

OLD = "{brand}: kode Anda {code}. Berlaku {minutes} menit. JANGAN berikan kepada siapa pun."
NEW = "{brand}: masukkan {code} dalam {minutes} menit. Rahasiakan dari siapa pun juga."
VAR = "{brand}: kode {code} untuk belanja di {shop}, berlaku {minutes} menit. JANGAN berikan."
PURPOSE = "ttl_s = 600; deadline_s = 300;"


def configured(daemon, old, new):
    """Writes another text, or other brand, to be read at a reload or a start."""
    with open(daemon.path("conf")) as f:
        text = f.read()
    assert old in text
    with open(daemon.path("conf"), "w") as f:
        f.write(text.replace(old, new))


def unbound(g):
    g.smsc.stop()
    wait_until(lambda: not g.daemon.ready(), what="no bind")


def words(sms):
    """The text without its code and minutes."""
    return re.sub("[0-9]+", "#", sms.text)


def looked_at(g, client, vid):
    """Some instance has claimed it and handed it back, since it lacks its text."""
    wait_until(lambda: client.status(vid)["reason"] == "template", what="left to others")
    assert client.status(vid)["delivery"] == "queued"


@pytest.mark.parametrize("old, new", ((OLD, NEW), ('brand = "OTP Gateway"', 'brand = "Kios"')), ids=("text", "brand"))
def test_after_a_reload_what_was_accepted_goes_out_as_it_was(fresh, number, old, new):
    """Queued here, and resent: both with the text of the SEND. A new SEND has the new one."""
    g = fresh(purpose=PURPOSE + " waits_s = [1];")
    resent, queued, after = number(), number(), number()
    c = g.daemon.client()
    vid = c.do("OTP.SEND", resent)
    first = words(g.smsc.sms(to=resent))
    unbound(g)
    c.do("OTP.SEND", queued)
    configured(g.daemon, old, new)
    g.daemon.reload()
    g.smsc.start()
    assert words(g.smsc.sms(to=queued)) == first
    wait_until(lambda: c.status(vid)["resend_after"] == "0", what="the wait is over")
    assert c.do("OTP.RESEND", vid) == vid
    assert words(g.smsc.sms(to=resent)) == first
    c.do("OTP.SEND", after)
    assert words(g.smsc.sms(to=after)) != first


def test_claimed_after_a_crash_by_an_instance_that_has_had_the_text(fresh, number):
    """The second instance took the reload, and sends what the first accepted before it: with its VARs, as accepted."""
    g = fresh(purpose=PURPOSE, replace=[(OLD, VAR)])
    other = g.join("b", purpose=PURPOSE, replace=[(OLD, VAR)])
    unbound(g)
    to = number()
    g.daemon.client().do("OTP.SEND", to, "VAR", "shop=Toko Satu")
    configured(other, VAR, NEW)
    other.reload()
    g.daemon.kill()
    g.smsc.start()
    sms = g.smsc.sms(to=to)
    assert f"kode {sms.code} untuk belanja di Toko Satu, berlaku" in sms.text
    assert not [s for s in g.smsc.history() if s.to == to and s.text != sms.text]


def restarted_with_another_text(g, vid):
    """A client of the new process, which has looked at the message of the former one."""
    g.daemon.kill()
    configured(g.daemon, OLD, NEW)
    g.smsc.start()
    g.daemon.start()
    c = g.daemon.client()
    looked_at(g, c, vid)
    return c


def test_claimed_by_who_has_not_the_text_it_is_left_to_others(fresh, number):
    """A restart with another text knows nothing of the one before. Who has it again sends it."""
    g = fresh(purpose=PURPOSE)
    unbound(g)
    to = number()
    vid = g.daemon.client().do("OTP.SEND", to)
    c = restarted_with_another_text(g, vid)
    assert g.daemon.metric("otpgwd_redis_unreadable_total") > 0 and "unreadable what=template" in g.daemon.log()
    assert not g.smsc.history()
    configured(g.daemon, NEW, OLD)
    g.daemon.reload()
    sms = g.smsc.sms(to=to)
    assert sms.text.endswith("JANGAN berikan kepada siapa pun.")
    wait_until(lambda: c.status(vid)["delivery"] in ("accepted", "delivered"), what="marked")
    assert c.status(vid)["reason"] == "" and c.do("OTP.VERIFY", vid, sms.code) == "OK"


@pytest.mark.seconds(120)
def test_no_instance_has_the_text(fresh, number):
    """At its deadline it fails, and says why. A SEND sends the same code in a text that there is."""
    g = fresh(purpose="ttl_s = 600; deadline_s = 20; waits_s = [1];")
    unbound(g)
    to = number()
    vid = g.daemon.client().do("OTP.SEND", to, "SUBJECT", "s")
    c = restarted_with_another_text(g, vid)
    wait_until(lambda: c.status(vid)["delivery"] == "failed", 60, "the deadline")
    assert c.status(vid)["reason"] == "template" and not g.smsc.history()
    wait_until(lambda: c.status(vid)["resend_after"] == "0", what="the wait is over")
    assert c.do("OTP.RESEND", vid) == vid  # it has the text of its SEND, which nobody has
    looked_at(g, c, vid)
    wait_until(lambda: c.status(vid)["resend_after"] == "0", what="the wait is over")
    assert c.do("OTP.SEND", to, "SUBJECT", "s", "LANG", "en") == vid
    sms = g.smsc.sms(to=to)
    assert "your code is" in sms.text and c.do("OTP.VERIFY", vid, sms.code) == "OK"
