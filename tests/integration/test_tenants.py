"""The peer's uid decides who asks; a purpose may be closed to a tenant."""


def test_peer_of_no_tenant(fresh):
    g = fresh(replace=[("# gid = [];", "# gid = [];")])
    g.daemon.stop()
    with open(g.daemon.path("conf")) as f:
        text = f.read()
    start = text.index("tenants = (")
    with open(g.daemon.path("conf"), "w") as f:
        f.write(text[:start] + 'tenants = ( { name = "web"; uid = [4242424]; } );\n')
    g.daemon.start()
    c = g.daemon.client()
    error = c.reply()
    assert error.code == "DENIED" and error.fields["reason"] == "peer"


def test_purpose_closed_to_tenant(fresh, number):
    g = fresh(replace=[("# purposes = [];", 'purposes = ["login"]; #')])
    c = g.daemon.client()
    assert c.fails("OTP.SEND", number(), "PURPOSE", "payment").fields["reason"] == "purpose"
    assert c.do("OTP.SEND", number(), "PURPOSE", "login")
