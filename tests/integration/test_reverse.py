"""Reverse OTP: the person sends the SMS. OTP.REVERSE, phones in the simulator that send, STATUS verified."""
import re
import threading
import time
import urllib.parse

import pytest
from rig import Error, Gateway, wait_until

MO = 'mo = ["95000", "+6281100095000"]; mo_trusted = true;'
SUBJECT = ("SUBJECT", "applicant-1", "PURPOSE", "signup")
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
AGAIN = 0x64  # what the SMSC is told where it is to send a message again
MISSING = "ZZZZZZ22"  # a token that nobody has: each test takes another number to send it


@pytest.fixture(scope="module")
def g():
    made = Gateway(smsc=MO)
    yield made
    made.close()


@pytest.fixture
def client(g):
    c = g.daemon.client()
    yield c
    c.close()


def as_map(flat):
    return flat if isinstance(flat, dict) else dict(zip(flat[::2], flat[1::2]))


def opened(client, *options):
    return as_map(client.do("OTP.REVERSE", *SUBJECT, *options))


def token_of(v):
    return re.search(rf"\b[{ALPHABET}]{{8}}\b", v["text"].split(". ")[-1]).group(0)


def result(g, name):
    return g.daemon.metric('otpgwd_reverse_total{result="%s"}' % name)


class counted:
    """What the metrics say of the messages that come within the block."""

    def __init__(self, g, **more):
        self.g, self.more = g, more

    def read(self):
        return {name: result(self.g, name) for name in
                ("verified", "repeated", "other_number", "ended", "wrong", "limited", "sender", "store")}

    def __enter__(self):
        self.before = self.read()

    def __exit__(self, kind, *_):
        if kind is None:
            after = self.read()
            assert {name: after[name] - self.before[name] for name in after if after[name] != self.before[name]} == self.more


def test_a_person_sends_the_token(g, client, number):
    v = opened(client)
    assert list(v) == ["id", "text", "to", "uri", "expires_at"]
    assert v["to"] == "95000" and 590 <= int(v["expires_at"]) - time.time() <= 600
    assert v["text"] == f"OTP Gateway: saya mendaftar di ponsel ini. {token_of(v)}"
    assert v["uri"].startswith("sms:95000?&body=") and urllib.parse.unquote(v["uri"][16:]) == v["text"]
    before = client.status(v["id"])
    assert (before["state"], before["delivery"], before["number"], before["purpose"]) == ("pending", "", "", "signup")
    assert (before["attempts_left"], before["sends"], before["sends_left"], before["resend_after"]) == ("0", "0", "0", "")
    assert before["expires_at"] == v["expires_at"] and before["smsc"] == ""
    phone = number()
    with counted(g, verified=1):
        assert g.smsc.mo(phone, v["to"], v["text"]) == 0
    after = client.status(v["id"])
    assert (after["state"], after["delivery"], after["smsc"]) == ("verified", "", "main")
    assert after["number"] == f"+62812****{phone[-3:]}" and phone not in str(after)
    assert after["ended_at"] and client.do("OTP.STATUS", v["id"], "FIELD", "number") == after["number"]
    assert g.smsc.history() == [], "no SMS of ours"


def test_in_the_language_that_is_asked_for(client):
    assert opened(client, "LANG", "en")["text"].startswith("OTP Gateway: I sign up on this phone. ")


@pytest.mark.parametrize("how", [
    dict(), dict(kind="data"), dict(coding="latin1"), dict(coding="ucs2"), dict(coding="ucs2-le"), dict(kind="data", coding="ucs2")])
@pytest.mark.parametrize("say", [
    "{}", "{lower}", "{first} {rest}", "{spaced}", "Daftar {}", "daftar {lower}!", "{text}", "{first}-{rest} makasih"],
    ids=["alone", "lower", "halves", "spaced", "word_before", "lower_word_before", "as_told", "hyphen"])
