"""A redis-server of the session's own on a Unix socket, and `store`: the embedded library over an empty data set."""
import os
import shutil
import subprocess
import sys
import tempfile

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../integration")]
from fixtures import bounded, pytest_configure  # noqa: E402,F401
from scripts import Store, connect, embedded  # noqa: E402

@pytest.fixture(scope="session")
def socket_path():
    folder = tempfile.mkdtemp(prefix="lua-")
    path = os.path.join(folder, "redis.sock")
    server = subprocess.Popen(
        ["redis-server", "--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no", "--dir", folder],
        stdout=subprocess.PIPE, text=True)
    for line in server.stdout:
        if "ready to accept connections" in line.lower() and os.path.exists(path):
            break
    yield path
    server.kill()
    server.stdout.close()
    server.wait()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def library():
    return embedded()


@pytest.fixture
def store(socket_path, library):
    r = connect(socket_path)
    r.flushall()
    yield Store(r, library)
    r.close()
