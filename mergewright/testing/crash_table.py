"""What a crash matrix found: point by point, and as the table that people read."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from pydantic import Field

from mergewright.domain.value import Value
from mergewright.testing.crashing_store import CrashPoint

COLUMNS = ("killed at a write of", "points", "survived", "paid twice", "doubled", "lost")
MAX_SHOWN_CHARACTERS = 80


class Traces(Value):
    """What a run has left behind, as the services themselves count it."""

    calls: Mapping[str, int] = Field(default_factory=dict)
    """How often each paid call reached the service, by a name that is the same in every run."""
    effects: Mapping[str, int] = Field(default_factory=dict)
    """How many there are of each kind of outside effect."""
    state: Mapping[str, str] = Field(default_factory=dict)
    """What must be the same at the end, by name: a tree, a digest, the outcome of the report."""


class CrashResult(Value):
    """What became of a run that was killed at one point and started again."""

    point: CrashPoint
    paid_twice: int = 0
    """Calls beyond those of the undisturbed run, without the one in the window."""
    paid_in_window: int = 0
    """The call whose answer was received and not yet recorded: 1 at most."""
    doubled: tuple[str, ...] = ()
    """Effects of which there are more than in the undisturbed run."""
    lost: tuple[str, ...] = ()
    """Effects of which there are less."""
    trouble: str = ""
    """Why the run did not survive; empty when it came to the same end."""

    @property
    def survived(self) -> bool:
        """Whether the run, started again, came to the same end as the undisturbed one."""
        return not self.trouble

    @property
    def is_clean(self) -> bool:
        """Whether it survived and paid for nothing twice, doubled nothing and lost nothing."""
        return self.survived and not (self.paid_twice or self.doubled or self.lost)

    def __str__(self) -> str:
        faults = [f"did not survive: {self.trouble}"] if self.trouble else []
        if self.paid_twice:
            faults.append(f"paid twice: {self.paid_twice}")
        faults += [f"doubled: {name}" for name in self.doubled]
        faults += [f"lost: {name}" for name in self.lost]
        return f"{self.point}: {'; '.join(faults) or 'clean'}"


class CrashTable(Value):
    """The whole matrix."""

    all_points: int
    """How many points the undisturbed run passed; each was tried, or a sample of them."""
    tried: int = 0
    """How many kills it took: of two points that are the same instant one was tried for both."""
    results: tuple[CrashResult, ...]
    again: str = ""
    """Command line of the matrix, by which a single point is tried again."""

    @classmethod
    def joined(cls, tables: Sequence["CrashTable"]) -> "CrashTable":
        """Put together what was tried in parts, in the order of the points."""
        results = [result for table in tables for result in table.results]
        results.sort(key=lambda result: (result.point.number, result.point.moment == "after"))
        first = tables[0]
        tried = sum(table.tried for table in tables)
        return first.model_copy(update={"results": tuple(results), "tried": tried})

    @property
    def is_clean(self) -> bool:
        """Whether every point is."""
        return all(result.is_clean for result in self.results)

    @property
    def faults(self) -> tuple[CrashResult, ...]:
        """The results that are not clean."""
        return tuple(result for result in self.results if not result.is_clean)

    @property
    def paid_in_window(self) -> int:
        """Calls that were paid twice because no client can know better."""
        return sum(result.paid_in_window for result in self.results)

    def __str__(self) -> str:
        writes = dict.fromkeys(result.point.write for result in self.results)
        groups = [
            (write, [result for result in self.results if result.point.write == write])
            for write in writes
        ]
        tried = len(self.results)
        share = "every point" if tried == self.all_points else f"{tried} of {self.all_points}"
        rows = [COLUMNS, *(_row(*group) for group in groups), _row(share, self.results)]
        widths = [max(len(row[place]) for row in rows) for place in range(len(COLUMNS))]
        lines = [_line(row, widths) for row in rows]
        rule = "-" * len(lines[0])
        lines = [lines[0], rule, *lines[1:-1], rule, lines[-1]]
        window = sum(result.point.is_window for result in self.results)
        told = (
            f"The one unavoidable window (answer received, not yet recorded): {window} points, "
            f"{self.paid_in_window} calls, at most one each."
        )
        if 0 < self.tried < tried:
            told += (
                f"\n{self.tried} kills: where nothing at all happened between two points, one was"
                " tried for both."
            )
        return "\n".join([*lines, "", told, *map(self._fault, self.faults)])

    def _fault(self, result: CrashResult) -> str:
        again = f"\n  again: {self.again} --only {result.point.name}" if self.again else ""
        return f"FAULT {result}{again}"


def compare(point: CrashPoint, undisturbed: Traces, found: Traces) -> CrashResult:
    """Hold what a killed and resumed run left against the undisturbed run."""
    again = sum((Counter(found.calls) - Counter(undisturbed.calls)).values())
    in_window = min(again, 1) if point.is_window else 0
    kinds = sorted({*undisturbed.effects, *found.effects})
    more = [(kind, found.effects.get(kind, 0) - undisturbed.effects.get(kind, 0)) for kind in kinds]
    names = sorted({*undisturbed.state, *found.state})
    differing = [
        f"{name} is {_shown(found.state.get(name))}, not {_shown(undisturbed.state.get(name))}"
        for name in names
        if found.state.get(name) != undisturbed.state.get(name)
    ]
    return CrashResult(
        point=point,
        paid_twice=again - in_window,
        paid_in_window=in_window,
        doubled=tuple(kind for kind, number in more if number > 0),
        lost=tuple(kind for kind, number in more if number < 0),
        trouble="; ".join(differing),
    )


def _shown(value: str | None) -> str:
    if value is None:
        return "missing"
    cut = len(value) > MAX_SHOWN_CHARACTERS
    return repr(f"{value[:MAX_SHOWN_CHARACTERS]}…" if cut else value)


def _row(name: str, results: Iterable[CrashResult]) -> tuple[str, ...]:
    results = tuple(results)
    numbers = (
        len(results),
        sum(result.survived for result in results),
        sum(result.paid_twice for result in results),
        sum(len(result.doubled) for result in results),
        sum(len(result.lost) for result in results),
    )
    return (name, *map(str, numbers))


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    cells = [row[0].ljust(widths[0])]
    cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
    return "  ".join(cells)
