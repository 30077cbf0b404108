"""README's page: each answer of its table is caused, and its sentence is the one that the daemon says; its drawing is played."""
import re


import pytest
import typed
from rig import Error, wait_until

FAR = "2999-12-31"
TEST = {"lost": "6281100000001", "ok": "6281100000002", "undeliverable": "6281234567809", "throttled": "6281100000003"}
GROUPS = ", ".join(f'{{ numbers = ["{number}"]; code = "000000"; outcome = "{outcome}"; until = "{FAR}"; }}' for outcome, number in TEST.items())
CONF = [("# require_subject = false;", f"tests = ( {GROUPS} ); #"), ("# queue: { max = 10000; };", "queue: { max = 8; };"),
        ('{ name = "payment"; template = "payment"; brand = "OTP Gateway"; guesses = 3; }',
         '{ name = "payment"; template = "payment"; brand = "OTP Gateway"; guesses = 3; ttl_s = 2; hard_s = 2; }')]


def rows():
    """answer -> sentence, from README's table."""
    text = re.search(r"^\| the answer .*?\n\| ---.*?\n(.*?)\n\n", typed.read("README.md"), re.S | re.M).group(1)
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in text.splitlines()]
    assert all(len(row) == 3 and row[2] for row in cells), cells
    return {row[0].strip("`"): row[1] for row in cells}


class Page:
    """Causes answers, as a page does; each returns an error, or a map of OTP.STATUS."""

    def __init__(self, g, number):
        self.g, self.c, self.number = g, g.daemon.client(), number

    def ask(self, *words):
        return self.c.ask(*words, "SAY", "en")

    def map(self, vid):
        flat = self.ask("OTP.STATUS", vid)
        return flat if isinstance(flat, dict) else dict(zip(flat[::2], flat[1::2]))

    def send(self, to=None, purpose="signup", subject="s"):
        return self.c.do("OTP.SEND", to or self.number(), "PURPOSE", purpose, "SUBJECT", subject)

    def once(self, outcome, delivery):
        vid = self.send(TEST[outcome], subject=f"{outcome} {delivery}")
        self.c.settled(vid, delivery)
        return self.map(vid)

    def code(self, vid, to):
        assert vid
        return self.g.smsc.sms(to=to).code

    def used(self, *more):
        to = self.number()
        vid = self.send(to)
        code = self.code(vid, to)
        assert self.c.do("OTP.VERIFY", vid, code) == "OK"
        return self.ask(*more, vid, *([code] if more == ("OTP.VERIFY",) else []))

    def verified(self):
        to = self.number()
        vid = self.send(to)
        assert self.c.do("OTP.VERIFY", vid, self.code(vid, to)) == "OK"
        return self.map(vid)

    def guess(self, *typed_words):
        """The answer to the last of these, as the code has it: "wrong" stands for another one at each time."""
        to = self.number()
        vid = self.send(to)
        code = self.code(vid, to)
        for i, word in enumerate(typed_words):
            last = self.ask("OTP.VERIFY", vid, f"{(int(code) + i + 1) % 10**6:06d}" if word == "wrong" else word)
        return last

    def soon_again(self):
        return self.ask("OTP.RESEND", self.send())

    def too_many(self):
        to = self.number()
        for i in range(5):
            vid = self.send(to, subject=f"s{i}")
            self.c.settled(vid)
        return self.ask("OTP.SEND", to, "PURPOSE", "signup", "SUBJECT", "one more")

    def expired(self):
        vid = self.send(purpose="payment")
        wait_until(lambda: self.c.status(vid)["state"] == "expired", what="the end")
        return self.ask("OTP.VERIFY", vid, "123456")

    def cancelled(self):
        vid = self.send()
        assert self.c.do("OTP.CANCEL", vid) == "OK"
        return self.ask("OTP.VERIFY", vid, "123456")

    def overloaded(self):
        """Test numbers may hold an eighth of the queue."""
        for i in range(9):
            answer = self.ask("OTP.SEND", TEST["throttled"], "PURPOSE", "signup", "SUBJECT", f"s{i}")
            if isinstance(answer, Error):
                return answer
        return None

    def without_redis(self):
        self.g.redis.kill()
        wait_until(lambda: not self.g.daemon.ready(), what="Redis is away")
        return self.ask("OTP.SEND", self.number(), "PURPOSE", "signup", "SUBJECT", "s")


