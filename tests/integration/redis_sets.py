"""The Redis of a test: one server, a set watched by Sentinels, or a Cluster; started from redis-server itself in the test's folder.

REDIS_SERVER names the server (valkey-server and Redis 7 and 8 will do); its command line client lies beside it.
"""
import os
import shutil
import subprocess

import redis
from process import Process, wait_until
from proxy import Proxy

SERVER = os.environ.get("REDIS_SERVER", "redis-server")


def client_program():
    """redis-cli or valkey-cli, from the folder of the server."""
    folder = os.path.dirname(shutil.which(SERVER) or SERVER)
    names = [os.path.join(folder, n) for n in ("redis-cli", "valkey-cli")]
    return next((n for n in names if os.path.exists(n)), "redis-cli")


CLI = client_program()


class Redis(Process):
    """One server on a Unix socket."""

    def __init__(self, folder):
        self.dir = folder
        self.path = os.path.join(folder, "redis.sock")
        self.proxy = None
        self.argv = [SERVER, "--port", "0", "--unixsocket", self.path, "--save", "", "--appendonly", "yes",
                     "--appendfsync", "everysec", "--maxmemory-policy", "noeviction", "--dir", folder]

    def start(self):
        self.start_process(self.argv, os.path.join(self.dir, "redis.log"))
        wait_until(lambda: self.cli("PING") == "PONG", what="redis-server")

    def restart(self):
        self.kill()
        self.start()

    def cli(self, *words):
        run = subprocess.run([CLI, "-s", self.path, *words], capture_output=True, text=True, timeout=20)
        return run.stdout.strip()

    def connection(self):
        return redis.Redis(unix_socket_path=self.path)

    def keys(self):
        return int(self.cli("DBSIZE"))

    def behind_a_proxy(self):
        self.proxy = Proxy(self.path, self.path + ".proxy")

    def conf(self):
        """Where the daemon finds it: settings of the group redis."""
        return f'socket = "{self.proxy.path if self.proxy else self.path}";'

    def close(self):
        self.kill()
        if self.proxy:
            self.proxy.close()
