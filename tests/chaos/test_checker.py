"""The judge itself: each made-up history has one thing wrong with it, and the verdict must say so."""
from checker import judge


class Made:
    """A history of one instance's good life, to be spoilt."""

    def __init__(self):
        self.records, self.n = [], 0

    def add(self, what, **fields):
        self.records.append({"t": float(len(self.records)), "what": what, **fields})
        return self

    def ask(self, op, m, reqid, at="a", **answer):
        self.n += 1
        extra = {k: answer.pop(k) for k in ("right",) if k in answer}
        self.add("ask", n=self.n, op=op, m=m, reqid=reqid, at=at, **extra)
        return self.add("reply", n=self.n, **answer)

    def sms(self, m, code="111111"):
        return self.add("sms", m=m, code=code, smsc="main")

    def good(self, m="1", vid="A"):
        return self.ask("send", m, "r" + m, ok=vid).sms(m).ask("verify", m, "v" + m, ok="OK")

    def verdict(self, **options):
        return judge(self.records, **options)


def failed(verdict, window=10):
    return [what for what, holds in verdict.checks(window) if not holds]


def test_a_good_history():
    v = Made().good("1", "A").good("2", "B").verdict()
    assert v.line() == "attempts 2 / acknowledged 2 / delivered 2 / lost 0 / duplicated 0 / recovered 0 / unexpected 0"
    assert not failed(v)


def test_nothing_acknowledged_is_no_success():
    assert failed(Made().ask("send", "1", "r", lost="EOF").verdict()) == ["something was acknowledged"]


def test_lost():
    v = Made().good().ask("send", "2", "r2", ok="B").verdict()
    assert v.lost == ["2"] and failed(v) == ["nothing acknowledged is lost"]


def test_lost_though_its_status_says_accepted():
    v = Made().good().ask("send", "2", "r2", ok="B").add("status", m="2", id="B", delivery="accepted", state="pending", reason="").verdict()
    assert v.lost == ["2"]


def test_lost_and_its_id_is_forgotten():
    v = Made().good().ask("send", "2", "r2", ok="B").add("status", m="2", id="B", error="UNKNOWNID").verdict()
    assert v.lost == ["2"]


def test_unanswered_and_never_sent_is_not_lost():
    v = Made().good().ask("send", "2", "r2", lost="EOF").verdict()
    assert not v.lost and not failed(v) and v.acknowledged == 1


def test_given_up_openly_is_not_lost_and_not_expected():
    made = Made().good().ask("send", "2", "r2", ok="B")
    v = made.add("status", m="2", id="B", delivery="failed", state="pending", reason="poison").verdict()
    assert not v.lost and v.told == ["2"] and failed(v) == ["no answer contradicts another"]


def test_excused():
    made = Made().good().ask("send", "2", "r2", ok="B")
    assert not failed(made.verdict(excused={"2"})) and failed(made.verdict(excused={"1"}))
    made.ask("send", "2", "r2", ok="C")
    assert not failed(made.verdict(excused={"2"})) and len(failed(made.verdict())) == 2


def test_twice_without_a_kill():
    v = Made().good().sms("1").verdict()
    assert v.duplicated == 1 and failed(v) == ["duplicated at most the window a kill: 1 of 0"]


def test_twice_within_the_bound():
    v = Made().good().add("kill", at="a", point="c3:1").sms("1").verdict()
    assert v.duplicated == 1 and not failed(v)


def test_twice_beyond_the_bound():
    v = Made().good().add("kill", at="a", point="").sms("1").sms("1").sms("1").verdict()
    assert failed(v, window=2) == ["duplicated at most the window a kill: 3 of 2"]


def test_a_dropped_link_leaves_its_window_in_doubt():
    v = Made().good().add("doubt", why="link").sms("1").verdict()
    assert not failed(v, window=1)


def test_a_duplicate_of_an_unanswered_request_counts():
    v = Made().good().ask("send", "2", "r2", lost="EOF").sms("2").sms("2").verdict()
    assert v.duplicated == 1


def test_another_code_in_a_duplicate():
    v = Made().good().add("kill", at="a", point="").sms("1", "222222").verdict()
    assert "another code" in v.unexpected[0] and failed(v)


def test_recovered():
    v = Made().ask("send", "1", "r", ok="A").add("kill", at="a", point="").sms("1").verdict()
    assert v.recovered == 1
    v = Made().ask("send", "1", "r", ok="A").add("kill", at="b", point="").sms("1").verdict()
    assert v.recovered == 0, "another instance died"
    v = Made().ask("send", "1", "r", ok="A").sms("1").add("kill", at="a", point="").verdict()
    assert v.recovered == 0, "it was out before"


def test_one_reqid_two_ids():
    v = Made().good().ask("send", "1", "r1", at="b", ok="B").verdict()
    assert "2 ids for one REQID" in v.unexpected[0]


def test_the_same_id_again_is_right():
    assert not failed(Made().good().ask("send", "1", "r1", at="b", ok="A").verdict())


def test_one_id_for_two_messages():
    v = Made().good("1", "A").good("2", "A").verdict()
    assert "an id given to 2 messages" in v.unexpected[0]


def test_an_sms_that_nobody_asked_for():
    assert "nobody asked" in Made().good().sms("9").verdict().unexpected[0]


def test_answers_of_send():
    assert not Made().good().ask("send", "2", "r2", error="UNAVAILABLE retry_after=1").verdict().unexpected
    assert not Made().good().ask("send", "2", "r2", error="OVERLOADED retry_after=1").verdict().unexpected
    for line in ("CONFLICT id=A", "RATELIMITED scope=number", "INTERNAL ref=no_memory", "DENIED", "MALFORMED"):
        assert Made().good().ask("send", "2", "r2", error=line).verdict().unexpected, line


def test_one_code_approved_twice():
    assert "approved twice" in Made().good().ask("verify", "1", "another", ok="OK").verdict().unexpected[0]


def test_a_verdict_replayed_is_right():
    assert not Made().good().ask("verify", "1", "v1", ok="OK").verdict().unexpected


def test_a_wrong_code_approved():
    v = Made().ask("send", "1", "r", ok="A").sms("1").ask("verify", "1", "v", ok="OK", right=False).verdict()
    assert "wrong code was approved" in v.unexpected[0]


def test_used():
    assert not Made().good().ask("verify", "1", "another", error="USED").verdict().unexpected
    lost = Made().ask("send", "1", "r", ok="A").sms("1").ask("verify", "1", "v", lost="EOF")
    assert not lost.ask("verify", "1", "v", error="USED").verdict().unexpected
    never = Made().ask("send", "1", "r", ok="A").sms("1").ask("verify", "1", "v", error="USED")
    assert "nobody had used it" in never.verdict().unexpected[0]


def test_the_right_code_refused():
    for line in ("INCORRECT attempts_left=4", "UNKNOWNID", "EXPIRED", "RATELIMITED"):
        v = Made().ask("send", "1", "r", ok="A").sms("1").ask("verify", "1", "v", error=line).verdict()
        assert v.unexpected, line
    wrong = Made().good().ask("verify", "1", "w", error="INCORRECT attempts_left=4", right=False)
    assert not wrong.verdict().unexpected


def test_a_forgotten_id_of_a_sent_message():
    v = Made().good().add("status", m="1", id="A", error="UNKNOWNID").verdict()
    assert "STATUS answered UNKNOWNID" in v.unexpected[0]


def test_a_reply_to_nothing():
    assert "a reply to nothing" in Made().good().add("reply", n=99, ok="Z").verdict().unexpected[0]
