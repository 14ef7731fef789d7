"""Mirrors: bare copies that all runs on a repository share, so that nobody's clone is written to.

The refspec keeps the origin's branches apart from ours, or pruning would delete what runs work on;
nothing is ever collected as garbage, because recorded trees hang on no branch.
"""

import hashlib
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from mergewright.clients.git import Credential, Git, git_in, require_branch_name
from mergewright.clients.locks import file_lock
from mergewright.clients.repositories import Location, contact, locate
from mergewright.errors import NotFound, StoreFailed

FETCH_TIMEOUT_SECONDS = 900.0
LOCK_TIMEOUT_SECONDS = 1200.0
SHOWN_BRANCHES = 20

_REFSPECS = ("+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")
_FETCH_OPTIONS = (
    "--quiet",
    "--prune",
    "--no-tags",
    "--no-recurse-submodules",
    "--no-write-fetch-head",
    "--no-auto-maintenance",
    "--update-shallow",
)
_STALE_SECONDS = 3600


@contextmanager
def mirror_lock(mirror: Path) -> Iterator[int]:
    """Hold a mirror for a change of its refs or worktrees; yield the lock's descriptor.

    Raises:
        NotFound: There is no such mirror.
        ServiceUnavailable: Another process does not let go of it.
        StoreFailed: The disk cannot be written.
    """
    if not (mirror / "HEAD").is_file():
        raise NotFound(
            f"There is no mirror at {str(mirror)!r}.", hint="Start the run again to fetch it anew."
        )
    with file_lock(mirror / "mergewright.flock", timeout_seconds=LOCK_TIMEOUT_SECONDS) as lock:
        yield lock


def ensure_mirror(
    repository: str,
    folder: Path,
    *,
    credential: Credential | None = None,
    timeout_seconds: float = FETCH_TIMEOUT_SECONDS,
) -> Path:
    """Make or refresh the mirror of a repository and return where it is.

    Args:
        repository: Path of a clone, bare repository or bundle file; or a URL.
        folder: Where mirrors are kept; the mirror is a folder in it.
        credential: For a private repository.
        timeout_seconds: How long one fetch may take.

    Raises:
        NotFound: There is no such repository, or it has no commits.
        SettingInvalid: The repository is given in a form that is not supported.
        AccessDenied: The repository refuses the credential.
        ServiceUnavailable: It does not answer.
        RateLimited: It asks to wait.
        Rejected: It is broken, or a bundle without its history.
        StoreFailed: The disk is full or may not be written.
    """
    location = locate(repository)
    mirror = _create(location, folder.resolve())
    with mirror_lock(mirror) as lock:
        _clear_leftovers(mirror)

        def fetch(git: Git) -> None:
            aimed = git.aimed(GIT_DIR=str(mirror))
            aimed.run("fetch", *_FETCH_OPTIONS, "--", location.address, *_REFSPECS)

        contact(location, fetch, credential=credential, lock=lock, timeout_seconds=timeout_seconds)
    if not remote_branches(mirror):
        raise NotFound(
            f"The repository {location.address!r} has no commits on any branch.",
            hint="Make a first commit there, then start again.",
        )
    return mirror


def find_mirror(repository: str, folder: Path) -> Path:
    """Return the mirror that a repository has already, whether or not it can be reached now.

    Raises:
        NotFound: The repository has no mirror.
        SettingInvalid: The repository is given in a form that is not supported.
    """
    try:
        address = locate(repository).address
    except NotFound:
        address = str(Path(repository).resolve())
    found = sorted(folder.resolve().glob(f"*-{_digest(address)}.git"))
    if not found:
        raise NotFound(
            f"There is no mirror of {repository!r} in {str(folder)!r}.",
            hint="It is where the run was made: use the same MERGEWRIGHT_HOME.",
        )
    return found[0]


def remote_branches(mirror: Path) -> tuple[str, ...]:
    """Return the branches of the origin as of the last fetch, by name.

    Raises:
        NotFound: There is no such mirror.
    """
    names = git_in(mirror).run(
        "for-each-ref", "--format=%(refname:lstrip=3)", "refs/remotes/origin"
    )
    return tuple(names.decode(errors="backslashreplace").splitlines())


def resolve_base(mirror: Path, base: str) -> str:
    """Return the commit of a branch, or of a tag if no branch has this name.

    Raises:
        NotFound: The origin has neither; the hint lists its branches.
        SettingInvalid: The name cannot be one.
    """
    require_branch_name(base)
    git = git_in(mirror)
    for place in ("refs/remotes/origin", "refs/tags"):
        found = git.attempt("rev-parse", "--verify", "--quiet", f"{place}/{base}^{{commit}}")
        if found.exit_code == 0:
            return found.output.decode().strip()
    raise no_such_base(base, remote_branches(mirror), sought="branch or tag")


def _clear_leftovers(mirror: Path) -> None:
    """Remove what a killed fetch left: its locks, and the packs it had begun.

    Only fetches lock refs, and the mirror's own lock lets in one; packs may also be begun by a run
    that records a huge file just now.
    """
    for lock in (*mirror.glob("*.lock"), *mirror.glob("refs/**/*.lock")):
        lock.unlink(missing_ok=True)
    for pack in mirror.glob("objects/pack/tmp_*"):
        with suppress(FileNotFoundError):
            if time.time() - pack.stat().st_mtime > _STALE_SECONDS:
                pack.unlink()


def _place(location: Location, folder: Path) -> Path:
    return folder / f"{location.name}-{_digest(location.address)}.git"


def _digest(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()[:12]


def _create(location: Location, folder: Path) -> Path:
    mirror = _place(location, folder)
    if mirror.is_dir():
        return mirror
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Made beside and renamed, so that a mirror is there as a whole or not at all.
        with tempfile.TemporaryDirectory(prefix=".new-", dir=folder) as made:
            draft = Path(made) / "mirror.git"
            _initialise(draft, location)
            _rename_unless_there(draft, mirror)
    except OSError as error:
        raise StoreFailed(
            f"The folder of mirrors {str(folder)!r} cannot be written: {error.strerror}.",
            hint="Free space on the disk, or set MERGEWRIGHT_HOME to a folder of yours.",
        ) from error
    return mirror


def _rename_unless_there(draft: Path, mirror: Path) -> None:
    try:
        draft.rename(mirror)
    except OSError:
        if not mirror.is_dir():
            raise


def _initialise(folder: Path, location: Location) -> None:
    git = git_in(folder)
    git.run("init", "--quiet", "--bare", "--template=")
    settings = {
        "gc.auto": "0",
        "maintenance.auto": "false",
        "remote.origin.url": location.address,
        "remote.origin.fetch": _REFSPECS[0],
    }
    for name, value in settings.items():
        git.run("config", name, value)


def no_such_base(base: str, branches: Sequence[str], *, sought: str) -> NotFound:
    """Return the error for a base that is not there, with the branches that are."""
    shown = ", ".join(branches[:SHOWN_BRANCHES])
    more = len(branches) - SHOWN_BRANCHES
    rest = f" and {more} more" if more > 0 else ""
    return NotFound(f"There is no {sought} {base!r}.", hint=f"There are: {shown}{rest}.")