def test_as_phones_send_it(g, client, number, how, say):
    v = opened(client)
    t = token_of(v)
    text = say.format(t, lower=t.lower(), first=t[:4], rest=t[4:], spaced=" ".join(t), text=v["text"])
    assert g.smsc.mo(number(), "95000", text, **how) == 0
    assert client.status(v["id"])["state"] == "verified", text


def test_beside_other_scripts(g, client, number):
    v = opened(client)
    assert g.smsc.mo(number(), "95000", f"登録します {token_of(v)} よろしく", coding="ucs2") == 0
    assert client.status(v["id"])["state"] == "verified"


def test_to_the_other_address(g, client, number):
    for to in ("6281100095000", "+6281100095000"):
        v = opened(client)
        assert g.smsc.mo(number(), to, v["text"]) == 0
        assert client.status(v["id"])["state"] == "verified"


def test_packed_septets_as_the_profile_says(fresh, number):
    g = fresh(smsc=MO + " mo_packed = true;")
    client = g.daemon.client()
    for how in (dict(coding="packed"), dict(coding="packed", kind="data"), dict(coding="ucs2"), dict(coding="latin1")):
        v = opened(client)
        assert g.smsc.mo(number(), "95000", f"Daftar {token_of(v)}", **how) == 0
        assert client.status(v["id"])["state"] == "verified", how


def test_with_number_only_that_one(g, client, number):
    hers, his = number(), number()
    v = opened(client, "NUMBER", "0" + hers[2:])
    assert client.status(v["id"])["number"] == f"+62812****{hers[-3:]}"
    with counted(g, other_number=1):
        assert g.smsc.mo(his, "95000", v["text"]) == 0
    assert client.status(v["id"])["state"] == "pending"
    with counted(g, verified=1):
        assert g.smsc.mo("+" + hers, "95000", v["text"]) == 0
    assert client.status(v["id"])["state"] == "verified"


def test_a_token_works_once(g, client, number):
    hers, his = number(), number()
    v = opened(client)
    assert g.smsc.mo(hers, "95000", v["text"]) == 0
    before = client.status(v["id"])
    with counted(g, repeated=2, other_number=1):
        assert g.smsc.mo(hers, "95000", v["text"]) == 0, "as an SMSC repeats it"
        assert g.smsc.mo(hers, "95000", v["text"], kind="data") == 0
        assert g.smsc.mo(his, "95000", v["text"]) == 0
    assert client.status(v["id"]) == before


def test_one_token_many_times_at_once(g, client, number):
    """By one number, as an SMSC repeats it on each of its binds; and by 100 numbers, of which one is the first."""
    hers, many = number(), [number() for _ in range(100)]
    one, two = opened(client), opened(client)
    with counted(g, verified=2, repeated=9, other_number=99), g.smsc.phones() as phones:
        phones.send(*[(hers, "95000", one["text"])] * 10)
        phones.send(*((n, "95000", two["text"]) for n in many))
    assert client.status(one["id"])["number"][-3:] == hers[-3:]
    assert client.status(two["id"])["number"][-3:] in {n[-3:] for n in many}


def test_after_the_end(fresh, number):
    g = fresh(smsc=MO, replace=[('name = "signup";', 'name = "signup"; hard_s = 2; ttl_s = 2; ttl_max_s = 2;')])
    client = g.daemon.client()
    late, cancelled = opened(client), opened(client)
    assert client.do("OTP.CANCEL", cancelled["id"]) == "OK"
    wait_until(lambda: client.status(late["id"])["state"] == "expired", 10, "its end")
    phone = number()
    with counted(g, ended=40):
        for _ in range(20):
            assert g.smsc.mo(phone, "95000", late["text"]) == 0
            assert g.smsc.mo(phone, "95000", cancelled["text"]) == 0
    assert client.status(late["id"])["state"] == "expired" and client.status(late["id"])["number"] == ""
    assert client.status(cancelled["id"])["state"] == "cancelled"
    v = opened(client)
    assert g.smsc.mo(phone, "95000", v["text"]) == 0
    assert client.status(v["id"])["state"] == "verified", "what came too late does not count as wrong"


