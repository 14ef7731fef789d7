"""What applies an answer to a file: ours in each form, and others."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from benchmarks.edits_answers import Answer
from mergewright.errors import EditConflict
from mergewright.patching.changes import Update, apply_changes
from mergewright.patching.edits import Replacement, apply_replacements
from mergewright.patching.forms import parse_patch
from mergewright.patching.hunks import ADDED, REMOVED, Hunk, HunkLine
from mergewright.patching.patch_envelopes import make_patch_envelope

Applier = Callable[[Answer], str | None]
"""Returns the file's new text, or None for a refusal."""

NUMBERED: Final = frozenset(
    {
        "ours: search and replace, near_line",
        "ours: unified diff",
        "git apply",
        "git apply, lenient",
        "GNU patch",
    }
)
"""Whose form says line numbers, so that they need not refuse what only these decide."""


def ours_replacements(answer: Answer) -> str | None:
    """Search and replace, each with a line number."""
    return _replaced(answer, list(answer.starts))


def ours_without_lines(answer: Answer) -> str | None:
    """Search and replace without line numbers."""
    return _replaced(answer, [None] * len(answer.starts))


def _replaced(answer: Answer, near_lines: Sequence[int | None]) -> str | None:
    replacements = [
        Replacement(old=_text(hunk, ADDED), new=_text(hunk, REMOVED), near_line=near_line)
        for hunk, near_line in zip(answer.hunks, near_lines, strict=True)
    ]
    try:
        return apply_replacements(answer.path, answer.before, replacements)
    except EditConflict:
        return None


def ours_unified(answer: Answer) -> str | None:
    """A unified diff."""
    return _patched(answer, unified(answer))


def ours_envelope(answer: Answer) -> str | None:
    """The apply_patch form."""
    hunks = tuple(Hunk("", hunk) for hunk in answer.hunks)
    return _patched(answer, make_patch_envelope([Update(answer.path, hunks)]))


def _patched(answer: Answer, patch: str) -> str | None:
    try:
        return apply_changes(parse_patch(patch), {answer.path: answer.before})[answer.path]
    except EditConflict:
        return None


def first_exact(answer: Answer) -> str | None:
    """Replace the first occurrence, character by character."""
    text = answer.before
    for hunk in answer.hunks:
        old = _text(hunk, ADDED)
        if old not in text:
            return None
        text = text.replace(old, _text(hunk, REMOVED), 1)
    return text


def only_exact(answer: Answer) -> str | None:
    """Replace the only occurrence, as editing tools of models do."""
    text = answer.before
    for hunk in answer.hunks:
        old = _text(hunk, ADDED)
        if text.count(old) != 1:
            return None
        text = text.replace(old, _text(hunk, REMOVED))
    return text


def git_apply(*options: str) -> Applier:
    """Return `git apply` with options."""
    return lambda answer: _run(["git", "apply", *options, "patch"], answer)


def gnu_patch(answer: Answer) -> str | None:
    """GNU patch with its usual fuzz."""
    command = ["patch", "--batch", "--forward", "-p1", "--no-backup-if-mismatch", "-i", "patch"]
    return _run(command, answer)


def _run(command: Sequence[str], answer: Answer) -> str | None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        target = folder / "file"
        target.write_bytes(answer.before.encode())
        (folder / "patch").write_bytes(unified(answer, "file").encode())
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
        return target.read_bytes().decode() if done.returncode == 0 else None


def unified(answer: Answer, path: str | None = None) -> str:
    """Return the answer as a unified diff with true counts."""
    pieces = [f"--- a/{path or answer.path}\n+++ b/{path or answer.path}\n"]
    grown = 0
    for hunk, start in zip(answer.hunks, answer.starts, strict=True):
        old = sum(line.tag != ADDED for line in hunk)
        new = sum(line.tag != REMOVED for line in hunk)
        first = start - (not old)
        pieces.append(f"@@ -{first},{old} +{max(first + grown, 0)},{new} @@\n")
        pieces += (f"{line.tag}{line.text}\n" for line in hunk)
        grown += new - old
    return "".join(pieces)


def _text(hunk: Sequence[HunkLine], without: str) -> str:
    return "".join(f"{line.text}\n" for line in hunk if line.tag != without)


_AIDER = """
import json, sys, tempfile
from aider.coders.editblock_coder import do_replace
with tempfile.NamedTemporaryFile(suffix=".txt") as file:
    for line in sys.stdin:
        text, edits = json.loads(line)
        for old, new in edits:
            text = do_replace(file.name, text, old, new, ("`" * 3, "`" * 3)) if text is not None else None
            text = text or None
        print(json.dumps(text), flush=True)
"""


class Aider:
    """aider's search/replace blocks, in a Python that has it."""

    def __init__(self, python: Path) -> None:
        command = [str(python), "-c", _AIDER]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=sys.stderr, text=True
        )

    def __call__(self, answer: Answer) -> str | None:
        """Apply the blocks one after the other."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("aider has no pipes")
        edits = [(_text(hunk, ADDED), _text(hunk, REMOVED)) for hunk in answer.hunks]
        self._process.stdin.write(json.dumps([answer.before, edits]) + "\n")
        self._process.stdin.flush()
        text = json.loads(self._process.stdout.readline())
        return text if isinstance(text, str) else None

    def close(self) -> None:
        """End it."""
        self._process.communicate(timeout=30)
