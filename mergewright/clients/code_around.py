"""The code that a finding is in: the function around it, or the lines next to it."""

from pathlib import Path
from typing import Final

from mergewright.analysis.blob_facts import Kind
from mergewright.analysis.languages import language_of
from mergewright.clients.safe_parsing import read_definitions
from mergewright.clients.trees import read_blob
from mergewright.domain.checks import LintFinding

MAX_LINES: Final = 15
"""A longer function is told by its first line and the lines next to the finding."""
LINES_AROUND: Final = 4
MAX_LINE_CHARACTERS: Final = 160
MAX_FILE_BYTES: Final = 1_000_000


class CodeAround:
    """Shows the code of one tree.

    Args:
        mirror: Repository that holds the tree.
        tree: Id of the tree.
    """

    def __init__(self, mirror: Path, tree: str) -> None:
        self._mirror = mirror
        self._tree = tree

    def show(self, finding: LintFinding) -> str:
        """Return the function that a finding is in, with line numbers; empty where there is no line.

        Raises:
            NotFound: The mirror does not have the tree.
            ConfigError: The grammar of a known language does not load.
            ServiceUnavailable: No process that parses can be started.
        """
        body = read_blob(self._mirror, self._tree, finding.path) if finding.line else None
        if body is None or len(body) > MAX_FILE_BYTES or b"\0" in body:
            return ""
        lines = body.decode(errors="replace").splitlines()
        if finding.line > len(lines):
            return ""
        around = _function_around(finding, body, lines[0])
        first = max(1, finding.line - LINES_AROUND)
        numbers = list(range(first, min(len(lines), finding.line + LINES_AROUND) + 1))
        if around is not None:
            start, end = around
            whole = list(range(start, end + 1))
            inner = [number for number in numbers if start <= number <= end]
            numbers = whole if len(whole) <= MAX_LINES else sorted({start, *inner})
        return "\n".join(_numbered(number, finding.line, lines[number - 1]) for number in numbers)


def _function_around(finding: LintFinding, body: bytes, first_line: str) -> tuple[int, int] | None:
    """Return the first and last line of the innermost function around a finding."""
    language = language_of(finding.path, first_line)
    if language is None:
        return None
    spans = [
        (each.line, each.end_line)
        for each in read_definitions(language.name, body).definitions()
        if each.kind in {Kind.FUNCTION, Kind.METHOD} and each.line <= finding.line <= each.end_line
    ]
    return max(spans, default=None)


def _numbered(number: int, marked: int, line: str) -> str:
    mark = ">" if number == marked else " "
    return f"  {mark} {number} | {line[:MAX_LINE_CHARACTERS]}".rstrip()
