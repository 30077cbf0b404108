"""smpp_rows: row 2, pool and binds without Redis beside a minimal flooder, against a simulator of their own."""
import os
import signal
import subprocess
import tempfile

from figures import Line, collected, per_item
from limits import Watch
from processes import COUNTED, can_count, ran, text_of, wait_for


def smpp_run(build, name, count, window, *options, wrap=()):
    """flood or pool against a simulator of its own."""
    with tempfile.TemporaryDirectory(prefix="otpgwd-bench.") as d:
        port_file = os.path.join(d, "port")
        smsc = subprocess.Popen([f"{build}/tests/smsc/smsc", "--port-file", port_file, "--system-id", "bench",
                                 "--password", "bench", "--quiet", *options], stdout=subprocess.DEVNULL)
        wait_for(lambda: os.path.exists(port_file) and text_of(port_file).strip(), "the simulator")
        with Watch(simulator=smsc.pid) as watch:
            out = ran([*wrap, f"{build}/tests/bench/{name}", text_of(port_file).strip(), "bench", "bench", str(count), str(window)],
                      watch)
        smsc.send_signal(signal.SIGTERM)
        smsc.wait()
        return {**out, "limit": {**watch.limit(window=window, window_used=window), "asked": True}}


def smpp_both(build, count, window, *options):
    """Pool and flooder in turn, three times; the fastest of each: others on the machine only slow them down."""
    runs = [{name: smpp_run(build, name, count, window, *options) for name in ("flood", "pool")} for _ in range(3)]
    return {name: min((run[name] for run in runs), key=lambda r: r["seconds"]) for name in ("flood", "pool")}


def slow_smsc(build, rows):
    """An SMSC that takes its time: what the window allows, by the pool and by the flooder."""
    rows["slow_smsc"] = []
    for ack in ((), ("--late-ack",)):
        for delay_ms in (10, 20):
            for window in (10, 100):
                count = window * 100
                allowed = window / (delay_ms / 1000)
                runs = smpp_both(build, count, window, "--resp-delay-ms", str(delay_ms), *ack)
                rows["slow_smsc"].append({"what": f"{delay_ms} ms, window {window}{', late acks' if ack else ''}",
                                          **{name: count / run["seconds"] / allowed for name, run in runs.items()}})


def run(build, count, rows):
    """Pool and binds without Redis against a minimal flooder, the same simulator, one bind, window 100."""
    out = smpp_both(build, count, 100)
    rows["smpp"] = {"flood_per_s": count / out["flood"]["seconds"], "pool_per_s": count / out["pool"]["seconds"],
                    "pool_cpu_us": out["pool"]["cpu"] / count * 1e6, "flood_cpu_us": out["flood"]["cpu"] / count * 1e6,
                    "limits": {name: run["limit"] for name, run in out.items()}}
    if can_count():
        counts = [collected(smpp_run(build, "pool", n, 100, wrap=COUNTED)["log"]) for n in (4000, 8000)]
        rows["smpp"]["instructions"] = per_item(*counts, 4000, 8000)
    slow_smsc(build, rows)


def limits(rows):
    """The rows are about a window, always full: 100, or as their name says."""
    smpp = rows["smpp"]["limits"]
    return {"2 flooder": smpp["flood"], "2 pool and binds": smpp["pool"],
            "2 SMSC that takes its time": {"kind": "window", "limit": "window and time to answer, as the row says", "asked": True}}


def lines(rows):
    smpp = rows["smpp"]
    out = [Line("2", "minimal flooder, window 100", smpp["flood_per_s"], "submits/s"),
           Line("2", "pool and binds, window 100", smpp["pool_per_s"], "submits/s"),
           Line("2", "pool / flooder", smpp["pool_per_s"] / smpp["flood_per_s"]),
           Line("2", "CPU per submit with its response", smpp["pool_cpu_us"], "us")]
    if "instructions" in smpp:
        out.append(Line("2", "instructions per submit with its response", smpp["instructions"], "instructions", exact=True))
    for o in rows["slow_smsc"]:
        out += [Line("2", f"pool / what the window allows, {o['what']}", o["pool"]),
                Line("2", f"flooder / what the window allows, {o['what']}", o["flood"])]
    return out
