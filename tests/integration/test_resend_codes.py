"""Which codes are valid while SMS come late, come in another order, are refused or never answered, by purposes.resend."""
import re
import time

import pytest
from rig import wait_until, wrong

FREE = "sends_short = [255, 600]; sends_long = [255, 86400]; resends = 8; waits_s = [0];"


def policy(name):
    return f'{FREE} resend = "{name}";'


def send(g, c, to, *options):
    vid = c.do("OTP.SEND", to, "PURPOSE", "login", *options)
    return vid, g.smsc.sms(to=to).code


def again(g, c, vid, to):
    """The code of one more SMS, which the SMSC has accepted."""
    before = c.status(vid)["accepted_at"]
    assert before and c.do("OTP.RESEND", vid) == vid
    code = g.smsc.sms(to=to).code
    c.settled(vid, "accepted", "delivered")
    return code


def valid(c, vid, codes):
    """Which of the codes are valid: all but the last are tried as guesses, which cost nothing of what follows."""
    return [c.ask("OTP.VERIFY", vid, code) for code in codes]


def test_same_brings_the_same_code(fresh, number):
    g = fresh(purpose=policy("same"))
    c, to = g.daemon.client(), number()
    vid, code = send(g, c, to)
    c.settled(vid, "accepted", "delivered")
    assert [again(g, c, vid, to) for _ in range(3)] == [code] * 3
    assert c.do("OTP.VERIFY", vid, code) == "OK"


@pytest.mark.parametrize("held", range(4))
def test_overlap_keeps_the_last_three(fresh, number, held):
    g = fresh(purpose=policy("overlap"))
    c, to = g.daemon.client(), number()
    vid, code = send(g, c, to)
    c.settled(vid, "accepted", "delivered")
    codes = [code] + [again(g, c, vid, to) for _ in range(3)]
    assert len(set(codes)) == 4
    if held == 0:
        assert c.fails("OTP.VERIFY", vid, codes[0]).fields["attempts_left"] == "4", "only the last three"
    assert c.do("OTP.VERIFY", vid, codes[held or 3]) == "OK"


def test_replace_ends_the_former_when_the_new_one_was_accepted(fresh, number):
    g = fresh(purpose=policy("replace"))
    c, to = g.daemon.client(), number()
    vid, first = send(g, c, to)
    c.settled(vid, "accepted", "delivered")
    second = again(g, c, vid, to)
    assert c.fails("OTP.VERIFY", vid, first).fields["attempts_left"] == "4"
    assert c.do("OTP.VERIFY", vid, second) == "OK"


@pytest.mark.parametrize("name", ("overlap", "replace"))
def test_a_refused_resend_leaves_the_old_code_alive(fresh, number, name):
    g = fresh(purpose=policy(name))
    c, to = g.daemon.client(), number()
    vid, first = send(g, c, to)
    c.settled(vid, "accepted", "delivered")
    path = g.smsc.path("scenario")
    with open(path, "w") as f:
        f.write("every 1 submits: status:11\n")
    g.smsc.restart("--receipts", "both", "--scenario", path)
    wait_until(g.daemon.all_ready, what="the bind")
    assert c.do("OTP.RESEND", vid) == vid
    c.settled(vid, "failed")
    status = c.status(vid)
    assert (status["sends"], status["resend_after"]) == ("1", "0"), "it was given back"
    assert c.do("OTP.VERIFY", vid, first) == "OK"


@pytest.mark.parametrize("name", ("overlap", "replace"))
@pytest.mark.parametrize("held", (0, 1))
def test_one_that_was_never_answered_is_valid_beside_the_old(fresh, number, name, held):
    g = fresh(purpose=policy(name), smsc="response_timeout_ms = 300;", replace=[("# ambiguous = \"resend_once\";", "ambiguous = \"fail\";")])
    c, to = g.daemon.client(), number()
    vid, first = send(g, c, to)
    c.settled(vid, "accepted", "delivered")
    path = g.smsc.path("scenario")
    with open(path, "w") as f:
        f.write("at 1 submits: silent_taken\n")
    g.smsc.restart("--receipts", "none", "--scenario", path)
    wait_until(g.daemon.all_ready, what="the bind")
    assert c.do("OTP.RESEND", vid) == vid
    second = g.smsc.sms(to=to).code
    wait_until(lambda: c.status(vid)["delivery"] == "unknown", what="the end of its wait")
    assert second != first and c.do("OTP.VERIFY", vid, (first, second)[held]) == "OK"


