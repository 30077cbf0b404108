"""ceiling: row 1, whole lives through the daemon beside the same commands sent straight to Redis; row 9, beside another build."""
import os
import subprocess
import tempfile

from figures import Line, median
from gateway import REDIS, Set
from limits import Watch
from processes import cpu_of, ran, wait_for
from tap import Recording, octets_of

RUNS = 3
WARM = 1000              # lives before those that are measured
WINDOWS = (100, 1000)    # most unanswered commands of the ceiling: which is the faster depends on the caches


class Recorded:
    """Files with the commands of WARM lives and the daemon's start, and of so many lives after them."""

    def __init__(self, build, lives, folder):
        s = Set(build, tap=True)
        recording = Recording(s.record)
        self.warm, self.lives = (os.path.join(folder, name) for name in ("warm", "lives"))
        s.load(WARM)
        s.settled(WARM)
        self.write(self.warm, recording.start + recording.part())
        s.load(lives, first=WARM)
        s.settled(WARM + lives)
        self.write(self.lives, recording.part())
        s.stop()

    @staticmethod
    def write(path, commands):
        with open(path, "wb") as f:
            f.write(octets_of(commands))


def replayed(build, recorded, lives, window):
    """
    Sent to a redis-server that was just started with the settings of whole lives and has the same lives behind it: it has the same
    work to do and the same state.
    """
    with tempfile.TemporaryDirectory(prefix="otpgwd-bench.") as d:
        path = os.path.join(d, "redis.sock")
        redis = subprocess.Popen([*REDIS, "--unixsocket", path, "--appendonly", "yes", "--dir", d], stdout=subprocess.DEVNULL)
        try:
            wait_for(lambda: os.path.exists(path), "redis-server")
            argv = lambda record: [f"{build}/tests/bench/replay", path, record, str(window)]
            subprocess.run(argv(recorded.warm), check=True, stdout=subprocess.DEVNULL)
            before = cpu_of(redis.pid)
            with Watch(**{"redis-server": redis.pid}) as watch:
                replay = ran(argv(recorded.lives), watch)
            return {"lives_per_s": lives / replay["seconds"], "commands": replay["commands"],
                    "redis_cpu_us": (cpu_of(redis.pid) - before) / lives * 1e6, "limit": watch.limit()}
        finally:
            redis.terminate()
            redis.wait()


def whole(build, lives, daemon=None):
    s = Set(build, daemon=daemon)
    s.load(WARM)
    s.settled(WARM)
    out = s.measured_lives(lives, first=WARM)
    s.stop()
    return out


def run(build, lives, rows):
    """
    In turn, since others on the machine slow down the one or the other, and the fastest of each; the least CPU of each, for the same
    reason. The append-only file of both grows from nothing, and is not rewritten, which would take a core from one of them only.
    """
    with tempfile.TemporaryDirectory(prefix="otpgwd-bench.") as d:
        recorded, straight, wholes = Recorded(build, lives, d), [], []
        for _ in range(RUNS):
            straight += [replayed(build, recorded, lives, window) for window in WINDOWS]
            wholes.append(whole(build, lives))
    for name, runs in (("ceiling", straight), ("life", wholes)):
        rows[name] = dict(max(runs, key=lambda r: r["lives_per_s"]))
        rows[name].update({key: min(r[key] for r in runs) for key in rows[name] if key.endswith("_cpu_us")})
    rows["ceiling"]["lives"] = lives


def limits(rows):
    return {"1 whole lives, and CPU in 4": rows["life"]["limit"], "1 straight to Redis": rows["ceiling"]["limit"]}


def lines(rows):
    life, ceiling = rows["life"], rows["ceiling"]
    out = [Line("1", "whole lives through the daemon", life["lives_per_s"], "lives/s"),
           Line("1", "the same commands straight to Redis", ceiling["lives_per_s"], "lives/s"),
           Line("1", "whole lives / ceiling", life["lives_per_s"] / ceiling["lives_per_s"], "", (">=", 0.9)),
           Line("1", "CPU of redis-server per life, whole / ceiling", life["redis_cpu_us"] / ceiling["redis_cpu_us"]),
           Line("1", "Redis commands per life", ceiling["commands"] / ceiling["lives"], "commands"),
           Line("4", "CPU of the daemon per life", life["daemon_cpu_us"], "us"),
           Line("4", "CPU of redis-server per life", life["redis_cpu_us"], "us"),
           Line("4", "CPU of daemon / of redis-server", life["daemon_cpu_us"] / life["redis_cpu_us"])]
    if life["again"]:
        out.append(Line("1", "requests answered OVERLOADED and asked again", life["again"], "requests"))
    return out


def both_cpu_us(run):
    return run["daemon_cpu_us"] + run["redis_cpu_us"]


def run_beside(build, other, lives, rows):
    """This build and the other one in turn; medians, so that one turn that was disturbed does not count."""
    turns = [(whole(build, lives), whole(build, lives, daemon=other)) for _ in range(RUNS)]
    rows["beside"] = {"other": os.path.abspath(other), "limit": {}}
    for i, name in enumerate(("this", "other_build")):
        runs = [turn[i] for turn in turns]
        rows["beside"][name] = {"lives_per_s": median([r["lives_per_s"] for r in runs]), "cpu_us": median([both_cpu_us(r) for r in runs]),
                                "daemon_cpu_us": median([r["daemon_cpu_us"] for r in runs]),
                                "redis_cpu_us": median([r["redis_cpu_us"] for r in runs])}
        rows["beside"]["limit"][name] = runs[0]["limit"]


def lines_beside(rows):
    this, other = rows["beside"]["this"], rows["beside"]["other_build"]
    out = []
    for key, what, unit in (("lives_per_s", "whole lives", "lives/s"), ("daemon_cpu_us", "CPU of the daemon per life", "us"),
                            ("redis_cpu_us", "CPU of redis-server per life", "us")):
        out += [Line("9", f"{what}, this build", this[key], unit), Line("9", f"{what}, the other build", other[key], unit)]
    out += [Line("9", "whole lives, this / other", this["lives_per_s"] / other["lives_per_s"]),
            Line("9", "CPU of both per life, this / other", this["cpu_us"] / other["cpu_us"], "", ("<=", 0.65))]
    if "other_redis" in rows.get("counted", {}):
        c = rows["counted"]
        out += [Line("9", "instructions of redis-server per life, this / other", c["redis"] / c["other_redis"], exact=True),
                Line("9", "instructions of the daemon per life, this / other", c["daemon"] / c["other_daemon"], exact=True)]
    return out


def limits_beside(rows):
    names = {"this": "this build", "other_build": "the other build"}
    return {f"9 {names[name]}": limit for name, limit in rows["beside"]["limit"].items()}
