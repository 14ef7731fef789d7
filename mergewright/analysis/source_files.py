"""The files of one tree, read when somebody asks for them and at most once."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from mergewright.analysis.file_roles import is_own_text
from mergewright.analysis.languages import LanguageRule, language_of

MAX_TEXT_BYTES = 400_000

_PROBED_BYTES = 8_000


class SourceFile(NamedTuple):
    """A file of the tree; `read` fetches its bytes."""

    path: str
    size_bytes: int
    read: Callable[[], bytes]


class Sources:
    """The files of a tree by path; only hand-written text is iterated over and read."""

    def __init__(self, files: Iterable[SourceFile]) -> None:
        everything = sorted(files, key=lambda file: file.path)
        self._paths = frozenset(file.path for file in everything)
        self._files = {file.path: file for file in everything if is_own_text(file.path)}
        self._texts: dict[str, str | None] = {}

    def __contains__(self, path: str) -> bool:
        """Whether the tree has the file, hand-written or not."""
        return path in self._paths

    def __iter__(self) -> Iterator[SourceFile]:
        return iter(self._files.values())

    def text(self, path: str) -> str:
        """Return a file's text; empty when it is missing, binary or too large to be written."""
        if path not in self._texts:
            self._texts[path] = self._read(path)
        return self._texts[path] or ""

    def language(self, path: str) -> LanguageRule | None:
        """Return a file's language; only a file without a suffix is opened for it."""
        name = path.rpartition("/")[2]
        first_line = "" if "." in name else self.text(path).partition("\n")[0]
        return language_of(path, first_line)

    def _read(self, path: str) -> str | None:
        file = self._files.get(path)
        if file is None or file.size_bytes > MAX_TEXT_BYTES:
            return None
        content = file.read()
        if b"\0" in content[:_PROBED_BYTES]:
            return None
        return content.decode("utf-8-sig", errors="replace")
