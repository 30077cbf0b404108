"""No code, no whole number and no password in logs, stats, Redis dump or AOF, after a run at debug level."""
import glob
import os


def test_no_secret_anywhere(fresh, number):
    g = fresh(log_level="debug")
    c = g.daemon.client()
    secrets = {b"canarypw"}
    for tail in [""] * 40 + ["9992011", "999305", "999101"]:
        to = number(tail)
        vid = c.do("OTP.SEND", to, "LENGTH", "10", "REQID", "once")
        secrets.add(to[2:].encode())
        if tail != "9992011":
            code = g.smsc.sms(to=to, seconds=20).code
            secrets.add(code.encode())
            c.fails("OTP.VERIFY", vid, "0" * 10)
            if tail == "":
                assert c.do("OTP.VERIFY", vid, code) == "OK"
    c.fails("OTP.SEND", to + "123456")
    pages = "".join(g.daemon.get(p)[1] for p in ("/metrics", "/status.json", "/readyz", "/"))
    g.redis.cli("SAVE")
    places = {"stats": pages.encode(), "log": g.daemon.log().encode(), "status": str(c.status(vid)).encode()}
    for path in glob.glob(g.dir + "/**/*.rdb", recursive=True) + glob.glob(g.dir + "/**/*.aof", recursive=True):
        with open(path, "rb") as f:
            places[os.path.basename(path)] = f.read()
    assert len(places) >= 5
    hits = [(where, s) for where, data in places.items() for s in secrets if s in data]
    assert hits == []
