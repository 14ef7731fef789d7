"""A plan as a document that a person edits, and the same document read back into a plan.

Headings, lists and paragraphs as they are written here, so that nothing has to be guessed: what
cannot be read is refused with the number of its line. A line of the summary that would be taken for
a heading is written with a backslash before it.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from pydantic import ValidationError

from mergewright.domain.plan import Plan, PlannedFile
from mergewright.errors import SettingInvalid

MAX_CHARACTERS = 200_000
ACTIONS = ("create", "edit", "delete")
HEADINGS: Mapping[str, str] = MappingProxyType(
    {
        "Summary": "summary",
        "Steps": "steps",
        "Files": "files",
        "Done when": "acceptance_criteria",
        "Tests": "test_plan",
        "Risks": "risks",
    }
)
"""Headings of the document, in its order, each with the plan's field."""

_HEADING = re.compile(r"#+\s+(?P<title>.*?)\s*#*")
_ITEM = re.compile(r"(?P<mark>(?:[-*+]|\d{1,9}[.)])(?:\s+|\Z))(?P<text>.*)")
_FILE = re.compile(r"(?P<action>\S+)\s+`(?P<path>[^`]+)`(?:\s*:\s*(?P<why>.*))?", re.DOTALL)
_ESCAPED = re.compile(r"\A\\(?=[#\\])")
_NEEDS_ESCAPE = re.compile(r"\A(?=[#\\])")
_FIELDS = {field: heading for heading, field in HEADINGS.items()}


class _Line(NamedTuple):
    number: int
    text: str


class _Item(NamedTuple):
    number: int
    """Of its first line."""
    text: str


def plan_document(plan: Plan) -> str:
    """Return a plan as a document to edit."""
    files = [f"{file.action} `{file.path}`: {file.why}" for file in plan.files]
    parts = [
        f"# Summary\n\n{_escaped(plan.summary.strip())}",
        _list("Steps", plan.steps, numbered=True),
        _list("Files", files),
        _list("Done when", plan.acceptance_criteria),
        _list("Tests", plan.test_plan),
        _list("Risks", plan.risks),
    ]
    return "\n\n".join(parts) + "\n"


def read_plan(text: str, name: str = "PLAN.md") -> Plan:
    """Read a document back into a plan.

    Args:
        text: The document.
        name: What errors call it.

    Raises:
        SettingInvalid: A part of it cannot be read; names the line.
    """
    if len(text) > MAX_CHARACTERS:
        raise _unreadable(name, 1, f"it is longer than {MAX_CHARACTERS} characters")
    try:
        sections = _sections(text.replace("\r\n", "\n"), name)
        fields: dict[str, object] = {}
        for heading, lines in sections.items():
            field = HEADINGS[heading]
            fields[field] = _READERS.get(field, _items_of)(lines, name)
        return Plan.model_validate(fields)
    except ValidationError as error:
        raise _incomplete(name, error, text) from error


def _sections(text: str, name: str) -> dict[str, list[_Line]]:
    known = {heading.casefold(): heading for heading in HEADINGS}
    sections: dict[str, list[_Line]] = {}
    current: list[_Line] | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        found = _HEADING.fullmatch(line)
        if found:
            heading = known.get(found["title"].casefold())
            if heading is None:
                given = found["title"]
                raise _unreadable(name, number, f"there is no part {given!r} in a plan")
            if heading in sections:
                raise _unreadable(name, number, f"the part {heading!r} is there twice")
            current = sections[heading] = []
        elif current is not None:
            current.append(_Line(number, line))
        elif line.strip():
            raise _unreadable(name, number, "text stands before the first heading")
    return sections


def _text_of(lines: Sequence[_Line], name: str) -> str:  # noqa: ARG001 - read like the other parts
    return _unescaped("\n".join(line.text.rstrip() for line in lines).strip())


def _items_of(lines: Sequence[_Line], name: str) -> tuple[str, ...]:
    return tuple(item.text for item in _items(lines, name))


def _files_of(lines: Sequence[_Line], name: str) -> tuple[PlannedFile, ...]:
    files = []
    for item in _items(lines, name):
        found = _FILE.fullmatch(item.text)
        if found is None:
            raise _unreadable(name, item.number, "a file is written as: edit `src/split.py`: why")
        if found["action"] not in ACTIONS:
            told = f"{found['action']!r} is none of {', '.join(ACTIONS)}"
            raise _unreadable(name, item.number, told)
        files.append(
            PlannedFile.model_validate(
                {"action": found["action"], "path": found["path"], "why": found["why"] or ""}
            )
        )
    return tuple(files)


_READERS: Mapping[str, Callable[[Sequence[_Line], str], object]] = MappingProxyType(
    {"summary": _text_of, "files": _files_of}
)


def _items(lines: Sequence[_Line], name: str) -> Iterator[_Item]:
    """Yield the items of a list; a line that is indented belongs to the item above it."""
    number, width, parts = 0, 0, list[str]()
    for line in lines:
        found = _ITEM.fullmatch(line.text)
        if found:
            if number:
                yield _item(number, parts, name)
            number, width, parts = line.number, len(found["mark"]), [found["text"].rstrip()]
        elif not line.text.strip() or (number and line.text[0] in " \t"):
            indent = len(line.text) - len(line.text.lstrip())
            parts.append(line.text[min(indent, width) :].rstrip())
        else:
            raise _unreadable(
                name, line.number, "a line of a list begins with '- ', or with spaces to go on"
            )
    if number:
        yield _item(number, parts, name)


def _item(number: int, parts: Sequence[str], name: str) -> _Item:
    text = "\n".join(parts).strip()
    if not text:
        raise _unreadable(name, number, "an item is empty")
    return _Item(number, text)


def _list(heading: str, items: Sequence[str], *, numbered: bool = False) -> str:
    written = [f"# {heading}", ""]
    for number, item in enumerate(items, start=1):
        mark = f"{number}. " if numbered else "- "
        first, *further = item.strip().split("\n")
        written.append(f"{mark}{first}")
        written += [f"{' ' * len(mark)}{line.rstrip()}" if line.strip() else "" for line in further]
    return "\n".join(written)


def _escaped(text: str) -> str:
    return "\n".join(_NEEDS_ESCAPE.sub(r"\\", line, count=1) for line in text.split("\n"))


def _unescaped(text: str) -> str:
    return "\n".join(_ESCAPED.sub("", line, count=1) for line in text.split("\n"))


def _unreadable(name: str, number: int, reason: str) -> SettingInvalid:
    return SettingInvalid(
        f"{name}, line {number}: {reason}.",
        hint="Begin with what `mergewright question RUN --plan` prints; the run still waits.",
    )


def _incomplete(name: str, error: ValidationError, text: str) -> SettingInvalid:
    """Say which part is missing or empty, and at which line it begins."""
    field = str(error.errors(include_url=False)[0]["loc"][0])
    heading = _FIELDS.get(field, field)
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        found = _HEADING.fullmatch(line)
        if found and found["title"].casefold() == heading.casefold():
            return _unreadable(name, number, f"the part {heading!r} is empty")
    end = text.count("\n") + 1
    return _unreadable(name, end, f"the part {heading!r} is missing")