def test_there_is_no_code(g, client, number):
    v = opened(client)
    for guess in ("123456", token_of(v), "", "0000000000", "12345678901234567890"):
        error = client.fails("OTP.VERIFY", v["id"], guess)
        assert (error.code, error.fields["reason"]) == ("DENIED", "reverse"), error
    for _ in range(25):
        error = client.fails("OTP.VERIFY", v["id"], "123456", "BIND", "amount=5")
        assert (error.code, error.fields.get("reason")) == ("DENIED", "reverse"), error
    error = client.fails("OTP.RESEND", v["id"])
    assert (error.code, error.fields["reason"]) == ("DENIED", "reverse")
    assert client.status(v["id"])["state"] == "pending"
    g.smsc.mo(number(), "95000", v["text"])
    assert client.fails("OTP.VERIFY", v["id"], "123456").code == "USED"
    assert client.fails("OTP.RESEND", v["id"]).code == "USED"
    assert client.fails("OTP.CANCEL", v["id"]).code == "USED"


def test_cancel(g, client, number):
    v = opened(client)
    assert client.do("OTP.CANCEL", v["id"]) == "OK" and client.do("OTP.CANCEL", v["id"]) == "OK"
    assert client.fails("OTP.VERIFY", v["id"], "123456").code == "CANCELLED"
    with counted(g, ended=1):
        assert g.smsc.mo(number(), "95000", v["text"]) == 0
    assert client.status(v["id"])["state"] == "cancelled"


def test_a_reqid(g, client, number):
    once = opened(client, "REQID", "r-1")
    assert opened(client, "REQID", "r-1") == once
    assert opened(client, "REQID", "r-2")["id"] != once["id"]
    error = client.fails("OTP.REVERSE", "SUBJECT", "another", "PURPOSE", "signup", "REQID", "r-1")
    assert (error.code, error.fields["id"]) == ("CONFLICT", once["id"])
    assert client.fails("OTP.REVERSE", *SUBJECT, "REQID", "r-1", "NUMBER", number()).code == "CONFLICT"
    g.smsc.mo(number(), "95000", once["text"])
    assert client.status(once["id"])["state"] == "verified"
    assert opened(client, "REQID", "r-1") == once, "its first answer, also behind its end"
    first, second = opened(client), opened(client)
    assert first["id"] != second["id"] and token_of(first) != token_of(second), "without a REQID each is another"


def test_100_at_once_with_one_reqid_open_one(g, client):
    clients = [g.daemon.client() for _ in range(100)]
    for c in clients:
        c.send("OTP.REVERSE", *SUBJECT, "REQID", "at-once")
    assert len({c.reply()[1] for c in clients}) == 1
    for c in clients:
        c.close()


def test_no_redirect(g, client, number):
    for options in ((), ("NUMBER", number())):
        v = opened(client, *options)
        error = client.fails("OTP.REDIRECT", v["id"], number(), "SUBJECT", "applicant-1")
        assert (error.code, error.fields["reason"]) == ("DENIED", "reverse")
        assert client.status(v["id"])["state"] == "pending"


def test_the_status_says_what_to_do(g, client, number):
    v = opened(client)
    assert as_map(client.do("OTP.STATUS", v["id"], "SAY", "en"))["say"].startswith("Please send the SMS from your phone.")
    assert as_map(client.do("OTP.STATUS", v["id"], "SAY", "id"))["say"].startswith("Kirim SMS itu dari ponsel Anda.")
    g.smsc.mo(number(), "95000", v["text"])
    assert as_map(client.do("OTP.STATUS", v["id"], "SAY", "en"))["say"] == "Your number is confirmed. Please go on."
    assert "ask for a code by SMS" in str(client.fails("OTP.REVERSE", "SUBJECT", "s", "SAY", "en"))


