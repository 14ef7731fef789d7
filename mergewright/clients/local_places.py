"""Where a folder forge keeps what belongs to a repository."""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from mergewright.clients.documents import file_errors, utc_now
from mergewright.errors import NotFound, Rejected, SettingInvalid

_SCP_ADDRESS = re.compile(r"(?:[^/@:]+@)?(?P<host>[^/:@]+):(?P<path>.+)")
_MAX_SLUG_CHARACTERS = 60


class LocalPlaces:
    """Folders of pull requests.

    Those of the repository `/x/name` or `/x/name.git` are in `/x/name.pulls`.

    Args:
        folder: Where pull requests of all repositories are kept instead.
        fallback: Where those of a repository that is a URL are kept when there is no folder.
        clock: Tells the instant that a pull request carries.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        fallback: Path | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.folder = folder.expanduser().absolute() if folder else None
        self.fallback = fallback.expanduser().absolute() if fallback else None
        self.clock = clock

    def pulls_folder(self, repository: str) -> Path:
        """Return the folder of a repository's pull requests, which need not exist yet.

        Raises:
            NotFound: There is no such local repository.
            AccessDenied: The repository may not be read.
            Rejected: The repository's name is of no use.
            ServiceUnavailable: The disk failed.
            SettingInvalid: The repository is a URL and this forge has no folder.
        """
        local = _local_path(repository)
        if local is not None:
            with file_errors(local, "read"):
                local = local.resolve()
                if not local.is_dir() or not local.name:
                    raise NotFound(
                        f"There is no repository at {str(local)!r}.",
                        hint="Name the folder of a git repository, or its URL.",
                    )
        address = str(local) if local is not None else _public(repository)
        name = re.sub(r"(?:\.git)?/*$", "", address).rpartition("/")[2].rpartition(":")[2]
        folder = self.folder if local is not None else self.folder or self.fallback
        if folder is not None:
            digest = hashlib.sha256(address.encode("utf-8", "replace")).hexdigest()[:8]
            return folder / f"{slug(name)}-{digest}.pulls"
        if local is None:
            raise SettingInvalid(
                f"Pull requests of {address!r} have no place: the local forge has no folder.",
                hint="Set the local forge's folder, or choose the code host of this URL.",
            )
        return local.parent / f"{name}.pulls"


def _local_path(repository: str) -> Path | None:
    """Return the path that a repository is at; None when it is elsewhere."""
    if not repository or "\0" in repository:
        raise Rejected(f"{repository!r} is no repository.", hint="Name its folder or its URL.")
    parts = urlsplit(repository) if "://" in repository else None
    if parts is not None:
        local = parts.scheme == "file" and parts.netloc in {"", "localhost"}
        return _work_folder(Path(unquote(parts.path))) if local else None
    path = Path(repository).expanduser()
    with file_errors(path, "read"):
        if _SCP_ADDRESS.fullmatch(repository) and not path.exists():
            return None
    return _work_folder(path.absolute())


def _work_folder(path: Path) -> Path:
    return path.parent if path.name == ".git" else path


def _public(url: str) -> str:
    """Return a URL without user, password, query and `.git`: the same for all who use it."""
    if "://" not in url:
        found = _SCP_ADDRESS.fullmatch(url)
        return f"{found['host']}:{found['path']}".rstrip("/").removesuffix(".git") if found else url
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    path = parts.path.rstrip("/").removesuffix(".git")
    return urlunsplit((parts.scheme.lower(), host, path, "", ""))


def slug(name: str) -> str:
    """Return a name as a short part of a file name."""
    short = re.sub(r"[^a-z0-9]+", "-", name.lower())[:_MAX_SLUG_CHARACTERS].strip("-")
    return short or "change"
