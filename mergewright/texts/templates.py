"""Templates of this room, rendered so that a forgotten escape is no hole.

Whatever a template prints is escaped for a place within a line, unless a filter of
`mergewright.texts.escaping` made it Markdown. Values are never rendered as templates.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache

from jinja2 import PackageLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mergewright.domain.checks import TestResult
from mergewright.domain.delivery import Costs
from mergewright.domain.plan import Source
from mergewright.domain.review import ReviewFinding
from mergewright.texts.escaping import (
    Markdown,
    address,
    block,
    cell,
    code,
    code_cell,
    fence,
    inline,
    link,
)

MAX_OUTPUT_CHARACTERS = 2000

_FINE = frozenset({"passed", "done", "reused", "skipped"})
_SMALLEST_SHOWN_USD = Decimal("0.0001")


def usd(amount: Decimal) -> str:
    """Say an amount of money."""
    if not amount:
        return "0 USD"
    if amount < _SMALLEST_SHOWN_USD:
        return f"less than {_SMALLEST_SHOWN_USD} USD"
    return f"{amount:.4f} USD"


def unpaid(costs: Costs) -> str:
    """Say what of a sum was not paid, where some answers came from a recording; else nothing."""
    if not costs.is_mixed:
        return ""
    answers = count(costs.recorded_calls, "recorded answer")
    return f", of which {usd(costs.recorded_usd)} for {answers} was not paid"


def duration(seconds: float) -> str:
    """Say a span of time."""
    if seconds < 9.95:  # noqa: PLR2004 - from here on tenths are noise
        return f"{seconds:.1f} s"
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    if not minutes:
        return f"{whole} s"
    hours, minutes_left = divmod(minutes, 60)
    return f"{hours} h {minutes_left:02} min" if hours else f"{minutes} min {rest:02} s"


def instant(at: datetime) -> str:
    """Say an instant."""
    return f"{at:%Y-%m-%d %H:%M} {at.tzname() or ''}".strip()


def clock(at: datetime) -> str:
    """Say an instant to the second, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def count(number: int, noun: str) -> str:
    """Say how many there are of something."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}".replace(",", " ")


def day(at: datetime) -> str:
    """Say a day."""
    return f"{at:%Y-%m-%d}"


def verdict(status: StrEnum) -> Markdown:
    """Say how something came out, loudly unless it is fine."""
    return Markdown(status.value if status.value in _FINE else f"**{status.value}**")


def yes_no(met: bool) -> Markdown:
    """Say whether something holds, loudly when it does not."""
    return Markdown("yes" if met else "**no**")


def detail(text: str) -> Markdown:
    """Show a detail as a list item, or as code when it is what a command printed."""
    if "\n" in text.strip():
        return Markdown(f"\n{fence(text.strip()[-MAX_OUTPUT_CHARACTERS:], 'text')}")
    return Markdown(f"- {inline(text)}")


def place(finding: ReviewFinding) -> Markdown:
    """Say where a finding is."""
    return code(f"{finding.path}:{finding.line}" if finding.line else finding.path)


def sources(places: Sequence[Source]) -> Markdown:
    """Say where a statement comes from."""
    names = [code(f"{one.path}:{one.line}" if one.line else one.path) for one in places[:5]]
    return Markdown(f" ({', '.join(names)})" if names else "")


def tests_seen(results: Sequence[TestResult]) -> Markdown:
    """Say how many tests ran and how many of them are red."""
    red = sum(test.is_red for test in results)
    return Markdown(f"{len(results)}, {red} red" if red else str(len(results)))


def _printed(value: object) -> str:
    return value if isinstance(value, Markdown) else inline(str(value))


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=PackageLoader("mergewright.texts", "."),
        undefined=StrictUndefined,
        autoescape=False,
        finalize=_printed,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "address": address,
        "block": block,
        "cell": cell,
        "clock": clock,
        "code": code,
        "code_cell": code_cell,
        "count": count,
        "day": day,
        "detail": detail,
        "duration": duration,
        "fence": fence,
        "instant": instant,
        "link": link,
        "place": place,
        "sources": sources,
        "tests": tests_seen,
        "unpaid": unpaid,
        "usd": usd,
        "verdict": verdict,
        "yes_no": yes_no,
    }
    return environment


def render(name: str, **values: object) -> str:
    """Fill in the template `<name>.md.j2`; paragraphs are one blank line apart."""
    text = _environment().get_template(f"{name}.md.j2").render(values)
    return _tidy(text)


def _tidy(text: str) -> str:
    lines: list[str] = []
    fence_mark = ""
    for line in text.split("\n"):
        if fence_mark:
            fence_mark = "" if line == fence_mark else fence_mark
        elif found := re.match(r"`{3,}", line):
            fence_mark = found[0]
        elif not line.strip() and (not lines or not lines[-1]):
            continue
        lines.append(line if fence_mark else line.rstrip())
    return "\n".join(lines).strip("\n") + "\n"
