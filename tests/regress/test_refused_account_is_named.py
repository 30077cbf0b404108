"""A password too long for any bind was refused, at a start, a check and a reload, without a word which and why."""


def test_a_password_that_no_bind_takes(fresh):
    g = fresh()
    g.daemon.expect = ["reload refused", "account refused smsc=main"]
    with open(g.daemon.path("pw"), "w") as f:
        f.write("x" * 65 + "\n")
    code, told = g.daemon.check()
    assert code == 1 and 'account refused smsc=main reason="password of more than 64 octets"' in told and "xxx" not in told
    g.daemon.reload(good=False)
    assert "account refused smsc=main" in g.daemon.log() and g.daemon.ready()