def test_the_tenants_rate_and_purposes_hold(fresh):
    g = fresh(smsc=MO, replace=[("# rate = 0.0; ", "rate = 0.01; burst = 2.0; #"), ("# purposes = [];  ", 'purposes = ["login", "signup"]; #')])
    client = g.daemon.client()
    opened(client), opened(client)
    error = client.fails("OTP.REVERSE", *SUBJECT)
    assert (error.code, error.fields["scope"]) == ("RATELIMITED", "tenant") and int(error.fields["retry_after"]) > 0
    error = client.fails("OTP.REVERSE", "SUBJECT", "s", "PURPOSE", "payment")
    assert (error.code, error.fields["reason"]) == ("DENIED", "purpose")


# --- bad input: its own error, nothing written ---

@pytest.mark.parametrize("words,code,field", [
    (["PURPOSE", "signup"], "BADARG", ("arg", "SUBJECT")),
    (["SUBJECT", ""], "BADARG", ("arg", "SUBJECT")),
    (["SUBJECT", "s", "PURPOSE", "nothing"], "BADARG", ("arg", "PURPOSE")),
    (["SUBJECT", "s"], "DENIED", ("reason", "reverse")),
    (["SUBJECT", "s", "PURPOSE", "payment"], "DENIED", ("reason", "reverse")),
    (["SUBJECT", "s", "PURPOSE", "signup", "LANG", "fr"], "BADTEMPLATE", ("reason", "unknown_lang")),
    (["SUBJECT", "s", "PURPOSE", "signup", "NUMBER", "62812"], "BADNUMBER", ("reason", "too_short")),
    (["SUBJECT", "s", "PURPOSE", "signup", "NUMBER", "nobody"], "BADNUMBER", ("reason", "not_a_number")),
    (["SUBJECT", "s", "PURPOSE", "signup", "TTL", "60"], "BADARG", ("arg", "TTL")),
    (["SUBJECT", "s", "PURPOSE", "signup", "TEMPLATE", "otp"], "BADARG", ("arg", "TEMPLATE")),
    (["SUBJECT", "s", "SUBJECT", "t", "PURPOSE", "signup"], "BADARG", ("arg", "SUBJECT")),
    (["081234567890", "SUBJECT", "s", "PURPOSE", "signup"], "BADARG", None)])
def test_bad_input(g, client, words, code, field):
    before = g.redis.keys()
    error = client.fails("OTP.REVERSE", *words)
    assert error.code == code, error
    assert not field or error.fields[field[0]] == field[1], error
    assert g.redis.keys() == before


def test_no_smsc_takes_messages(gw, number):
    with_none = gw.daemon.client()
    error = with_none.fails("OTP.REVERSE", *SUBJECT)
    assert (error.code, error.fields["reason"]) == ("BLOCKED", "no_mo")
    with_none.close()


def test_the_purposes_template_is_not_the_reverse_one(client, number):
    error = client.fails("OTP.SEND", number(), "TEMPLATE", "reverse", "VAR", "token=abc")
    assert error.code == "BADTEMPLATE" and error.fields["reason"] == "no_code"


CONFIGURATIONS = [
    ('mo = ["95000"];', "smsc.*mo_trusted.*true"),
    ('mo = ["95"]; mo_trusted = true;', r'mo.*"95"'),
    ('mo = ["OTP"]; mo_trusted = true;', r'mo.*"OTP"'),
    ('mo = ["95 000"]; mo_trusted = true;', r'mo.*"95 000"'),
    ('mo = ["1234567890123456"]; mo_trusted = true;', "mo.*1234567890123456"),
    ('mo = ["95000", "95000"]; mo_trusted = true;', "mo.*second time"),
    ('mo = ["95000"]; mo_trusted = true; type = "transmitter";', "mo.*transmitter"),
    ('mo = [' + ", ".join(f'"{95000 + i}"' for i in range(9)) + ']; mo_trusted = true;', "mo.*found 9"),
    ('mo = "95000"; mo_trusted = true;', "mo")]


