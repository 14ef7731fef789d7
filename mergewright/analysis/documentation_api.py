"""The public names of a repository's code, by its syntax, and what became of them between two commits."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from mergewright.analysis.blob_facts import Definition, Kind
from mergewright.analysis.code_index import CodeIndex, FileState
from mergewright.analysis.file_roles import is_own_text, is_test
from mergewright.domain.documentation import ApiChange

MAX_DECLARATION_LINES: Final = 30
MAX_DECLARATION_CHARACTERS: Final = 300
MAX_CHANGED_FILES: Final = 500

_FUNCTIONS: Final = frozenset((Kind.FUNCTION, Kind.METHOD))
_OPEN, _CLOSED = "([{", ")]}"
_HIDDEN: Final = re.compile(r"\b(?:private|internal|fileprivate|protected)\b")
_WORDS: Final[Mapping[str, re.Pattern[str]]] = {
    "Rust": re.compile(r"\bpub\b(?!\()"),
    "Java": re.compile(r"\bpublic\b"),
    "C#": re.compile(r"\bpublic\b"),
    "Swift": re.compile(r"\b(?:public|open)\b"),
    "JavaScript": re.compile(r"\bexport\b"),
    "TypeScript": re.compile(r"\bexport\b"),
    "TSX": re.compile(r"\bexport\b"),
}
"""The word that makes a declaration public, in languages where nothing is so without it."""
_MEMBERS_FOLLOW: Final = frozenset(("JavaScript", "TypeScript", "TSX"))
"""Languages in which the members of what is public are public without the word."""
_STATIC_IS_HIDDEN: Final = frozenset(("C",))


class PublicName(NamedTuple):
    """A name that others may use."""

    path: str
    name: str
    line: int
    declaration: str
    explained: bool


def public_names(
    index: CodeIndex, paths: Iterable[str], read: Callable[[str], str]
) -> dict[tuple[str, str], PublicName]:
    """Return the public names that files define, by path and name.

    Args:
        index: The commit's.
        paths: The files that are looked at; tests and what is not written by hand are passed over.
        read: Returns the text of a file of the commit.
    """
    files = {file.path: file for file in index.files}
    found: dict[tuple[str, str], PublicName] = {}
    for path in paths:
        file = files.get(path)
        if file and file.state is FileState.PARSED and _is_for_others(path, file.language):
            for name in _of_file(path, file.language, index.definitions(path), read(path)):
                found.setdefault((path, name.name), name)
    return found


def _is_for_others(path: str, language: str) -> bool:
    """Whether others use what a file defines; in Python a leading underscore says they do not."""
    parts = path.split("/")
    is_private = language == "Python" and any(
        part.startswith("_") and not part.startswith("__") for part in parts
    )
    return is_own_text(path) and not is_test(path) and not is_private


def api_changes(
    before: Mapping[tuple[str, str], PublicName], after: Mapping[tuple[str, str], PublicName]
) -> tuple[ApiChange, ...]:
    """Return what became of public names; one that only moved to another file has not changed."""
    gone = {key: before[key] for key in before.keys() - after.keys()}
    come = {key: after[key] for key in after.keys() - before.keys()}
    moved = {(name.name, name.declaration) for name in gone.values()} & {
        (name.name, name.declaration) for name in come.values()
    }
    changes = [
        ApiChange(action="removed", path=name.path, name=name.name, before=name.declaration)
        for name in gone.values()
        if (name.name, name.declaration) not in moved
    ]
    changes += [
        _change("added", name)
        for name in come.values()
        if (name.name, name.declaration) not in moved
    ]
    changes += [
        _change("changed", after[key]).model_copy(update={"before": before[key].declaration})
        for key in before.keys() & after.keys()
        if before[key].declaration != after[key].declaration
    ]
    return tuple(sorted(changes, key=lambda one: (one.path, one.name, one.action)))


def _change(action: str, name: PublicName) -> ApiChange:
    return ApiChange.model_validate(
        {
            "action": action,
            "path": name.path,
            "name": name.name,
            "line": name.line,
            "after": name.declaration,
            "explained": name.explained,
        }
    )


def _of_file(
    path: str, language: str, definitions: tuple[Definition, ...], text: str
) -> Iterator[PublicName]:
    lines = text.split("\n")
    names: list[str] = []
    public: list[bool] = []
    for definition in definitions:
        parent = definition.parent
        around = names[parent] if parent >= 0 else ""
        names.append(f"{around}.{definition.name}" if around else definition.name)
        declaration = _declaration(lines, definition)
        outer = definitions[parent] if parent >= 0 else None
        public.append(
            (outer is None or (public[parent] and outer.kind not in _FUNCTIONS))
            and _is_public(language, definition.name, declaration, is_member=outer is not None)
        )
        if public[-1] and definition.kind <= Kind.TYPE and definition.kind != Kind.IMPLEMENTATION:
            yield PublicName(
                path, names[-1], definition.line, declaration, definition.is_documented
            )


def _is_public(language: str, name: str, declaration: str, *, is_member: bool) -> bool:
    modifiers = declaration.partition(name)[0]
    if name.startswith(("_", "#")) or _HIDDEN.search(modifiers):
        return False
    if language == "Go":
        return name[:1].isupper()
    if language in _STATIC_IS_HIDDEN and "static " in modifiers:
        return False
    word = _WORDS.get(language)
    if word is None or (is_member and language in _MEMBERS_FOLLOW):
        return True
    return bool(word.search(modifiers))


def _declaration(lines: list[str], definition: Definition) -> str:
    """Return the head of a definition on one line: up to its body."""
    first = definition.line - 1
    while first < min(definition.end_line, len(lines)) - 1 and lines[first].lstrip()[:1] == "@":
        first += 1
    last = min(definition.end_line, first + MAX_DECLARATION_LINES)
    return " ".join(_head("\n".join(lines[first:last])).split())[:MAX_DECLARATION_CHARACTERS]


def _head(text: str) -> str:
    depth = 0
    for place, char in enumerate(text):
        if char == "{" and depth == 0:
            return text[:place]
        if char in _OPEN:
            depth += 1
        elif char in _CLOSED:
            depth -= 1
        elif depth == 0 and char == "\n":
            return text[:place]
    return text
