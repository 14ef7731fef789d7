"""A worktree as an agent may see it: repository-relative paths, text, nothing behind a link."""

import errno
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from langchain_core.tools import ToolException

from mergewright.errors import WorkError

MAX_FILE_BYTES = 1_000_000
HIDDEN_FOLDERS = frozenset({".git", "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache"})

_MODEL_CAN_ACT = frozenset(
    {
        errno.ENOENT,
        errno.EISDIR,
        errno.ENOTDIR,
        errno.EEXIST,
        errno.ENAMETOOLONG,
        errno.EINVAL,
        errno.ELOOP,
    }
)


@dataclass(frozen=True, slots=True)
class RepositoryFolder:
    """Reads and writes text files below one folder; whatever leads outside is refused."""

    root: Path

    def locate(self, path: str) -> Path:
        """Return where a repository-relative path is on disk.

        Raises:
            ToolException: The path leads out of the repository, into `.git` or through a link.
        """
        parts = PurePosixPath(path.strip()).parts
        if not parts or "\0" in path or path.strip().startswith("/"):
            raise ToolException(f"{path!r} is no path in the repository; write it like 'src/a.py'.")
        if ".." in parts:
            raise ToolException(f"{path!r} leads out of the repository.")
        if any(part.rstrip(". ").lower() == ".git" for part in parts):
            raise ToolException(f"{path!r} belongs to git and is not part of the work.")
        place = self.root
        for part in parts:
            place = place / part
            if place.is_symlink():
                raise ToolException(
                    f"{path!r} goes through a symbolic link, which is not followed."
                )
        return place

    def read_text(self, path: str) -> str:
        """Return a file's text with its line ends as they are.

        Raises:
            ToolException: There is no such file, or it is binary or too large.
            WorkError: The disk fails.
        """
        place = self.locate(path)
        if not place.is_file():
            raise ToolException(f"There is no file {path!r}.{self._near(place)}")
        try:
            if place.stat().st_size > MAX_FILE_BYTES:
                raise ToolException(f"{path!r} is larger than {MAX_FILE_BYTES} bytes.")
            data = place.read_bytes()
        except OSError as error:
            raise _translated(error, f"read {path!r}") from error
        try:
            if b"\0" in data:
                raise ToolException(f"{path!r} is a binary file.")
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ToolException(f"{path!r} is not UTF-8 text.") from error

    def write_text(self, path: str, text: str) -> None:
        """Replace or create a file, keeping the mode of one that exists.

        Raises:
            ToolException: The path is refused, or the text is too large or not encodable.
            WorkError: The disk fails.
        """
        place = self.locate(path)
        try:
            data = text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise ToolException(f"The text for {path!r} is not valid Unicode.") from error
        if len(data) > MAX_FILE_BYTES:
            raise ToolException(f"The text for {path!r} is larger than {MAX_FILE_BYTES} bytes.")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        except OSError as error:
            raise _translated(error, f"write {path!r}") from error

    def read_existing(self, paths: Iterable[str]) -> dict[str, str]:
        """Return the texts of those files that exist.

        Raises:
            ToolException: A path is refused, or one of them is no text file.
            WorkError: The disk fails.
        """
        return {path: self.read_text(path) for path in paths if self.locate(path).exists()}

    def write_all(self, texts: Mapping[str, str | None]) -> None:
        """Replace, create or (without a text) delete files; if one cannot be, none is.

        Raises:
            ToolException: A path is refused, or a text is too large or not encodable.
            WorkError: The disk fails.
        """
        before = self.read_existing(texts)
        done: list[str] = []
        try:
            for path, text in texts.items():
                done.append(path)
                self._put(path, text)
        except (ToolException, WorkError):
            for path in done:
                if before.get(path) is not None or self.locate(path).exists():
                    self._put(path, before.get(path))
            raise

    def _put(self, path: str, text: str | None) -> None:
        if text is None:
            self.delete(path)
        else:
            self.write_text(path, text)

    def delete(self, path: str) -> None:
        """Remove a file.

        Raises:
            ToolException: There is no such file.
            WorkError: The disk fails.
        """
        place = self.locate(path)
        if not place.is_file():
            raise ToolException(f"There is no file {path!r}.{self._near(place)}")
        try:
            place.unlink()
        except OSError as error:
            raise _translated(error, f"delete {path!r}") from error

    def paths(self, below: str = "") -> Iterator[str]:
        """Yield the repository-relative paths of all files below a folder, in order.

        Raises:
            ToolException: There is no such folder.
        """
        start = self.root if below.strip() in {"", ".", "./", "/"} else self.locate(below)
        if not start.is_dir():
            raise ToolException(f"There is no folder {below!r}.")
        for folder, names, files in os.walk(start):
            names[:] = sorted(name for name in names if name.lower() not in HIDDEN_FOLDERS)
            for name in sorted(files):
                place = Path(folder, name)
                if name.lower() != ".git" and not place.is_symlink():
                    yield place.relative_to(self.root).as_posix()

    def _near(self, place: Path) -> str:
        """Name files with the same name elsewhere, so that a wrong guess costs one call only."""
        found = [path for path in self.paths() if PurePosixPath(path).name == place.name][:5]
        return f" Did you mean {', '.join(found)}?" if found else " Use list_files to look around."


def _translated(error: OSError, action: str) -> Exception:
    reason = error.strerror or type(error).__name__
    if error.errno in _MODEL_CAN_ACT:
        return ToolException(f"Cannot {action}: {reason}.")
    return WorkError(
        f"Cannot {action}: {reason}.",
        hint="Check the disk (space, permissions), then start the same run again.",
    )
