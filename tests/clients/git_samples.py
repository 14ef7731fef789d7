"""Small real repositories, and a real git server on loopback."""

import atexit
import base64
import contextlib
import functools
import http.server
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "LC_ALL": "C",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "Ann",
    "GIT_AUTHOR_EMAIL": "ann@example.org",
    "GIT_COMMITTER_NAME": "Ann",
    "GIT_COMMITTER_EMAIL": "ann@example.org",
}


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> str:
    finished = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=ENVIRONMENT,
        input=stdin,
        capture_output=True,
        check=True,
    )
    return finished.stdout.decode().strip()


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


FILES = {
    "readme.md": b"# sample\n",
    "src/app.py": b"print('hello')\n" * 10,
    "src/with space.txt": b"one\r\ntwo\r\n",
    "src/caf\u00e9/\u65e5\u672c.txt": "gr\u00fc\u00df\n".encode(),
    "logo.bin": bytes(range(256)),
    ".gitignore": b"*.log\nbuild/\n",
}


@functools.cache
def _template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="mergewright-sample-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    git(folder, "init", "--quiet", "--initial-branch=main", "--template=", "clone")
    write(folder / "clone", FILES)
    git(folder / "clone", "add", "--all")
    git(folder / "clone", "commit", "--quiet", "--message=first")
    git(folder / "clone", "branch", "develop")
    git(folder, "clone", "--quiet", "--bare", "--template=", "clone", "bare")
    return folder


def make_clone(folder: Path) -> Path:
    """A clone on branch main with one commit, and a second branch; always the same commit."""
    shutil.copytree(_template() / "clone", folder)
    return folder


def make_bare(folder: Path) -> Path:
    """The same as a bare repository."""
    shutil.copytree(_template() / "bare", folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder except git's own, links as their targets."""
    found = {}
    for parent, names, files in os.walk(folder):
        if ".git" in names:
            names.remove(".git")
        for name in files:
            path = Path(parent) / name
            relative = path.relative_to(folder).as_posix()
            if relative != ".git":
                link = path.is_symlink()
                found[relative] = bytes(path.readlink()) if link else path.read_bytes()
    return found


def everything(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file below a folder, git's own included, with its time of change."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


class _Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named so above
        """Say nothing."""

    @property
    def git_server(self) -> "GitServer":
        assert isinstance(self.server, GitServer)
        return self.server

    def do_GET(self) -> None:
        self.answer(b"")

    def do_POST(self) -> None:
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(body)

    def answer(self, body: bytes) -> None:
        self.git_server.requests.append((self.path, self.headers.get("Authorization")))
        self.git_server.pause.wait(self.git_server.delay_seconds)
        if self.git_server.fault is not None:
            self.send_response(self.git_server.fault)
            for name, value in self.git_server.fault_headers.items():
                self.send_header(name, value)
            self.end_headers()
        elif self.git_server.token and not self._is_authorised():
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.end_headers()
        else:
            self._run_backend(body)

    def _is_authorised(self) -> bool:
        expected = base64.b64encode(f"x-access-token:{self.git_server.token}".encode()).decode()
        return self.headers.get("Authorization") == f"Basic {expected}"

    def _run_backend(self, body: bytes) -> None:
        path, _, query = self.path.partition("?")
        variables = {
            **ENVIRONMENT,
            "GIT_PROJECT_ROOT": str(self.git_server.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "REMOTE_USER": "somebody",
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        finished = subprocess.run(
            ["git", "http-backend"], env=variables, input=body, capture_output=True, check=False
        )
        head, _, content = finished.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if line)
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


class GitServer(http.server.ThreadingHTTPServer):
    """`git http-backend` with Basic auth, and faults to order."""

    daemon_threads = True

    def __init__(self, root: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.root = root
        self.token = ""
        self.fault: int | None = None
        self.fault_headers: dict[str, str] = {}
        self.delay_seconds = 0.0
        self.pause = threading.Event()
        self.requests: list[tuple[str, str | None]] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing about clients that were killed."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextlib.contextmanager
def serving(root: Path) -> Iterator[GitServer]:
    with GitServer(root) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.pause.set()
            server.shutdown()
            thread.join()