def test_guesses_are_one_budget(fresh, number):
    g = fresh(purpose=policy("overlap"))
    c, to = g.daemon.client(), number()
    vid, code = send(g, c, to)
    c.settled(vid, "accepted", "delivered")
    for nth in range(1, 5):
        assert c.fails("OTP.VERIFY", vid, wrong(code, nth)).fields["attempts_left"] == str(5 - nth)
        if nth % 2:
            again(g, c, vid, to)
    assert c.fails("OTP.VERIFY", vid, wrong(code, 9)).fields["attempts_left"] == "0"
    assert c.fails("OTP.VERIFY", vid, code).code == "EXHAUSTED"


# --- {ref} ---

REF = ('text = "{brand}: kode Anda {code}.', 'text = "{brand} {ref}: kode Anda {code}.')


def marked(g, to):
    sms = g.smsc.sms(to=to)
    return re.search(r"OTP Gateway ([34679ACDEFGHJKMNPQRTUVWXY]{2}):", sms.text).group(1)


@pytest.mark.parametrize("name", ("same", "overlap", "replace"))
def test_the_ref_of_each_sms_is_another_and_status_shows_the_last(fresh, number, name):
    g = fresh(purpose=policy(name), replace=[REF])
    c, to = g.daemon.client(), number()
    full = c.do("OTP.SEND", to, "PURPOSE", "login", "LANG", "id", "REPLY", "FULL")
    answer = dict(zip(full[::2], full[1::2]))
    vid, refs = answer["id"], [marked(g, to)]
    assert answer["ref"] == refs[0]
    for _ in range(6):
        c.settled(vid, "accepted", "delivered")
        assert c.do("OTP.RESEND", vid) == vid
        refs.append(marked(g, to))
        assert c.status(vid)["ref"] == refs[-1]
    assert len(set(refs)) == len(refs)


def test_without_a_ref_in_the_text_there_is_none(fresh, number):
    g = fresh(purpose=policy("overlap"))
    c, to = g.daemon.client(), number()
    vid, _ = send(g, c, to)
    assert c.status(vid)["ref"] == ""
    assert c.do("OTP.CANCEL", vid) == "OK" and c.status(vid)["ref"] == ""


def test_a_ref_survives_the_process(fresh, number):
    """Another process sends the text that it finds in Redis, with the ref that STATUS shows."""
    g = fresh(purpose=policy("replace"), replace=[REF])
    c, to = g.daemon.client(), number()
    g.smsc.stop()
    wait_until(lambda: not g.daemon.ready(), what="the end of the bind")
    vid = c.do("OTP.SEND", to, "PURPOSE", "login", "LANG", "id")
    ref = c.status(vid)["ref"]
    g.daemon.kill()
    g.smsc.start()
    g.daemon.start()
    assert marked(g, to) == ref == g.daemon.client().status(vid)["ref"]


# --- faults ---

def submits(g, *lines):
    path = g.smsc.path("scenario")
    with open(path, "w") as f:
        f.write("".join(line + "\n" for line in lines))
    g.smsc.restart("--receipts", "none", "--scenario", path)
    wait_until(g.daemon.all_ready, what="the bind")


