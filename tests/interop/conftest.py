"""The fixtures of tests/integration, the runner of scripts, and a gateway whose telco is any of them."""
import json
import os
import shutil
import socket
import subprocess
import sys
import threading

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../integration"))
from fixtures import bounded, client, fresh, gw, number, pytest_configure  # noqa: E402,F401
from rig import Daemon, Redis  # noqa: E402
from wire import Tap  # noqa: E402


class Script:
    """A script that prints one JSON object a line."""

    def __init__(self, *argv, by="node"):
        assert shutil.which(by), f"{by} is not installed"
        self.proc = subprocess.Popen([by, *argv], cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE, text=True)

    def line(self):
        text = self.proc.stdout.readline()
        assert text, self.proc.stderr.read()
        return json.loads(text)

    def tell(self, text):
        self.proc.stdin.write(text + "\n")
        self.proc.stdin.flush()

    def rest(self):
        out, err = self.proc.communicate(timeout=30)
        assert self.proc.returncode == 0, out + err
        return [json.loads(text) for text in out.splitlines()]

    def end(self):
        if self.proc.poll() is None:
            self.proc.kill()
        self.proc.communicate()


class Dropping:
    """A proxy that loses the answer to the first OTP.SEND, with its connection."""

    def __init__(self, path, to):
        self.path, self.to, self.answers = path, to, []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(8)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(near,), daemon=True).start()

    def serve(self, near):
        with near, socket.socket(socket.AF_UNIX) as far:
            far.connect(self.to)
            while data := near.recv(65536):
                far.sendall(data)
                answer = far.recv(65536)
                if b"OTP.SEND" in data.upper() and not self.answers:
                    self.answers.append(answer)
                    return
                near.sendall(answer)


@pytest.fixture
def dropping(gw, tmp_path):
    proxy = Dropping(str(tmp_path / "proxy.sock"), gw.daemon.api)
    yield proxy
    proxy.listener.close()


@pytest.fixture
def node():
    scripts = []

    def run(*argv, by="node"):
        scripts.append(Script(*argv, by=by))
        return scripts[-1]

    yield run
    for script in scripts:
        script.end()


@pytest.fixture
def gateway_of(tmp_path):
    """A gateway whose one SMSC listens on this port, with a tap on what they say to each other."""
    made = []

    def start(port, **overrides):
        tap, redis = Tap(port), Redis(str(tmp_path))
        redis.start()
        daemon = Daemon(str(tmp_path), redis, {"main": tap})
        made.append((tap, redis, daemon))
        daemon.run_with(**overrides)
        return tap, daemon

    try:
        yield start
        for _, _, daemon in made:
            assert daemon.stop() == 0 and not daemon.complaints()
    finally:
        for tap, redis, daemon in made:
            daemon.kill()
            redis.kill()
            tap.close()