@pytest.mark.parametrize("smsc,fault", CONFIGURATIONS)
def test_bad_addresses_in_the_configuration(g, smsc, fault):
    code, said = checked(g, smsc=smsc)
    assert code != 0 and re.search(fault, said), said


def checked(g, **how):
    """--check of a configuration beside the running one."""
    g.daemon.write_conf(**how)
    try:
        return g.daemon.check()
    finally:
        g.daemon.write_conf(smsc=MO)


REVERSE_EN = '"{brand}: I sign up on this phone. {token}"'


@pytest.mark.parametrize("replace,fault", [
    ((REVERSE_EN, '"{brand}: I sign up"'), "token"),
    ((REVERSE_EN, '"{brand}: {token} {code}"'), "brand.*token"),
    ((REVERSE_EN, '"{token} ' + "x" * 160 + '"'), "more than one SMS"),
    ((REVERSE_EN, '"A2B3C4D5 {token}x"'), "another word"),
    (('name = "reverse";\n\t\tlang = "en";', 'name = "other";\n\t\tlang = "en";'), "reverse.*language en"),
    (('template = "payment"; brand', 'template = "reverse"; brand'), "template.*code")])
def test_bad_templates_in_the_configuration(g, replace, fault):
    code, said = checked(g, smsc=MO, replace=[replace])
    assert code != 0 and re.search(fault, said), said


def test_check_warns_of_login(g):
    code, said = checked(g, smsc=MO)
    assert code == 0 and "purposes.reverse" not in said and "smsc.mo" not in said
    code, said = checked(g, smsc=MO, replace=[('# reverse = "never"; ', 'reverse = "allowed"; #')])
    assert code == 0 and re.search(r"warning: purposes\.reverse.*login.*NUMBER", said), said
    code, said = checked(g, smsc="")
    assert code == 0 and "no_mo" in said


# --- attacks ---

def test_reverse_is_merged_with_nothing(g, client, number):
    """A stranger who knows subject and number attaches to nothing, and nothing attaches to his."""
    hers, his = number(), number()
    sent = client.do("OTP.SEND", hers, *SUBJECT)
    code = g.smsc.sms(to=hers).code
    v, w = opened(client, "NUMBER", hers), opened(client, "NUMBER", hers)
    assert len({sent, v["id"], w["id"]}) == 3
    assert client.status(sent)["state"] == "pending" and client.do("OTP.VERIFY", sent, code) == "OK"
    assert client.status(v["id"])["state"] == client.status(w["id"])["state"] == "pending"
    again = client.do("OTP.SEND", hers, *SUBJECT)
    assert again not in (sent, v["id"], w["id"])
    assert g.smsc.mo(his, "95000", v["text"]) == 0 and client.status(v["id"])["state"] == "pending"


def test_phished_in_a_login(fresh, number):
    """An attacker opens it for himself and has the victim send the text: a login does not open without a number, and
    with his own number the victim's phone verifies nothing."""
    g = fresh(smsc=MO, replace=[('# reverse = "never"; ', 'reverse = "allowed"; #')])
    client = g.daemon.client()
    error = client.fails("OTP.REVERSE", "SUBJECT", "attacker", "PURPOSE", "login")
    assert (error.code, error.fields["arg"]) == ("BADARG", "NUMBER")
    victim, attacker = number(), number()
    v = as_map(client.do("OTP.REVERSE", "SUBJECT", "attacker", "PURPOSE", "login", "NUMBER", attacker))
    assert g.smsc.mo(victim, "95000", v["text"]) == 0
    assert client.status(v["id"])["state"] == "pending"


@pytest.mark.parametrize("esm", [0x04, 0x08, 0x10, 0x18, 0x20])
def test_only_esm_class_makes_it_a_message_of_a_phone(g, client, number, esm):
    v = opened(client)
    assert g.smsc.mo(number(), "95000", v["text"], esm=esm) == 0
    assert client.status(v["id"])["state"] == "pending"


