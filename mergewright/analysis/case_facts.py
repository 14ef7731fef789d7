"""What is known of a test file: its cases, what each asserts, and what keeps it from running."""

from enum import IntEnum

from mergewright.domain.value import Value


class Strength(IntEnum):
    """How much of an answer an assertion fixes; more is stronger."""

    TRUTH = 0
    """It is true."""
    KIND = 1
    """It is of a type, or there at all; any exception is raised."""
    ORDER = 2
    """It is more, less, or another one."""
    PART = 3
    """It holds something, or is one of several."""
    CLOSE = 4
    """It is equal but for a tolerance."""
    EXACT = 5
    """It is equal; this exception is raised."""


class Assertion(Value):
    """One statement that a test makes."""

    text: str
    """As its language writes it, without the spaces of the file."""
    line: int
    strength: Strength
    is_vacuous: bool = False
    """Whether it cannot be false."""
    compares_itself: bool = False
    """Whether that is so because it calls the same twice: a test may mean just that."""
    has_pattern: bool = False
    """Whether it also says what an exception says."""
    width: float | None = None
    """How far apart values may lie that it takes for equal; None where they must be equal."""


class Case(Value):
    """One test."""

    name: str
    """With the classes or groups around it, joined by `::`."""
    line: int
    digest: str
    """Of what it does, whatever it is called."""
    assertions: tuple[Assertion, ...] = ()
    skips: tuple[str, ...] = ()
    """What keeps it from running, or has its failure count as none."""
    swallowed: tuple[str, ...] = ()
    """Exceptions that it goes on over; an empty name is any."""
    rows: tuple[tuple[str, ...], ...] = ()
    """Literals of each row of a table that it is run for."""
    literals: tuple[str, ...] = ()
    """Literals in its body."""
    calls: tuple[str, ...] = ()
    """Names of what its body calls."""

    @property
    def effective(self) -> tuple[Assertion, ...]:
        """The assertions that can be false."""
        return tuple(one for one in self.assertions if not one.is_vacuous)


class OutsideCall(Value):
    """A call in a test file that leaves the process, or waits by sleeping."""

    kind: str
    """`network`, `process` or `sleep`."""
    name: str
    line: int


class CaseFile(Value):
    """A test file."""

    is_readable: bool = True
    """Whether it could be parsed."""
    cases: tuple[Case, ...] = ()
    skips: tuple[str, ...] = ()
    """What keeps all of its tests from running."""
    focused: tuple[str, ...] = ()
    """Tests that are run alone, as `it.only`."""
    outside: tuple[OutsideCall, ...] = ()


UNREADABLE = CaseFile(is_readable=False)
