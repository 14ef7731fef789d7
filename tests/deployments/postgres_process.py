"""A real PostgreSQL for tests: Debian's program, else that of a package."""

import getpass
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

FIT_USERS = ("postgres", "nobody")


def find_program(name):
    """Return a program of PostgreSQL's; Debian keeps it off the PATH."""
    found = shutil.which(name)
    if found:
        return Path(found).resolve()
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return debian[-1] if debian else None


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class PostgresProcess:
    """A server on a loopback port of its own; PostgreSQL refuses to be run by root."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="mergewright-postgres-"))
        self.port = free_port()
        self._user = None
        if os.geteuid() == 0:
            known = {one.pw_name for one in pwd.getpwall()}
            self._user = next(name for name in FIT_USERS if name in known)
            shutil.chown(self.folder, self._user)

    @property
    def url(self):
        name = self._user or getpass.getuser()
        return f"postgresql+asyncpg://{name}@127.0.0.1:{self.port}/postgres"

    def start(self):
        data = self.folder / "data"
        self._run("initdb", "--pgdata", data, "--auth", "trust", "--no-sync")
        options = f"-p {self.port} -h 127.0.0.1 -k {self.folder}"
        log = self.folder / "log"
        self._run("pg_ctl", "start", "--wait", "--pgdata", data, "--options", options, "--log", log)
        return self

    def stop(self):
        self._run("pg_ctl", "stop", "--mode", "immediate", "--pgdata", self.folder / "data")
        shutil.rmtree(self.folder)

    def _run(self, program, *words):
        # a file: what pg_ctl starts would keep a pipe open
        with (self.folder.parent / f"{self.folder.name}.out").open("w+b") as output:
            done = subprocess.run(
                [find_program(program), *map(str, words)], user=self._user, cwd=self.folder,
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}, check=False, timeout=60,
            )  # fmt: skip
            output.seek(0)
            told = output.read().decode(errors="replace")
        Path(output.name).unlink()
        assert done.returncode == 0, f"{program}: {told}"


def started_or_skipped():
    if find_program("initdb") is None:
        pytest.skip("no PostgreSQL: apt-get install postgresql")
    return PostgresProcess().start()
