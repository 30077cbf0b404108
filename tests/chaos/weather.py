"""What lies between the daemons and their servers, when --proxy asks for it: always slow, and worse now and then.

"latency=50,jitter=20,pieces=1" hold all the time; "reset=5000" and "hole=800" strike every few seconds: a connection ends
after so many octets, nothing passes for so many milliseconds.
"""
import threading
import time

ALWAYS, STRIKES = ("latency", "jitter", "pieces"), ("reset", "hole")


def read(words):
    faults = {name: float(value) for name, _, value in (word.partition("=") for word in words.split(",") if word)}
    unknown = set(faults) - set(ALWAYS + STRIKES)
    if unknown:
        raise ValueError(f"no such fault: {', '.join(sorted(unknown))}; there are {', '.join(ALWAYS + STRIKES)}")
    return faults


class Weather(threading.Thread):
    def __init__(self, world, words, rng):
        super().__init__(daemon=True)
        self.world, self.rng, self.faults = world, rng, read(words)
        self.ended = threading.Event()
        for proxy in world.proxies:
            proxy.latency(self.faults.get("latency", 0), self.faults.get("jitter", 0))
            proxy.pieces(int(self.faults.get("pieces", 0)))
        self.start()

    def run(self):
        strikes = [name for name in STRIKES if name in self.faults]
        while strikes and not self.ended.wait(self.rng.uniform(2, 4)):
            getattr(self, self.rng.choice(strikes))(self.rng.choice(self.world.proxies))

    def reset(self, proxy):
        self.world.history.add("doubt", why="reset")
        proxy.reset(1 + int(self.rng.random() * self.faults["reset"]), self.rng.choice(["request", "reply"]))

    def hole(self, proxy):
        for name in self.world.instances:  # each of them has a window behind it, and marks before it
            self.world.history.add("doubt", why="hole", at=name)
        proxy.black_hole()
        time.sleep(self.faults["hole"] / 1000)
        proxy.call(proxy.flowing.set)

    def close(self):
        """It clears up: what was owed can be counted."""
        self.ended.set()
        self.join()
        for proxy in self.world.proxies:
            proxy.heal()
