"""counted: row 4, instructions per life by callgrind: of the daemon while it runs, of redis-server by the same commands again."""
import os
import signal
import subprocess
import tempfile
import time

from figures import Line, collected, per_item
from gateway import REDIS, Set
from processes import COUNTED, NOT_YET, can_count, count, text_of, wait_for
from tap import Recording, octets_of

LIVES = 1000   # of which half is the difference
REPLAYS = 3    # of the same commands, and the fewest instructions of them
BATCH = "32"   # commands that Redis reads at once; the next come when all are answered
AIM_REDIS, AIM_DAEMON = 270000, 105000
STEADY = ("--hz", "1", "--dynamic-hz", "no")  # what Redis does by its own clock is no part of a life: kept small


def count_lives(s, lives):
    """Whole lives until their receipts are in, which the daemon is asked only while nothing is counted."""
    count(s.daemon.pid, "on")
    s.load(lives, window=16)
    for _ in range(60):
        time.sleep(1)
        count(s.daemon.pid, "off")
        if s.metric('otpgwd_verifications_total{step="delivered"}') >= lives:
            return
        count(s.daemon.pid, "on")
    raise SystemExit("bench: receipts are missing under callgrind")


def daemon_per_life(build, lives, **options):
    """
    The difference of two runs; what the daemon is asked by us is not counted. With one partition, so that it asks Redis once per
    second what is owed, and not for each of 256: under callgrind a second holds few lives, and all that would be counted as theirs.
    """
    counts = []
    for n in (lives // 2, lives):
        s = Set(build, wrap=(*COUNTED, NOT_YET), partitions=1, **options)
        count_lives(s, n)
        s.stop_daemons()
        counts.append(collected(text_of(s.instances[0].path("log"))))
        s.stop()
    return per_item(*counts, lives // 2, lives)


def counting_redis(folder, commands, replay, lately=False):
    """Instructions of a redis-server that starts in that folder and is sent the commands; lately: counted from the first of them."""
    path, log, record = (os.path.join(folder, name) for name in ("redis.sock", "log", "commands"))
    with open(record, "wb") as f:
        f.write(octets_of(commands))
    with open(log, "wb") as out:
        argv = [*COUNTED, *([NOT_YET] if lately else []), *REDIS, *STEADY, "--unixsocket", path, "--dir", folder]
        redis = subprocess.Popen([*argv, "--appendonly", "no" if lately else "yes"], stdout=out, stderr=out)
    try:
        wait_for(lambda: "ready to accept connections" in text_of(log), "redis-server under callgrind", 1800)
        if lately:
            count(redis.pid, "on")
        subprocess.run([replay, path, record, BATCH, "batches"], check=True, stdout=subprocess.DEVNULL)
        redis.send_signal(signal.SIGTERM)
        redis.wait(120)
    finally:
        redis.kill()
        redis.wait()
    return collected(text_of(log))


def fewest(build, commands):
    """Of some runs with the same commands: what Redis does by its clock, and for unlucky seeds of its tables, only adds."""
    counts = []
    for _ in range(REPLAYS):
        with tempfile.TemporaryDirectory(prefix="otpgwd-bench.") as d:
            counts.append(counting_redis(d, commands, f"{build}/tests/bench/replay"))
    return min(counts)


def redis_per_life(build, lives, daemon=None):
    """The commands of so many lives, recorded once; then those of the start and of half of the lives, and of all, to a new server."""
    s = Set(build, daemon=daemon, tap=True)
    recording = Recording(s.record)
    recording.be_idle()
    half, parts = lives // 2, []
    for i in range(2):
        s.load(half, first=i * half, window=16)
        s.settled((i + 1) * half)
        parts.append(recording.caused())
    s.stop()
    counts = [fewest(build, recording.start + commands) for commands in (parts[0], parts[0] + parts[1])]
    return per_item(*counts, half, 2 * half), len(parts[1]) / half


def run(build, rows, other=None):
    if not can_count():
        return
    redis, commands = redis_per_life(build, LIVES)
    rows["counted"] = {"redis": redis, "commands": commands, "daemon": daemon_per_life(build, LIVES)}
    if other:
        rows["counted"]["other_redis"], _ = redis_per_life(build, LIVES, daemon=other)
        rows["counted"]["other_daemon"] = daemon_per_life(build, LIVES, daemon=other)


def lines(rows):
    if "counted" not in rows:
        return [Line("4", "instructions per life", "not counted: valgrind is not installed")]
    c = rows["counted"]
    return [Line("4", "instructions of redis-server per life", c["redis"], "instructions", ("<=", AIM_REDIS), exact=True),
            Line("4", "instructions of the daemon per life", c["daemon"], "instructions", ("<=", AIM_DAEMON), exact=True),
            Line("4", "commands of a life that Redis is sent", c["commands"], "commands", exact=True)]
