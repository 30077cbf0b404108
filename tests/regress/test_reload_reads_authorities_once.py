"""Each reload read the authorities of each SMSC twice, tens of milliseconds a time, in which nobody was answered: with 8 SMSCs, 0.7 s."""
import re
import shutil
import ssl
import time

from rig import wait_until
from test_binds import send, smscs
from test_smsc_tls import certs, serve, speak_tls  # noqa: F401

SMSCS = 16


def seconds_of(do):
    start = time.monotonic()
    do()
    return time.monotonic() - start


def test_a_reload_is_quick(fresh, certs, tmp_path):  # noqa: F811
    bundle = str(tmp_path / "bundle.pem")
    with open(bundle, "w") as out, open(certs("good.pem")) as one:
        out.write(one.read() * 400)
    once = min(seconds_of(lambda: ssl.create_default_context(cafile=bundle)) for _ in range(3))
    g = fresh()
    with open(g.daemon.path("conf")) as f:
        text = f.read()
    group = re.search(r"\nsmsc = \( (\{.*\}) \);", text).group(1)
    more = [group.replace('"main"', f'"x{i}"').replace(" }", f' tls: {{ ca = "{bundle}"; }}; }}') for i in range(SMSCS)]
    with open(g.daemon.path("conf"), "w") as f:
        f.write(text.replace(group, ", ".join([group, *more]), 1))
    g.daemon.reload()
    assert len(smscs(g)) == 1 + SMSCS
    assert min(seconds_of(g.daemon.reload) for _ in range(5)) < once * SMSCS / 2


def test_other_authorities_in_the_same_file(fresh, certs, number, tmp_path):  # noqa: F811
    """What was read once is read again when it is another."""
    ca = str(tmp_path / "ca.pem")
    shutil.copy(certs("bad.pem"), ca)
    g = fresh()
    serve(g, certs, "address")
    speak_tls(g, f'reconnect_min_ms = 10; reconnect_max_ms = 20; tls: {{ ca = "{ca}"; }};')
    wait_until(lambda: smscs(g)["main"]["reason"] == "tls: issuer not trusted", what="a stranger")
    shutil.copy(certs("good.pem"), ca)
    g.daemon.reload()
    wait_until(g.daemon.ready, 20, "trust")
    send(g, [number()])
    shutil.copy(certs("bad.pem"), ca)
    g.daemon.reload()
    g.smsc.drop()
    wait_until(lambda: smscs(g)["main"]["reason"] == "tls: issuer not trusted", what="a stranger again")