def test_a_message_that_reads_like_a_receipt(g, client, number):
    """A phone cannot move a delivery by sending the text of a receipt, nor verify with one."""
    to = number()
    sent = client.do("OTP.SEND", to, *SUBJECT)
    g.smsc.sms(to=to)
    v = opened(client)
    text = f"id:{token_of(v)} sub:001 dlvrd:000 submit date:2611271200 done date:2611271200 stat:UNDELIV err:011 text:x"
    assert g.smsc.mo(number(), "95000", text) == 0
    assert client.status(v["id"])["state"] == "pending" and client.status(sent)["delivery"] != "failed"


@pytest.mark.parametrize("to", ["95001", "9500", "62811000950001", "OTP"])
def test_to_an_address_that_is_not_ours(g, client, number, to):
    v = opened(client)
    assert g.smsc.mo(number(), to, v["text"]) == 0
    assert client.status(v["id"])["state"] == "pending"


@pytest.mark.parametrize("source", ["95000", "BANK", "4915112345678", "62812", "+62-x"])
def test_a_source_that_is_no_number_of_the_plan(g, client, source):
    v = opened(client)
    with counted(g, sender=1):
        assert g.smsc.mo(source, "95000", v["text"]) == 0
    assert client.status(v["id"])["state"] == "pending"


@pytest.mark.parametrize("source", ["819012345678", "0/819012345678", "626281234567890", "62081234567890",
                                    "5/6281234567890", "2/6281234567890"],
                         ids=["japan", "unknown_type", "code_twice", "trunk_digit", "alphanumeric", "national_with_code"])
def test_a_source_is_never_read_as_another_number(g, client, source):
    """What people leave out or type twice is guessed of what they type. Of a source it would verify a stranger's."""
    v = opened(client)
    with counted(g, sender=1):
        assert g.smsc.mo(source, "95000", v["text"]) == 0
    assert client.status(v["id"])["state"] == "pending"


@pytest.mark.parametrize("form", ["0/{}", "1/+{}", "0/00{}", "0/0{:.0}{}", "2/0{:.0}{}", "2/{:.0}{}"],
                         ids=["unknown_type", "plus", "prefix", "trunk_digit", "national", "bare_national"])
def test_a_source_in_each_form(g, client, number, form):
    hers = number()
    v = opened(client, "NUMBER", hers)
    source = form.format("", hers[2:]) if "{:.0}" in form else form.format(hers)
    assert g.smsc.mo(source, "95000", v["text"]) == 0
    assert client.status(v["id"])["state"] == "verified"


def test_an_smsc_that_is_not_trusted_never_verifies(fresh, number):
    g = fresh(smscs=2, smsc=MO)
    second = g.smscs["second"]
    client = g.daemon.client()
    v = opened(client)
    edit(g.daemon, 'name = "second";', MO, "")
    g.daemon.reload()
    assert second.mo(number(), "95000", v["text"]) == 0
    assert client.status(v["id"])["state"] == "pending" and result(g, "verified") == 0
    assert g.smsc.mo(number(), "95000", v["text"]) == 0
    assert client.status(v["id"])["state"] == "verified"


def edit(daemon, behind, *pairs):
    """Replaces behind a mark."""
    with open(daemon.path("conf")) as f:
        head, mark, tail = f.read().partition(behind)
    for old, new in zip(pairs[::2], pairs[1::2]):
        assert old in tail
        tail = tail.replace(old, new, 1)
    with open(daemon.path("conf"), "w") as f:
        f.write(head + mark + tail)


def test_another_tenant_learns_nothing(g, client):
    v = opened(client)
    for word in ("", token_of(v), v["id"][:-1] + "A"):
        assert isinstance(client.ask("OTP.STATUS", word), Error)


# --- wrong tokens ---

def test_wrong_tokens_are_limited_per_source(g, client, number):
    eager, other = number(), number()
    v = opened(client)
    with counted(g, wrong=10, limited=6):
        for _ in range(15):
            assert g.smsc.mo(eager, "95000", MISSING) == 0
        assert g.smsc.mo(eager, "95000", v["text"]) == 0, "not looked up any more, although it is right"
    assert client.status(v["id"])["state"] == "pending"
    with counted(g, verified=1):
        assert g.smsc.mo(other, "95000", v["text"]) == 0


