"""The best state of a change over its rounds of repair: what is repaired further, and what is left at the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from flows._gates import complaint, failures
from mergewright.domain.changeset import Changeset
from mergewright.domain.delivery import Delivery
from mergewright.domain.gates import Gate, GateStatus
from mergewright.errors import MergewrightError

MAX_IDLE_ROUNDS: Final = 2
"""Rounds in a row that make nothing better, after which there is no other."""
_JUDGED: Final = ("changeset", "gates", "checks", "proof", "review")
"""What of a report is about one state of the change."""

Score = tuple[int, int, int]


class Reporting(Protocol):
    """What keeps a run's report: the part of `Work` that is needed here."""

    delivery: Delivery

    def learn(self, **facts: object) -> None:
        """Add what is known now to the report."""
        ...


@dataclass(frozen=True, slots=True)
class _Judged:
    changeset: Changeset
    told: str
    report: Delivery


class BestState:
    """Keeps the best state of a change.

    Args:
        work: The run under way, with its report.
    """

    def __init__(self, work: Reporting) -> None:
        self._work = work
        self._best: _Judged | None = None
        self._idle = 0

    @property
    def is_stuck(self) -> bool:
        """Whether nothing became better for so many rounds that there is to be no other."""
        return self._idle >= MAX_IDLE_ROUNDS

    def see(self, changeset: Changeset, told: str) -> tuple[Changeset, str]:
        """Look at a state that was judged; return from which state to go on, and what is wrong there.

        Args:
            changeset: The state.
            told: What fails.
        """
        report = self._work.delivery
        best = self._best
        is_better = best is None or score(report.gates) < score(best.report.gates)
        self._idle = 0 if is_better else self._idle + 1
        # Of two that are as good, the later one has what was asked for in between.
        if best is None or score(report.gates) <= score(best.report.gates):
            self._best = _Judged(changeset, told, report)
            return changeset, told
        return best.changeset, (
            f"{best.told}\n\nA repair of this was tried and taken back, for it made more fail:\n{told}"
        )

    @contextmanager
    def left_at_failure(self) -> Iterator[None]:
        """Put the best state into the report where a run gives up, whatever was tried after it."""
        try:
            yield
        except MergewrightError:
            report, best = self._work.delivery, self._best
            if best is not None and score(best.report.gates) <= score(report.gates):
                self._work.learn(**{name: getattr(best.report, name) for name in _JUDGED})
            raise


def score(gates: tuple[Gate, ...]) -> Score:
    """Return how far gates are from passing; less is better: what failed, how far it came, how much."""
    failed = failures(gates)
    passed = sum(gate.status is not GateStatus.FAILED for gate in gates)
    return len(failed), -passed, len(complaint(failed).splitlines())
