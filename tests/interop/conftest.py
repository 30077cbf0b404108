"""The fixtures of tests/integration, and the runner of scripts in Node."""
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


class Script:
    """A Node script that prints one JSON object a line."""

    def __init__(self, *argv):
        assert shutil.which("node"), "node is not installed"
        self.proc = subprocess.Popen(["node", *argv], cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
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

    def run(*argv):
        scripts.append(Script(*argv))
        return scripts[-1]

    yield run
    for script in scripts:
        script.end()