@pytest.mark.parametrize("held", (0, 1))
def test_a_crash_between_submit_and_accept(fresh, number, held):
    """The code that went out stays valid, and so does the old one, until the next process has sent it once more."""
    g = fresh(purpose=policy("replace"), smsc="response_timeout_ms = 20000;")
    c, to = g.daemon.client(), number()
    vid, first = send(g, c, to)
    c.settled(vid, "accepted", "delivered")
    submits(g, "every 1 submits: silent_taken")
    assert c.do("OTP.RESEND", vid) == vid
    second = g.smsc.sms(to=to).code
    g.daemon.kill()
    g.daemon.start(bound=False)
    c = g.daemon.client()
    assert second != first and c.insist("OTP.VERIFY", vid, (first, second)[held]) == "OK"


def test_the_policy_of_the_first_sms_holds_over_a_reload(fresh, number):
    g = fresh(purpose=policy("replace"))
    c, to = g.daemon.client(), number()
    vid, first = send(g, c, to)
    c.settled(vid, "accepted", "delivered")
    g.daemon.write_conf(purpose=policy("same"))
    g.daemon.reload()
    second = again(g, c, vid, to)
    assert second != first and c.fails("OTP.VERIFY", vid, first).fields["attempts_left"] == "4"
    assert c.do("OTP.VERIFY", vid, second) == "OK"
    other, code = send(g, c, number())
    c.settled(other, "accepted", "delivered")
    assert c.do("OTP.RESEND", other) == other and g.smsc.sms().code == code


MIX = "silent=90 silent_taken=90 late=60 out_of_order=120 status=90 throttle=60 queue_full=40 twice=40 drop_taken=10 unbind=10"


@pytest.mark.seconds(300)
@pytest.mark.parametrize("name", ("same", "overlap", "replace"))
def test_late_lost_refused_and_reordered(fresh, number, name):
    """Many verifications with up to four SMS each, through SMSCs that lose, delay, refuse and reorder. The refs tell in which order the
    SMS were asked for. One code of those that each person holds is typed: it verifies unless the policy has ended it."""
    g = fresh(purpose=policy(name), replace=[REF], smscs=2, smsc="response_timeout_ms = 300; throttle_pause_ms = 50;")
    for i, s in enumerate(g.smscs.values()):
        s.restart("--receipts", "both", "--seed", str(7 + i), "--mix", MIX)
    wait_until(g.daemon.all_ready, what="the binds")
    c, people = g.daemon.client(), [number() for _ in range(60)]
    ids = dict(zip(people, c.all_served([("OTP.SEND", to, "PURPOSE", "login", "LANG", "id") for to in people])))
    order = {to: [] for to in people}
    for round_ in range(4):
        for to, ref in zip(people, c.all_served([("OTP.STATUS", ids[to], "FIELD", "ref") for to in people])):
            order[to].append(ref)
        if round_ < 3:
            time.sleep(0.1 * round_)  # no event: some answers are here by then and some are not, which is the point
            c.all_served([("OTP.RESEND", ids[to]) for to in people])
    wait_until(lambda: g.daemon.json()["queue"]["taken"] == 0 and all(s != "submitted" for s in c.many(
        [("OTP.STATUS", ids[to], "FIELD", "delivery") for to in people])), 60, "every answer")
    held = {to: {} for to in people}
    for smsc in g.smscs.values():
        for sms in smsc.history():
            ref = re.search(r"OTP Gateway (..):", sms.text).group(1)
            held[sms.to].setdefault(order[sms.to].index(ref), sms.code)
    typed = ended = 0
    for nth, to in enumerate(people):
        sent = sorted(held[to])
        if not sent:
            continue
        assert (len(set(held[to].values())) == 1) == (name == "same" or len(sent) == 1)
        chosen = sent[nth % len(sent)]
        verdict = c.ask("OTP.VERIFY", ids[to], held[to][chosen])
        typed += verdict == "OK"
        if verdict != "OK":
            assert verdict.fields["attempts_left"] == "4", "guesses are exact"
            assert name == "replace" and chosen < sent[-1] or name == "overlap" and sent == [0, 1, 2, 3] and chosen == 0, (chosen, sent)
            ended += 1
            assert c.do("OTP.VERIFY", ids[to], held[to][sent[-1]]) == "OK", "the newest that a person holds"
    assert typed > 15 and (ended > 0) == (name != "same")
