"""OTP.REDIRECT killed at each of its steps, and what is left: one verification that is alive, under the id that SEND gave.

Instance a dies at its point, b lives. Then the backend asks again with the same number, or with a third one, or never.
After every other kill a comes back itself.
"""
import threading

from steps import LEASE_MS, Missed, Stage
from world import Client, Error, wait_until

POINTS = ("d0", "d1", "d2", "d3")
AGAIN = ("same", "other", "never")
SUBJECT = ("SUBJECT", "applicant 7")
GROUPS = (('redirect = "until_verified";', 'redirect = "until_verified"; sends_short = [255, 600]; sends_long = [255, 86400];'),)


class Redirects(Stage):
    def __init__(self, rng, **options):
        super().__init__(rng, replace=GROUPS, smsc_options=("--receipts", "none", "--resp-delay-ms", "5"), **options)
        self.client = Client(self.b.api)

    def code(self, number, nth=1):
        wait_until(lambda: (self.world.settle(), self.out(number) >= nth)[1], 30, f"SMS {nth} to {number}")
        return self.world.phones.seen[number][nth - 1]

    def alive(self):
        """Records in Redis of verifications that go on."""
        r = self.world.redis.connection()
        records = [r.get(key) for key in r.keys("o{*}*")]
        r.close()
        return sum(record is not None and record[1] == 0 for record in records)

    def asked(self, vid, number):
        """By a backend whose instance dies before it answers."""
        answers = []

        def ask():
            client = Client(self.a.api)
            try:
                answers.append(client.ask("OTP.REDIRECT", vid, number, *SUBJECT))
            except (OSError, EOFError):
                answers.append(None)
            client.close()

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        wait_until(lambda: self.a.is_stopped() or answers, 30, "the point")
        if answers:
            raise Missed("its point was not passed")
        self.a.kill()
        thread.join()
        assert answers == [None], "answered before it was done"

    def redirected(self, vid, number):
        """The answer of b; while another number has the reserve, it is asked again."""
        def ask():
            answer = self.client.ask("OTP.REDIRECT", vid, number, *SUBJECT)
            if isinstance(answer, Error) and answer.code == "CONFLICT" and answer.fields.get("reason") == "redirect":
                return None
            return answer

        return wait_until(ask, LEASE_MS / 1000 + 30, "the reserve to end")

    def back(self):
        if self.turn % 2:
            self.a.launch()
            self.a.await_ready()


def crash(s, point, again):
    """Kills a at this point of a redirect, and asks what is left."""
    first, second, third = (s.numbers() for _ in range(3))
    vid = s.client.do("OTP.SEND", first, "PURPOSE", "signup", *SUBJECT)
    old = s.code(first)
    s.arm(f"{point}:1")
    s.asked(vid, second)
    assert s.out(second) == 0, "an SMS before the verification ended"
    if again == "same":
        assert s.redirected(vid, second) == vid
    s.back()
    if again == "other":
        assert s.redirected(vid, third) == vid
    s.world.await_quiet(30)
    s.world.settle()
    # What was created and not ended is cancelled when its lease is over; await_quiet has seen that.
    assert s.alive() == 1, f"{s.alive()} alive"
    status, counts = s.client.status(vid), (s.out(first), s.out(second), s.out(third))
    now = {first[-3:]: first, second[-3:]: second, third[-3:]: third}[status["number"][-3:]]
    assert status["id"] == vid and status["state"] == "pending"
    if again == "same":
        assert now == second and counts == (1, 1, 0)
    elif again == "other":
        assert now == third and counts[0] == counts[2] == 1 and counts[1] <= 1
    else:
        assert now == (second if point in ("d2", "d3") else first) and counts == (1, int(now == second), 0)
    right = s.code(now)
    for code in {old, *s.world.phones.seen.get(second, ())} - {right}:
        assert s.client.fails("OTP.VERIFY", vid, code).code == "INCORRECT", "another code is alive"
    # The old code waits until the reserve of a dead request ends.
    assert wait_until(lambda: verified(s.client.ask("OTP.VERIFY", vid, right)), 30, "the code") == "OK"
    assert s.alive() == 0


def verified(answer):
    if isinstance(answer, Error):
        assert answer.fields.get("reason") == "redirect", answer
        return None
    return answer
