"""Running the git binary: a closed environment, a time limit, typed errors and no secret in sight.

No configuration but ours is read, no hook is run, and no variable of the outer environment decides
which repository is meant: this process may itself run inside a git hook. Settings and tokens travel
in `GIT_CONFIG_COUNT`, never in arguments or files.

Source: https://git-scm.com/docs/git-config (GIT_CONFIG_COUNT since git 2.31), read 2026-11-20.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pydantic import SecretStr

from mergewright.clients.git_errors import error_of
from mergewright.errors import (
    AccessDenied,
    NotFound,
    ServiceUnavailable,
    SettingInvalid,
    StoreFailed,
)

LOCAL_TIMEOUT_SECONDS = 300.0

# fmt: off
_INHERITED = (
    "PATH", "HOME", "TMPDIR", "XDG_CONFIG_HOME", "SSH_AUTH_SOCK", "GIT_SSH_COMMAND",
    "GIT_CONFIG_GLOBAL", "http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTPS_PROXY",
    "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "CURL_CA_BUNDLE",
)
# fmt: on

_VARIABLES = {
    "LC_ALL": "C",
    "GIT_DIR": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_ALLOW_PROTOCOL": "file:http:https:ssh",
}
_SETTINGS = (
    ("core.hooksPath", os.devnull),
    ("core.fsmonitor", "false"),
    ("core.quotePath", "false"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("advice.detachedHead", "false"),
    ("http.lowSpeedLimit", "1000"),
    ("http.lowSpeedTime", "60"),
)

# git reads ~/.config/git/ignore and attributes even where GIT_CONFIG_GLOBAL is /dev/null.
_ISOLATING_VARIABLES = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
}
_ISOLATING_SETTINGS = (
    ("core.excludesFile", os.devnull),
    ("core.attributesFile", os.devnull),
    ("core.autocrlf", "false"),
)


class Credential(NamedTuple):
    """A token, and where it may be sent."""

    url_prefix: str
    """`https://github.com/`; the token goes to no address that begins otherwise."""
    token: SecretStr


class Finished(NamedTuple):
    """How a git process ended."""

    exit_code: int
    output: bytes
    stderr: str


@dataclass(frozen=True, slots=True)
class Git:
    """The git binary, aimed at something."""

    subject: str
    """What error messages name, without credentials."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """`GIT_DIR` and the like; without one there is no repository."""
    settings: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Configuration of this process only; may hold a token."""
    folder: Path = Path("/")
    lock: int | None = None
    """Descriptor of a file lock that git holds too, for as long as it runs."""
    own_configuration: bool = False
    """Read the person's own git configuration, as their git would."""
    timeout_seconds: float = LOCAL_TIMEOUT_SECONDS

    def aimed(self, **variables: str) -> "Git":
        """Return the same with more variables."""
        return replace(self, variables={**self.variables, **variables})

    def run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Run git and return what it printed.

        Raises:
            MergewrightError: As `git_errors` translates what git complained about.
            ServiceUnavailable: It took too long and was killed.
            SettingInvalid: git is not installed.
        """
        finished = self.attempt(*arguments, stdin=stdin)
        if finished.exit_code != 0:
            raise error_of(finished.stderr, command=arguments[0], subject=self.subject)
        return finished.output

    def line(self, *arguments: str, stdin: bytes = b"") -> str:
        """Run git and return the one line it printed.

        Raises:
            MergewrightError: As `run`.
        """
        return self.run(*arguments, stdin=stdin).decode(errors="replace").strip()

    def attempt(self, *arguments: str, stdin: bytes = b"") -> Finished:
        """Run git and return how it ended, well or not.

        Raises:
            ServiceUnavailable: It was killed, or took too long and was killed with all it started.
            SettingInvalid: git is not installed.
        """
        with self.process(*arguments) as process:
            try:
                output, stderr = process.communicate(stdin, timeout=self.timeout_seconds)
            except subprocess.TimeoutExpired as error:
                raise ServiceUnavailable(
                    f"git {arguments[0]} for {self.subject!r} took more than "
                    f"{self.timeout_seconds:g} s and was stopped.",
                    hint="Look whether the service or disk answers, then start the run again.",
                ) from error
        if process.returncode < 0:
            raise ServiceUnavailable(
                f"git {arguments[0]} for {self.subject!r} was killed by signal "
                f"{-process.returncode}.",
                hint="Look whether the machine ran out of memory, then start the run again.",
            )
        return Finished(process.returncode, output, stderr.decode(errors="replace"))

    @contextlib.contextmanager
    def process(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """Start git with pipes; what is still running when the block fails is killed.

        Raises:
            SettingInvalid: git is not installed.
            NotFound: The folder to run in is gone.
            AccessDenied: The folder may not be entered.
        """
        try:
            process = subprocess.Popen(
                [_binary(), *arguments],
                cwd=self.folder,
                env=self._environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                pass_fds=() if self.lock is None else (self.lock,),
            )
        except (FileNotFoundError, NotADirectoryError) as error:
            raise NotFound(f"The folder {str(self.folder)!r} does not exist.") from error
        except PermissionError as error:
            raise AccessDenied(f"The folder {str(self.folder)!r} may not be entered.") from error
        with process:
            try:
                yield process
            except BaseException:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                raise

    def _environment(self) -> dict[str, str]:
        outer = os.environ  # noqa: TID251 - what a child process inherits is not configuration
        environment = {name: outer[name] for name in _INHERITED if name in outer}
        environment.setdefault("GIT_SSH_COMMAND", "ssh -oBatchMode=yes -oConnectTimeout=20")
        environment |= _VARIABLES
        settings = (*_SETTINGS, *self.settings)
        if not self.own_configuration:
            environment |= _ISOLATING_VARIABLES
            settings = (*_ISOLATING_SETTINGS, *settings)
        environment |= self.variables
        environment["GIT_CONFIG_COUNT"] = str(len(settings))
        for number, (name, value) in enumerate(settings):
            environment[f"GIT_CONFIG_KEY_{number}"] = name
            environment[f"GIT_CONFIG_VALUE_{number}"] = value
        return environment


def git_in(mirror: Path) -> Git:
    """Return git aimed at a bare repository of ours."""
    return Git(subject=str(mirror), variables={"GIT_DIR": str(mirror)})


@contextlib.contextmanager
def scratch_index(git: Git, *, seed: Path | None = None) -> Iterator[Git]:
    """Give git an index of its own for a while: empty, or a copy of `seed`.

    Raises:
        StoreFailed: The disk is full.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix="mergewright-index-"))
        if seed is not None:
            # With its times: by them git knows which files may have changed unnoticed.
            shutil.copy2(seed, folder / "index")
    except OSError as error:
        raise StoreFailed(
            f"The folder for temporary files cannot be written: {error.strerror}.",
            hint="Free space on the disk, then start the same run again.",
        ) from error
    try:
        yield git.aimed(GIT_INDEX_FILE=str(folder / "index"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def require_branch_name(branch: str) -> None:
    """Refuse a name that git would not take for a branch, or would read as something else.

    Raises:
        SettingInvalid: The name is none.
    """
    git = Git(subject=branch)
    well_formed = not branch.startswith("-") and branch != "HEAD" and branch.isprintable()
    if not well_formed or git.attempt("check-ref-format", f"refs/heads/{branch}").exit_code != 0:
        raise SettingInvalid(
            f"{branch!r} is no branch name that git accepts.",
            hint="Use letters, digits, '-', '_', '.' and '/', as in 'feature/abc-1-short-words'.",
        )


@cache
def _binary() -> str:
    path = shutil.which("git")
    if path is None:
        raise SettingInvalid(
            "git is not installed, or not on the PATH.", hint="Install git 2.38 or later."
        )
    return path
