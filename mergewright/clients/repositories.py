"""Where a repository is, and how git may talk to it."""

import re
import tempfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, TypeVar
from urllib.parse import SplitResult, unquote, urlsplit

from mergewright.clients.breaker import call_with_retries
from mergewright.clients.git import Credential, Git
from mergewright.clients.git_errors import without_userinfo
from mergewright.errors import AccessDenied, NotFound, SettingInvalid

T = TypeVar("T")

LOOK_TIMEOUT_SECONDS = 60.0

_HELPER = re.compile(r"^[A-Za-z0-9.+-]+::")
_SSH_SHORTHAND = re.compile(
    r"^(?P<user>[\w.-]+@)?(?P<host>[A-Za-z0-9][\w.-]*):(?P<path>[^/-].*|/.*)$"
)
_BUNDLE_HEADER = re.compile(rb"^# v[23] git bundle\n")
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_FORMS = "Give a folder, a bundle file, or an https://, ssh:// or file:// address."


class Kind(StrEnum):
    """What sort of repository it is."""

    CLONE = "clone"
    """A folder with a working tree."""
    BARE = "bare"
    BUNDLE = "bundle"
    REMOTE = "remote"


class Location(NamedTuple):
    """Where a repository is."""

    address: str
    """What git is given: an absolute path or a URL without credentials."""
    kind: Kind
    host: str = ""

    @property
    def name(self) -> str:
        """The last part of the address, fit for a file name."""
        last = re.split(r"[/:]", self.address.rstrip("/"))[-1]
        for ending in (".git", ".bundle"):
            last = last.removesuffix(ending)
        return re.sub(r"[^\w.-]", "-", last, flags=re.ASCII).strip(".-")[:60] or "repository"


def locate(repository: str) -> Location:
    """Read a path or URL as a person gives it.

    Raises:
        SettingInvalid: It is of no form that is supported, or carries a credential.
        NotFound: There is no repository at this path.
        AccessDenied: The path may not be read.
    """
    shown = without_userinfo(repository)
    if not repository or repository.startswith("-") or not repository.isprintable():
        raise SettingInvalid(f"{shown!r} is no path or address of a repository.", hint=_FORMS)
    if _HELPER.match(repository):
        raise SettingInvalid(
            f"{shown!r} names a program that git would run to reach the repository.", hint=_FORMS
        )
    if "://" in repository:
        return _from_url(repository, shown)
    shorthand = _SSH_SHORTHAND.match(repository)
    if shorthand and not Path(repository).exists():
        return Location(repository, Kind.REMOTE, shorthand["host"])
    return _from_path(Path(repository).expanduser(), shown)


def contact(
    location: Location,
    work: Callable[[Git], T],
    *,
    credential: Credential | None = None,
    lock: int | None = None,
    timeout_seconds: float = LOOK_TIMEOUT_SECONDS,
) -> T:
    """Let `work` talk to a repository; over a network with retries, behind its host's circuit.

    Args:
        location: The repository.
        work: What to do with git; safe to repeat.
        credential: What to show the host.
        lock: Descriptor of a file lock that git holds too.
        timeout_seconds: How long each git process may take.

    Raises:
        SettingInvalid: The credential would travel in the clear.
        MergewrightError: Whatever `work` raises.
    """

    def attempt() -> T:
        with _connection(location, credential, lock, timeout_seconds) as git:
            return work(git)

    if location.kind is not Kind.REMOTE:
        return attempt()
    return call_with_retries(attempt, service="git", host=location.host, safe_to_repeat=True)


def dirty_paths(repository: str) -> tuple[str, ...]:
    """Return what is changed and not committed in a clone given by its path; else nothing.

    Files that git does not track do not count: a ticket or a note may lie there. The person's own git configuration decides what counts, as for their own `git status`.

    Raises:
        NotFound: There is no repository at this path.
        SettingInvalid: The repository is given in a form that is not supported.
        AccessDenied: The path may not be read.
    """
    location = locate(repository)
    if "://" in repository or location.kind is not Kind.CLONE:
        return ()
    git = Git(
        subject=location.address,
        variables={
            "GIT_DIR": str(Path(location.address) / ".git"),
            "GIT_WORK_TREE": location.address,
        },
        folder=Path(location.address),
        own_configuration=True,
    )
    listing = git.run(
        "status",
        "--porcelain=v1",
        "-z",
        "--no-renames",
        "--untracked-files=no",
        "--ignore-submodules=dirty",
    )
    entries = listing.decode(errors="backslashreplace").split("\0")
    return tuple(entry[3:] for entry in entries if entry)