CAUSES = {
    "STATUS delivery=accepted": lambda p: p.once("lost", "accepted"),
    "STATUS delivery=delivered": lambda p: p.once("ok", "delivered"),
    "STATUS delivery=failed reason=undeliverable": lambda p: p.once("undeliverable", "failed"),
    "STATUS state=verified": lambda p: p.verified(),
    "BADNUMBER reason=too_short": lambda p: p.ask("OTP.SEND", "0812345"),
    "RATELIMITED scope=verification": lambda p: p.soon_again(),
    "RATELIMITED scope=number": lambda p: p.too_many(),
    "INCORRECT attempts_left=4": lambda p: p.guess("wrong"),
    "INCORRECT reason=too_short": lambda p: p.guess("12345"),
    "INCORRECT attempts_left=0": lambda p: p.guess(*["wrong"] * 5),
    "EXPIRED": lambda p: p.expired(),
    "CANCELLED": lambda p: p.cancelled(),
    "USED": lambda p: p.used("OTP.VERIFY"),
    "OVERLOADED": lambda p: p.overloaded(),
    "UNAVAILABLE": lambda p: p.without_redis(),
}


def without_figures(sentence):
    """A wait is what is left of it: "in 30 seconds", "in 1 second" and "in 10 minutes" are one sentence."""
    return re.sub(r"\b\d+ (second|minute|hour)s?\b", "a while", sentence)


def test_the_table_has_each_of_them():
    assert list(rows()) == list(CAUSES)


@pytest.mark.parametrize("answer", CAUSES)
def test_the_page_says(fresh, number, answer):
    g = fresh(replace=CONF, purpose="")
    got = CAUSES[answer](Page(g, number))
    word, *fields = answer.split()
    wanted = dict(f.split("=") for f in fields)
    if isinstance(got, Error):
        line = str(got).split()
        have, said = got.fields, " ".join(w for w in line[1:] if "=" not in w)
        assert got.code == word, got
    else:
        have, said = got, got["say"]
        assert word == "STATUS"
    assert wanted.items() <= have.items(), (answer, got)
    assert without_figures(said) == without_figures(rows()[answer]), said


def test_the_example_is_a_row_of_the_table():
    (example,) = [b for b in typed.readme("Show it") if "redis-cli" in b]
    answer = re.search(r"^\(error\) (INCORRECT attempts_left=\d) (.*)$", example, re.M)
    assert rows()[answer.group(1)] == answer.group(2)


def drawing():
    (block,) = [b for b in typed.readme("Show it") if "phones" in b]
    return re.findall(r"OTP\.[A-Z]+(?: [\w-]+)+", block), block


def test_the_sign_up_that_ends_well(fresh):
    """Each request of the drawing, as it is printed there."""
    g = fresh(replace=CONF)
    c = g.daemon.client()
    requests, block = drawing()
    assert [r.split()[0] for r in requests] == ["OTP.SEND", "OTP.STATUS", "OTP.REDIRECT", "OTP.VERIFY"]
    known = {}

    def ask(request):
        return c.do(*(known.get(word, word) for word in request.split()))

    known["id"] = ask(requests[0])
    status = c.settled(known["id"], "failed")
    flat = ask(requests[1])
    said = flat if isinstance(flat, dict) else dict(zip(flat[::2], flat[1::2]))
    assert f"failed reason={status['reason']}" in block and "Please check the number, and that your phone is on" in said["say"]
    assert ask(requests[2]) == known["id"], "the same id"
    known["code"] = g.smsc.sms(to="6281234567890").code
    assert ask(requests[3]) == "OK"
    assert not [s for s in g.smsc.history() if s.to == "6281234567809"], "played: a test number, which is nobody's"
