"""The forms in which a patch may be sent, told apart by how they begin."""

from collections.abc import Sequence

from mergewright.errors import EditConflict
from mergewright.patching.changes import Change, Update
from mergewright.patching.edits import Replacement
from mergewright.patching.hunks import Hunk, hunks_between
from mergewright.patching.patch_envelopes import BEGIN, parse_patch_envelope
from mergewright.patching.unified_diffs import parse_unified_diff

MAX_PATCH_CHARACTERS = 2_000_000
MAX_FILES = 100
MAX_HUNKS = 200


def parse_patch(text: str) -> tuple[Change, ...]:
    """Return what a patch says, be it a unified diff or of the `apply_patch` form.

    Raises:
        EditConflict: It is neither, too large, or one of its lines has no meaning.
    """
    if len(text) > MAX_PATCH_CHARACTERS:
        raise EditConflict(
            f"The patch has {len(text)} characters; at most {MAX_PATCH_CHARACTERS} are read.",
            hint="Send several smaller ones.",
        )
    changes = _parse(text)
    hunks = sum(len(change.hunks) for change in changes if isinstance(change, Update))
    if len(changes) > MAX_FILES or hunks > MAX_HUNKS:
        raise EditConflict(
            f"The patch changes {len(changes)} files in {hunks} places; at most {MAX_FILES} and "
            f"{MAX_HUNKS} are made at once.",
            hint="Send several smaller ones.",
        )
    return changes


def _parse(text: str) -> tuple[Change, ...]:
    lines = text.split("\n")
    if any(line.strip() == BEGIN for line in lines[:20]):
        first = next(at for at, line in enumerate(lines) if line.strip() == BEGIN)
        return parse_patch_envelope("\n" * first + "\n".join(lines[first:]))
    if any(line.startswith(("--- ", "diff --git ")) for line in lines):
        return parse_unified_diff(text)
    raise EditConflict(
        f"The patch begins with {text.strip()[:60]!r}, which is neither a unified diff "
        f"(`--- a/path`) nor `{BEGIN}`.",
        hint="Send one of these two forms.",
    )


def make_replacements(before: str, after: str, *, context_lines: int = 3) -> list[Replacement]:
    r"""Return the replacements that make one text out of another; both have `\n` line ends."""
    return [
        _replacement(hunk) for hunk in hunks_between(before, after, context_lines=context_lines)
    ]


def _replacement(hunk: Hunk) -> Replacement:
    return Replacement(old=_joined(hunk.old), new=_joined(hunk.new), near_line=hunk.near_line)


def _joined(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