def _from_url(repository: str, shown: str) -> Location:
    try:
        parts = urlsplit(repository)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise SettingInvalid(f"{shown!r} is no URL: {error}.", hint=_FORMS) from error
    if parts.scheme == "file":
        return _from_path(Path(unquote(parts.path)), shown)
    if parts.scheme not in {"http", "https", "ssh"} or not host or host.startswith("-"):
        raise SettingInvalid(f"{shown!r} is no address that can be used.", hint=_FORMS)
    if _carries_secret(parts):
        raise SettingInvalid(
            f"The address {shown!r} carries a credential.",
            hint="Take it out, and keep the token in the profile's GitHub credentials.",
        )
    return Location(repository.rstrip("/"), Kind.REMOTE, f"{host}:{port}" if port else host)


def _carries_secret(parts: SplitResult) -> bool:
    return parts.password is not None or (parts.username is not None and parts.scheme != "ssh")


def _from_path(path: Path, shown: str) -> Location:
    try:
        resolved = path.resolve()
        kind = _kind_of(resolved)
    except (PermissionError, RuntimeError) as error:
        raise AccessDenied(
            f"The repository {shown!r} may not be read.", hint="Check who owns the folder."
        ) from error
    if kind is None:
        raise NotFound(f"There is no git repository at {shown!r}.", hint=_way_out(resolved))
    is_inside = kind is Kind.CLONE and resolved.name == ".git"
    return Location(str(resolved.parent if is_inside else resolved), kind)


def _kind_of(path: Path) -> Kind | None:
    if (path / ".git").exists():
        return Kind.CLONE
    if (path / "HEAD").is_file() and (path / "objects").is_dir() and (path / "refs").is_dir():
        return Kind.CLONE if path.name == ".git" else Kind.BARE
    if path.is_file():
        with path.open("rb") as file:
            return Kind.BUNDLE if _BUNDLE_HEADER.match(file.read(20)) else None
    return None


def _way_out(path: Path) -> str:
    around = next((folder for folder in path.parents if (folder / ".git").exists()), None)
    if around is not None:
        return f"It lies inside the repository {str(around)!r}: name that one."
    if path.is_dir():
        return f"Run `git init` and make a first commit there, or: {_FORMS}"
    return f"Check the spelling. {_FORMS}"


@contextmanager
def _connection(
    location: Location, credential: Credential | None, lock: int | None, timeout_seconds: float
) -> Iterator[Git]:
    git = Git(
        subject=location.address,
        settings=_authorisation(location, credential),
        lock=lock,
        timeout_seconds=timeout_seconds,
    )
    if location.kind is Kind.REMOTE:
        yield git
        return
    with tempfile.NamedTemporaryFile("w", prefix="mergewright-", suffix=".gitconfig") as file:
        file.write(_server_configuration(Path(location.address)))
        file.flush()
        yield git.aimed(GIT_CONFIG_GLOBAL=file.name)


def _authorisation(
    location: Location, credential: Credential | None
) -> tuple[tuple[str, str], ...]:
    if credential is None or location.kind is not Kind.REMOTE:
        return ()
    prefix = urlsplit(credential.url_prefix)
    if prefix.scheme != "https" and prefix.hostname not in _LOOPBACK:
        raise SettingInvalid(
            f"A token for {without_userinfo(credential.url_prefix)!r} would travel in the clear.",
            hint="Use an https:// address.",
        )
    return (
        (f"http.{credential.url_prefix}.extraHeader", _basic_header(credential)),
        # After a redirect git sends the extra header to the new host as well.
        ("http.followRedirects", "false"),
    )


def _basic_header(credential: Credential) -> str:
    pair = f"x-access-token:{credential.token.get_secret_value()}"
    return f"Authorization: Basic {b64encode(pair.encode()).decode()}"


def _server_configuration(path: Path) -> str:
    """Return what the git on the other side of a local path goes by.

    That git sees no `GIT_CONFIG_COUNT`. The repository is read whoever owns it, and not packed
    afresh behind its owner's back.
    """
    places = {path, path / ".git", _git_folder(path)}
    quoted = (str(place).replace("\\", "\\\\").replace('"', '\\"') for place in sorted(places))
    safe = "".join(f'\tdirectory = "{place}"\n' for place in quoted)
    quiet = "[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n[receive]\n\tautogc = false\n"
    return f"[safe]\n{safe}{quiet}"


def _git_folder(path: Path) -> Path:
    """Return the git folder of a clone, also where `.git` is a file that points to it."""
    pointer = path / ".git"
    if not pointer.is_file():
        return pointer
    text = pointer.read_text(errors="replace").strip().removeprefix("gitdir:").strip()
    return (path / text).resolve()
