"""Which definitions a file had that it has no more: what was renamed, moved or removed."""

from collections import Counter
from collections.abc import Callable

from mergewright.analysis.blob_facts import Columns, Kind
from mergewright.analysis.languages import language_of


def lost_definitions(
    path: str, before: bytes, after: bytes, read: Callable[[str, bytes], Columns]
) -> tuple[str, ...]:
    """Return the names that a file defined and defines no more, each with the name around it.

    A file in a language without a grammar defines nothing that is known.

    Args:
        path: Path of the file.
        before: What it held.
        after: What it holds now.
        read: Returns what a file of a language defines; it may have to be ended, so it is not done here.
    """
    known = Counter(_names(path, before, read))
    known.subtract(_names(path, after, read))
    return tuple(sorted(name for name, count in known.items() if count > 0))


def _names(path: str, content: bytes, read: Callable[[str, bytes], Columns]) -> list[str]:
    first_line = content.partition(b"\n")[0].decode(errors="replace")
    language = language_of(path, first_line)
    return _qualified(read(language.name, content)) if language else []


def _qualified(columns: Columns) -> list[str]:
    """Return the names of functions, classes and the like; values and fields come and go."""
    names: list[str] = []
    kept: list[str] = []
    for definition in columns.definitions():
        around = names[definition.parent] if definition.parent >= 0 else ""
        names.append(f"{around}.{definition.name}" if around else definition.name)
        if definition.kind <= Kind.TYPE:
            kept.append(names[-1])
    return kept
