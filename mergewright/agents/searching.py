"""Finding files and lines for an agent, within bounds of time and size."""

import re
import time
from collections.abc import Callable, Iterator
from fnmatch import fnmatch

from langchain_core.tools import ToolException

from mergewright.agents.repository_folder import RepositoryFolder

MAX_PATHS = 400
MAX_MATCHES = 80
MAX_SHOWN_CHARACTERS = 200
MAX_SECONDS = 10.0
MAX_REGEX_LINE_CHARACTERS = 400
MAX_REPEATS = 2

_REPEAT = re.compile(r"(?<!\\)(?:\\\\)*[*+{]")
_REPEATED_GROUP = re.compile(r"\)\s*[*+?{]")
_REFERENCE = re.compile(r"\\[1-9]|\(\?P=|\(\?\(")


def list_paths(repository: RepositoryFolder, folder: str, glob: str) -> str:
    """Return the paths below a folder that match, one per line, with a note when cut short.

    Raises:
        ToolException: There is no such folder.
    """
    paths = [path for path in repository.paths(folder) if _matches(path, glob)]
    if not paths:
        return "No file matches."
    shown = paths[:MAX_PATHS]
    if len(paths) > MAX_PATHS:
        shown.append(f"... and {len(paths) - MAX_PATHS} more; name a folder or a glob.")
    return "\n".join(shown)


def search_text(
    repository: RepositoryFolder, text: str, *, glob: str, regex: bool, ignore_case: bool
) -> str:
    """Return the lines that contain a text, as `path:line: text`.

    Raises:
        ToolException: The regular expression is wrong or could run for ever.
    """
    contains = _pattern(text, ignore_case) if regex else _literal(text, ignore_case)
    found: list[str] = []
    ends_at = time.monotonic() + MAX_SECONDS
    for path, number, line in _lines(repository, glob):
        if time.monotonic() > ends_at:
            found.append("... stopped for time; narrow the search with a glob.")
            break
        if not contains(line):
            continue
        if len(found) == MAX_MATCHES:
            found.append(f"... more than {MAX_MATCHES} lines match; narrow the search.")
            break
        found.append(f"{path}:{number}: {line.strip()[:MAX_SHOWN_CHARACTERS]}")
    return "\n".join(found) or "Nothing matches."


def _matches(path: str, glob: str) -> bool:
    name = path.rpartition("/")[2]
    return not glob or fnmatch(path, glob) or fnmatch(name, glob) or fnmatch(path, f"*/{glob}")


def _lines(repository: RepositoryFolder, glob: str) -> Iterator[tuple[str, int, str]]:
    for path in repository.paths():
        if not _matches(path, glob):
            continue
        try:
            text = repository.read_text(path)
        except ToolException:
            continue
        for number, line in enumerate(text.split("\n"), start=1):
            yield path, number, line.removesuffix("\r")


def _literal(text: str, ignore_case: bool) -> Callable[[str], bool]:
    if not ignore_case:
        return lambda line: text in line
    folded = text.casefold()
    return lambda line: folded in line.casefold()


def _pattern(text: str, ignore_case: bool) -> Callable[[str], bool]:
    """Compile a pattern whose worst case is known to be small.

    Python's engine cannot be interrupted; so repeated groups and back-references are refused, and
    repeats are few and meet short lines only.
    """
    if _REPEATED_GROUP.search(text) or _REFERENCE.search(text):
        raise ToolException("Repeated groups and back-references are not allowed in a search.")
    if len(_REPEAT.findall(text)) > MAX_REPEATS:
        raise ToolException(f"At most {MAX_REPEATS} of * + {{}} are allowed; search for less.")
    try:
        compiled = re.compile(text, re.IGNORECASE if ignore_case else 0)
    except re.error as error:
        raise ToolException(f"{text!r} is no regular expression: {error}.") from error
    return lambda line: compiled.search(line[:MAX_REGEX_LINE_CHARACTERS]) is not None