def test_right_tokens_do_not_count(g, client, number):
    phone = number()
    with counted(g, verified=25):
        for _ in range(25):
            v = opened(client)
            assert g.smsc.mo(phone, "95000", v["text"]) == 0
            assert client.status(v["id"])["state"] == "verified"


def test_a_message_without_a_token_counts_as_none(g, client, number):
    phone = number()
    before = g.redis.keys()
    mo = g.daemon.metric("otpgwd_smpp_mo_total")
    with counted(g):
        for text in ("STOP", "terserah", "Selamat pagi, paketnya sampai kapan ya?", "paket 5 gb", "22334455", "081234567890", "",
                     "Kode OTP 482913 jangan diberikan"):
            assert g.smsc.mo(phone, "95000", text) == 0
    assert g.redis.keys() == before and g.daemon.metric("otpgwd_smpp_mo_total") == mo + 8


# --- Redis away, and the instance dies ---

@pytest.mark.single("the daemon reaches the one Redis through the fault proxy")
def test_redis_away_is_not_answered_with_ok(fresh, number):
    g = fresh(proxied=["redis"], smsc=MO)
    client = g.daemon.client()
    v, phone = opened(client), number()
    g.redis.proxy.black_hole()
    with counted(g, store=1):
        assert g.smsc.mo(phone, "95000", v["text"]) == AGAIN
    assert g.smsc.mo(phone, "95000", "STOP") == 0, "what is no token needs no Redis"
    g.redis.proxy.heal()
    wait_until(g.daemon.ready, 20, "Redis")
    assert g.smsc.mo(phone, "95000", v["text"]) == 0, "the SMSC repeats it"
    assert client.status(v["id"])["state"] == "verified"


@pytest.mark.single("the daemon reaches the one Redis through the fault proxy")
def test_refused_while_redis_is_away(fresh):
    g = fresh(proxied=["redis"], smsc=MO)
    client = g.daemon.client()
    g.redis.proxy.black_hole()
    assert client.fails("OTP.REVERSE", *SUBJECT).code == "UNAVAILABLE"
    g.redis.proxy.heal()


def test_the_instance_dies_before_it_answers(fresh, number):
    """A message without an answer comes again, to another instance or to the next life of this one."""
    g = fresh(smsc=MO)
    client = g.daemon.client()
    all_of = [(number(), opened(client)) for _ in range(50)]
    with g.smsc.phones() as phones:
        sent = threading.Thread(target=lambda: phones.send(*((n, "95000", v["text"]) for n, v in all_of)))
        sent.start()
        g.daemon.kill()
        sent.join()
    g.daemon.start()
    client = g.daemon.client()
    with g.smsc.phones() as phones:
        assert {status for status, _ in phones.send(*((n, "95000", v["text"]) for n, v in all_of))} == {0}
    for n, v in all_of:
        status = client.status(v["id"])
        assert status["state"] == "verified" and status["number"].endswith(n[-3:])


# --- several SMSCs, Cluster, many ---

