"""Many clients at one verification: a code is good once, and guesses are counted, whoever comes first."""
import itertools
import threading

from scripts import Store, TUPLE, connect, member

THREADS = 32
CODES = 200


def in_parallel(path, library, count, job):
    """Runs job(store, i) in `count` threads of one connection each; all start together."""
    start, errors = threading.Barrier(count), []

    def body(i):
        try:
            r = connect(path)
            store = Store(r, library)
            start.wait(20)
            job(store, i)
            r.close()
        except Exception as e:  # a thread's failure must be the test's
            errors.append(e)

    threads = [threading.Thread(target=body, args=(i,)) for i in range(count)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not errors


def test_a_code_is_approved_once_however_many_send_it(store, socket_path, library):
    for code in range(CODES):
        store.o = b"o{3}%d" % code
        store.put()
    verdicts = [[] for _ in range(CODES)]

    def guess(mine, i):
        for n in range(CODES):
            mine.o = b"o{3}%d" % n
            verdicts[n].append(mine.verify()[0])

    in_parallel(socket_path, library, THREADS, guess)
    assert [v.count(0) for v in verdicts] == [1] * CODES
    assert all(sorted(v) == [0] + [3] * (THREADS - 1) for v in verdicts)


def test_of_a_thousand_wrong_guesses_five_are_judged(store, socket_path, library):
    store.put()
    verdicts, guesses = [], itertools.count()

    def guess(mine, i):
        for _ in range(1024 // THREADS):
            verdicts.append(tuple(mine.wrong(next(guesses))[:2]))

    in_parallel(socket_path, library, THREADS, guess)
    assert sorted(v for v in verdicts if v[0] == 1) == [(1, left) for left in range(5)]
    assert {v for v in verdicts if v[0] != 1} == {(3, 5)}
    assert store.verify()[:2] == [3, 5]


def test_of_equal_requests_one_makes_a_message(store, socket_path, library):
    outcomes = []
    in_parallel(socket_path, library, THREADS, lambda mine, i: outcomes.append(mine.issue(reqid=b"q")[0]))
    assert sorted(outcomes) == [0] + [1] * (THREADS - 1)


def test_the_limit_of_a_number_holds_over_all_its_verifications(store, socket_path, library):
    outcomes = []

    def send(mine, i):
        mine.o = b"o{3}%d" % i
        outcomes.append(mine.issue()[0])

    in_parallel(socket_path, library, THREADS, send)
    assert sorted(outcomes) == [0] * 5 + [3] * (THREADS - 5)


def test_an_entry_has_one_owner_at_a_time(store, socket_path, library):
    for i in range(100):
        store.o = b"o{3}tuple%02d" % i
        store.put()
        store.r.zrem(store.j, TUPLE)
        store.r.zadd(store.j, {b"tuple%02d" % i: store.now})
    taken = []

    def take(mine, i):
        for _ in range(10):
            taken.extend(mine.claim(most=7)[1::2])

    in_parallel(socket_path, library, THREADS, take)
    assert sorted(taken) == [b"tuple%02d" % i for i in range(100)]
