"""No code, no whole number and no password in log, stats, Redis, what Redis is told, or its files, after many lives at debug level."""
import glob
import os

from rig import wait_until, wrong

LIVES = 200


def test_no_secret_anywhere(fresh, number):
    g = fresh(log_level="debug", purpose="waits_s = [0];", smsc='mo = ["95000"]; mo_trusted = true;')
    with open(os.path.join(g.dir, "monitor.txt"), "wb") as out:
        monitors = [n.monitor(out) for n in g.redis.masters()]
    wait_until(lambda: os.path.getsize(out.name) >= len("OK\n") * len(monitors), what="MONITOR")
    c = g.daemon.client()
    secrets, codes = {b"canarypw"}, {}
    numbers = [number() for _ in range(LIVES)] + [number(t) for t in ("9992011", "999305", "999101", "999307")]
    # Ten digits: a code of six is found by chance among times and counters.
    ids = dict(zip(numbers, c.many([("OTP.SEND", to, "LENGTH", "10", "REQID", f"rq{to[5:]}", "SUBJECT", f"canarysubject{i}")
                                    for i, to in enumerate(numbers)])))
    wait_until(lambda: {s.to for s in g.smsc.history()} >= set(numbers[:LIVES]) | {numbers[-1]}, 20, "every SMS")
    codes = {s.to: s.code for s in g.smsc.history()}
    fates = [("OTP.VERIFY", "wrong"), ("OTP.VERIFY", "right"), ("OTP.VERIFY", "right"), ("OTP.RESEND",), ("OTP.STATUS",), ("OTP.CANCEL",)]
    for i, to in enumerate(numbers):
        code = codes.get(to, "0123456789")
        for what in fates[:2 + i % 5]:
            guess = {"wrong": wrong(code), "right": code}.get(what[-1])
            c.ask(what[0], ids[to], *([guess] if guess else []))
            secrets |= {guess.encode()} if guess else set()
    c.fails("OTP.SEND", numbers[0] + "123456")
    c.fails("OTP.SEND", numbers[0], "CODE", codes[numbers[0]])
    c.raw(b"OTP.VERIFY " + codes[numbers[1]].encode() + b" 'unbalanced\r\n")
    c.reply()
    other = g.daemon.client()
    for i in range(20):
        phone, flat = number(), other.do("OTP.REVERSE", "SUBJECT", f"canarysubject{i}", "PURPOSE", "signup", *["REQID", f"rv{i}"] * (i % 2))
        token = flat[3].split(" ")[-1]
        assert g.smsc.mo(phone, "95000", f"canarytext {token if i % 3 else 'A2B3C4D5'}") == 0
        secrets |= {token.encode(), b"A2B3C4D5", b"canarytext"}
        numbers.append(phone)
    secrets |= {to[2:].encode() for to in numbers} | {code.encode() for code in codes.values()} | {b"canarysubject"}
    clients = g.daemon.client().do("CLIENT", "LIST")
    pages = "".join(g.daemon.get(p)[1] for p in ("/metrics", "/status.json", "/readyz", "/"))
    g.redis.restart()
    wait_until(g.daemon.ready, 15, "ready")
    g.redis.cli("SAVE")
    for monitor in monitors:
        monitor.kill()
        monitor.wait()
    g.daemon.stop()
    places = {"stats": pages.encode(), "log": g.daemon.log().encode(), "clients": clients.encode(),
              "manager": "\n".join(g.daemon.manager.states).encode(), "redis.log": g.redis.log().encode()}
    for path in glob.glob(g.dir + "/**/*.rdb", recursive=True) + glob.glob(g.dir + "/**/*.aof", recursive=True) + [out.name]:
        with open(path, "rb") as f:
            places[os.path.basename(path)] = f.read()
    assert len(places) >= 8 and len(secrets) > 2 * LIVES and len(places["monitor.txt"]) > 100000
    assert b"<7>" in places["log"], "the debug level is on"
    assert [(where, s) for where, data in places.items() for s in secrets if s in data] == []


def test_memory_holds_no_core(fresh):
    """Not dumpable: no core file, and no debugger of the same user."""
    g = fresh()
    with open(f"/proc/{g.daemon.proc.pid}/limits") as f:
        assert [line.split()[4:6] for line in f if line.startswith("Max core file size")] == [["0", "0"]]
    assert os.stat(f"/proc/{g.daemon.proc.pid}/environ").st_uid == 0, "owned by root: not dumpable"
