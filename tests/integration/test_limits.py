"""Limits per number and per purpose: the answer names the scope and when to come back."""


def test_sends_per_number(fresh, number):
    g = fresh(purpose="sends_short = [2, 600]; waits_s = [0]; resends = 8;", replace=[("# equal_window_s = 10;", "equal_window_s = 0;")])
    c = g.daemon.client()
    to = number()
    for subject in ("a", "b"):
        c.do("OTP.SEND", to, "SUBJECT", subject)
    error = c.fails("OTP.SEND", to, "SUBJECT", "c")
    assert error.code == "RATELIMITED" and error.fields["scope"] == "number"
    assert 590 <= int(error.fields["retry_after"]) <= 600
    assert c.do("OTP.SEND", number())


def test_tenant_rate(fresh, number):
    g = fresh(replace=[("# rate = 0.0;", "rate = 1.0; burst = 2.0;")])
    c = g.daemon.client()
    replies = [c.ask("OTP.SEND", number()) for _ in range(10)]
    limited = [r for r in replies if not isinstance(r, str)]
    assert 7 <= len(limited) <= 8 and {(r.code, r.fields["scope"]) for r in limited} == {("RATELIMITED", "tenant")}
