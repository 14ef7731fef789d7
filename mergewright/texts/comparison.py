"""What people read of a comparison: a team's old script and a workflow, side by side."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import NamedTuple

from mergewright.domain.checks import SandboxLevel
from mergewright.domain.comparison import DONE, Comparison, Side, TestCounts
from mergewright.domain.gates import Gate, GateStatus
from mergewright.texts.templates import count, duration, usd

NOT_RUN = "not run"
SHOWN_PATHS = 10


class Row(NamedTuple):
    """One thing that is compared."""

    what: str
    old: str
    new: str


def comparison_rows(
    comparison: Comparison,
    *,
    money: Callable[[Decimal], str] = usd,
    span: Callable[[float], str] = duration,
) -> Iterator[Row]:
    """Yield what is compared, with what is to be said of either side.

    Args:
        comparison: What came of both.
        money: Says an amount.
        span: Says a span of time, in seconds.
    """
    old, new = comparison.old, comparison.new
    yield Row("ended", old.ended, new.ended if new else "not done yet")
    if new is None:
        return
    yield Row("files changed", _files(old), _files(new))
    yield Row("lines", _lines(old), _lines(new))
    yield Row("tests", _tests(old.tests), _tests(new.tests))
    for name in dict.fromkeys(gate.name for gate in (*old.gates, *new.gates)):
        yield Row(f"gate {name}", _gate(old, name), _gate(new, name))
    yield Row("time", span(old.seconds), span(new.seconds))
    yield Row("cost", _cost(old, money), _cost(new, money))


def comparison_notes(comparison: Comparison) -> Iterator[str]:
    """Yield what has to be known besides, to judge a comparison."""
    script, old, new = comparison.script, comparison.old, comparison.new
    if script.ended != DONE and script.output:
        yield f"{old.name} printed at its end: {script.output.splitlines()[-1]}"
    if script.found_in:
        yield f"The change of {old.name} was found in {script.found_in}, not in its working copy."
    if new is not None and old.paths and new.paths:
        shared = comparison.shared_paths
        more = f" and {len(shared) - SHOWN_PATHS} more" if len(shared) > SHOWN_PATHS else ""
        told = f": {', '.join(shared[:SHOWN_PATHS])}{more}" if shared else ""
        yield f"Both changed {count(len(shared), 'file')}{told}."
    yield "The time of the workflow is with its checks and review; that of the script is its own."
    if script.network:
        yield f"{old.name} could reach the network; what it did there was neither held nor undone."
    if script.sandbox < SandboxLevel.BUBBLEWRAP:
        yield (
            f"{old.name} ran without a sandbox: it could reach the network and whatever you may read."
        )


def _files(side: Side) -> str:
    return count(len(side.files), "file") if side.files else "none"


def _lines(side: Side) -> str:
    if not side.files:
        return "none"
    additions = sum(file.additions for file in side.files)
    deletions = sum(file.deletions for file in side.files)
    return f"{additions} added, {deletions} removed"


def _tests(counts: TestCounts | None) -> str:
    if counts is None:
        return "not checked"
    told = (
        (counts.newly_red, "newly red"),
        (counts.fixed, "fixed"),
        (counts.added, "new"),
        (counts.gone, "gone"),
        (counts.flaky, "flaky"),
    )
    words = [f"{counts.green} green", *(f"{number} {word}" for number, word in told if number)]
    if counts.new_findings:
        words.append(count(counts.new_findings, "new finding"))
    return ", ".join(words)


def _gate(side: Side, name: str) -> str:
    gate = next((gate for gate in side.gates if gate.name == name), None)
    return _verdict(gate) if gate else NOT_RUN


def _verdict(gate: Gate) -> str:
    passed = gate.status is GateStatus.PASSED
    return gate.status.value if passed else f"{gate.status.value}: {gate.summary}"


def _cost(side: Side, money: Callable[[Decimal], str]) -> str:
    known = "not known" if side.cost_usd is None else money(side.cost_usd)
    return f"{known} ({side.cost_detail})" if side.cost_detail else known
