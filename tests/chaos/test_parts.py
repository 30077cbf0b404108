"""The harness' own parts: a seed is a schedule, a leak is seen, a word that means nothing is refused."""
import os
import subprocess
import sys
import time

import history
import pytest
from chaos import schedule
from soak import flat_checks, slope
from weather import read


def plan(*args):
    return {name: [vars(life) for life in lives] for name, lives in schedule(*args).items()}


def test_the_same_seed_is_the_same_schedule():
    assert plan(300, 3, "7") == plan(300, 3, "7") != plan(300, 3, "8")


def test_all_kills_are_shared_out_and_most_are_at_a_step():
    lives = [life for of_one in schedule(100, 3, "1").values() for life in of_one]
    assert len(lives) == 100 and {life.point.split(":")[0] for life in lives} == {"", "c0", "c1", "c2", "c3", "c4", "c5", "c6"}


def holds(samples, warm_s=0):
    return [ok for _, ok in flat_checks(samples, warm_s)]


def test_slope():
    assert slope([(0, 5.0), (1, 7.0), (2, 9.0)]) == pytest.approx(2.0) and slope([(3, 5.0)]) == 0.0


def test_a_leak_is_seen():
    """Eight octets a message, 200 messages a second, 16 minutes."""
    times = range(0, 960, 5)
    assert holds([(t, 5000 + t * 1.6, 25) for t in times]) == [False, True]
    assert holds([(t, 5000 + t % 7 * 20, 25) for t in times]) == [True, True], "up and down is no leak"


def test_what_grows_in_the_warm_up_is_no_leak():
    assert holds([(t, 5000 + min(t, 240) * 50, 25) for t in range(0, 960, 5)], 240) == [True, True]


def test_descriptors_that_grow_are_seen():
    assert holds([(t, 5000, 25 + t // 300) for t in range(0, 960, 5)]) == [True, False]


def test_words_of_the_weather():
    assert read("latency=50,jitter=20") == {"latency": 50.0, "jitter": 20.0} and read("") == {}
    with pytest.raises(ValueError, match="no such fault: latenzy"):
        read("latenzy=50")


def test_a_history_is_only_added_to(tmp_path):
    path = str(tmp_path / "history")
    first = history.History(path)
    n = first.ask("send", "a", "1", "r1")
    first.close()
    second = history.History(path)
    second.add("reply", n=n, ok="A")
    assert [r["what"] for r in second.records()] == ["ask", "reply"]
    second.close()


def test_a_slow_disk_is_slow(tmp_path):
    preload = os.environ.get("SLOW_FSYNC", "")
    if not os.path.exists(preload):
        pytest.skip("slow_fsync.so is not built")
    program = f"import os; f = open({str(tmp_path / 'file')!r}, 'w'); os.fsync(f.fileno()); os.fdatasync(f.fileno())"
    begun = time.monotonic()
    subprocess.run([sys.executable, "-c", program], env={**os.environ, "LD_PRELOAD": preload, "SLOW_FSYNC_MS": "400"}, check=True)
    assert time.monotonic() - begun >= 0.8
