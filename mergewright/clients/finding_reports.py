"""What linters, formatters and type checkers print, as findings with a place and a rule.

Only errors count: a tool that ends well tells its warnings to nobody, so that with the first error of a
change all old warnings would look new.

Source: what ruff, black, prettier, gofmt, rustfmt, mypy, tsc, ESLint's `stylish` form and rustc print, from
their documentation, read 2026-11-20.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from mergewright.domain.checks import LintFinding
from mergewright.domain.codebase import CheckKind

_PLACED = re.compile(
    r"^(?:vet: )?(?P<path>[^\s:(][^:(\n]*)(?::(?P<line>\d+):(?:\d+:)?|\((?P<row>\d+),\d+\):)\s*(?P<message>\S.*)$",
    re.MULTILINE,
)
_RULE = re.compile(
    r"^(?:(?:error )?(?P<first>[A-Z]+\d+):?\s+|.*\[(?P<last>[a-z][a-z-]*)\]$)", re.DOTALL
)
_UNDER_PATH = re.compile(
    r"^\s+(?P<line>\d+):\d+\s+error\s+(?P<message>.*?)(?:\s{2,}(?P<rule>\S+))?$"
)
_POINTED = re.compile(
    r"^error(?:\[(?P<rule>\w+)\])?: (?P<message>.+)\n\s+--> (?P<path>[^:\n]+):(?P<line>\d+):\d+",
    re.MULTILINE,
)
_LISTED = re.compile(
    r"^(?:[Ww]ould reformat:?|\[warn\]|ERROR:|Diff in|\s+-->)?\s*(?P<path>\S.*?)"
    r"(?::\d+(?::\d+|:)?|:? at line \d+:?| Imports are .*)?$"
)
_NOT_FORMATTED = "is not formatted"


def find_findings(
    kind: CheckKind, text: str, program: str, folder: Path
) -> tuple[LintFinding, ...]:
    """Return what a tool's output says is wrong in files of the repository.

    Args:
        kind: What was looked at.
        text: The output, with paths relative to the folder.
        program: Name of the tool, for findings without a rule.
        folder: The repository's files.
    """
    if kind is CheckKind.FORMAT:
        return tuple(_listed(text, program, folder))
    found = [*_placed(text, program, folder), *_under_paths(text, program, folder)]
    return (*found, *_pointed(text, program, folder))


def _placed(text: str, program: str, folder: Path) -> Iterator[LintFinding]:
    """Yield lines that begin with a path and a line's number."""
    for match in _PLACED.finditer(text):
        path, message = match["path"].removeprefix("./"), match["message"].strip()
        if message.startswith(("note:", "warning:")) or not (folder / path).is_file():
            continue
        rule = _RULE.match(message)
        name = (rule["first"] or rule["last"]) if rule else program
        line = int(match["line"] or match["row"])
        yield LintFinding(path=path, line=line, rule=name, message=message)


def _under_paths(text: str, program: str, folder: Path) -> Iterator[LintFinding]:
    """Yield lines that stand below a path of their own."""
    path = ""
    for line in text.splitlines():
        if line and not line[0].isspace():
            path = line.strip().removeprefix("./")
            path = path if (folder / path).is_file() else ""
        elif path and (match := _UNDER_PATH.match(line)):
            yield LintFinding(
                path=path,
                line=int(match["line"]),
                rule=match["rule"] or program,
                message=match["message"].strip(),
            )


def _pointed(text: str, program: str, folder: Path) -> Iterator[LintFinding]:
    """Yield messages with an arrow to their place below."""
    for match in _POINTED.finditer(text):
        if (folder / match["path"]).is_file():
            yield LintFinding(
                path=match["path"],
                line=int(match["line"]),
                rule=match["rule"] or program,
                message=match["message"],
            )


def _listed(text: str, program: str, folder: Path) -> Iterator[LintFinding]:
    """Yield each file that is named, once."""
    named = (match["path"] for line in text.splitlines() if (match := _LISTED.match(line)))
    for path in dict.fromkeys(path.removeprefix("./") for path in named):
        if (folder / path).is_file():
            yield LintFinding(path=path, line=0, rule=program, message=_NOT_FORMATTED)
