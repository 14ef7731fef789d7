"""The digest of what model calls cost, for people."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from mergewright.texts.escaping import cell
from mergewright.texts.templates import usd


class DigestRow(NamedTuple):
    """What the calls of one stage, repository or model cost."""

    key: str
    settled_usd: Decimal
    calls: int


class DigestPart(NamedTuple):
    """Rows of one kind, the dearest first."""

    by: str
    rows: Sequence[DigestRow]


MAX_ROWS = 8


def digest_text(
    since: str, paid_usd: Decimal, open_usd: Decimal, parts: Sequence[DigestPart]
) -> str:
    """Return the digest as Markdown.

    Args:
        since: First UTC day.
        paid_usd: What was paid.
        open_usd: Worst case of calls that have no end yet.
        parts: What it was paid for.
    """
    lines = [f"Model calls since {since} (UTC) cost **{usd(paid_usd)}**."]
    if open_usd:
        lines.append(f"{usd(open_usd)} more is set aside for calls that have no end yet.")
    for part in parts:
        if not part.rows:
            continue
        lines += ["", f"| {part.by.capitalize()} | Calls | USD |", "| --- | ---: | ---: |"]
        lines += [
            f"| {cell(row.key)} | {row.calls} | {row.settled_usd:.4f} |"
            for row in part.rows[:MAX_ROWS]
        ]
        rest = sum((row.settled_usd for row in part.rows[MAX_ROWS:]), Decimal(0))
        if rest:
            lines.append(f"| {len(part.rows) - MAX_ROWS} others | | {rest:.4f} |")
    return "\n".join(lines)