def test_which_address_is_told(fresh, number):
    """That of the route's first usable SMSC, else of the first usable one, else of any."""
    g = fresh(smscs=3, smsc=MO)
    edit(g.daemon, 'name = "main";', '"95000", "+6281100095000"', '"91000"')
    edit(g.daemon, 'name = "second";', '"95000", "+6281100095000"', '"92000"')
    edit(g.daemon, 'name = "third";', '"95000", "+6281100095000"', '"93000"')
    edit(g.daemon, "routes = (", '{ prefix = ""; smsc = ["main","second","third"]; }',
         '{ prefix = ""; smsc = ["main"]; }, { prefix = "62813"; smsc = ["second", "third"]; }')
    g.daemon.reload()
    client = g.daemon.client()
    assert opened(client)["to"] == "91000"
    assert opened(client, "NUMBER", "6281345678901")["to"] == "92000"
    v = opened(client, "NUMBER", "6281345678901")
    g.smscs["second"].stop()
    wait_until(lambda: opened(client, "NUMBER", "6281345678901")["to"] == "93000", 20, "the next of the route")
    assert g.smscs["third"].mo("6281345678901", "93000", v["text"]) == 0, "any trusted SMSC may bring it"
    assert client.status(v["id"])["state"] == "verified" and client.status(v["id"])["smsc"] == "third"
    g.smscs["third"].stop()
    wait_until(lambda: opened(client, "NUMBER", "6281345678901")["to"] == "91000", 20, "the first of all")
    g.smsc.stop()
    wait_until(lambda: opened(client, "NUMBER", "6281345678901")["to"] == "92000", 20, "the route's, though none is bound")


def test_on_a_cluster(fresh, number):
    g = fresh(redis="cluster", smsc=MO)
    client = g.daemon.client()
    eager = number()
    for _ in range(30):
        v, phone = opened(client), number()
        assert g.smsc.mo(phone, "95000", v["text"]) == 0
        assert client.status(v["id"])["state"] == "verified"
    with counted(g, wrong=10, limited=5):
        for _ in range(15):
            assert g.smsc.mo(eager, "95000", MISSING) == 0


def test_beyond_what_is_taken_at_once_the_smsc_repeats(fresh, number):
    """More than 1,024 without an answer: the rest is told to come again, and none is lost."""
    g = fresh(smsc=MO)
    client = g.daemon.client()
    left = [(number(), as_map(r)["text"]) for r in client.all_served([("OTP.REVERSE", *SUBJECT)] * 6000)]
    rounds = 0
    with g.smsc.phones() as phones:
        while left:
            answers = phones.send(*((phone, "95000", text) for phone, text in left), window=6000)
            assert {status for status, _ in answers} <= {0, AGAIN}
            left = [who for who, (status, _) in zip(left, answers) if status == AGAIN]
            rounds += 1
    assert result(g, "verified") == 6000 and result(g, "wrong") == result(g, "limited") == 0, rounds


def wrong_token(n):
    """The nth of those that are no token of anybody: two digits, and letters that spell n."""
    letters = ""
    for _ in range(6):
        n, at = divmod(n, 23)
        letters += ALPHABET[8 + at]
    return "23" + letters


@pytest.mark.seconds(120)
@pytest.mark.parametrize("redis", ["", "cluster"])
def test_1000_beside_10000_wrong_tokens(fresh, number, redis, capsys):
    g = fresh(redis=redis, smsc=MO)
    client = g.daemon.client()
    people = [(number(), as_map(reply)) for reply in client.all_served([("OTP.REVERSE", *SUBJECT)] * 1000)]
    strangers = [number() for _ in range(200)]
    right = [(phone, "95000", v["text"]) for phone, v in people]
    wrong = [(strangers[n % 200], "95000", "Daftar " + wrong_token(n)) for n in range(10_000)]
    mixed = [message for n in range(1000) for message in (right[n], *wrong[10 * n:10 * n + 10])]
    with counted(g, verified=1000, wrong=2000, limited=8000):
        with g.smsc.phones() as phones:
            loaded = phones.send(*mixed)
    assert {status for status, _ in loaded} == {0}
    for phone, v in people:
        status = client.status(v["id"])
        assert (status["state"], status["number"][-3:]) == ("verified", phone[-3:])
    calm = []
    with g.smsc.phones() as phones:
        for n in range(200):
            calm += phones.send((number(), "95000", opened(client)["text"]))
    with capsys.disabled():
        for name, took in (("at calm", calm), ("1,000 unanswered of 11,000", loaded[::11])):
            us = sorted(us for _, us in took)
            print(f"\nMO to verified {redis or 'one Redis'}, {name}: p50 {us[len(us) // 2] / 1000:.1f} ms, p99 {us[-len(us) // 100] / 1000:.1f} ms")
