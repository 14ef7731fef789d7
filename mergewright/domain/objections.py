"""What the gates hold against a change although every check is green, and what may be done about each.

An objection has a name, so that a person can approve it by name; a policy says for each rule whether
it is let pass, told, asked about, or refused whoever says yes.
"""

from enum import StrEnum

from pydantic import Field

from mergewright.domain.value import Value


class Rule(StrEnum):
    """What a change may not do without somebody's knowing."""

    DELETED_TEST = "deleted-test"
    """A test is gone, and no other one does what it did."""
    SKIPPED_TEST = "skipped-test"
    """A test is kept from running, or is expected to fail."""
    FOCUSED_TEST = "focused-test"
    """A test is run alone, which keeps all others from running."""
    FEWER_ASSERTIONS = "fewer-assertions"
    """A test asserts less often."""
    WEAKER_ASSERTION = "weaker-assertion"
    """A test asserts what more answers fulfil: equality became containment, or truth."""
    VACUOUS_ASSERTION = "vacuous-assertion"
    """A test asserts what cannot be false."""
    WIDER_TOLERANCE = "wider-tolerance"
    """A test takes values for equal that lie further apart."""
    SWALLOWED_EXCEPTION = "swallowed-exception"
    """A test goes on over an exception."""
    SHARED_SETUP = "shared-setup"
    """What many tests share, as `conftest.py`, is another one."""
    CHECK_SETTINGS = "check-settings"
    """Settings of CI, linters, type checkers, coverage, test runners or hooks are others."""
    NETWORK_CALL = "network-call"
    """Tests call the network, and did not before."""
    PROCESS_CALL = "process-call"
    """Tests start processes, and did not before."""
    SLEEP = "sleep"
    """Tests sleep in place of waiting for what they need."""
    UNREADABLE_TEST = "unreadable-test"
    """A changed test file cannot be read, so that nothing is known of its tests."""
    NEW_PACKAGE = "new-package"
    """The project depends on a package on which it did not."""
    UNPINNED_PACKAGE = "unpinned-package"
    """A package has no exact version where the project's others have one."""
    LOOKALIKE_PACKAGE = "lookalike-package"
    """A new package is named nearly like a well-known one."""
    FOREIGN_SOURCE = "foreign-source"
    """A package comes from an address, or from an index of its own."""
    LICENCE_HEADER = "licence-header"
    """A new file has no licence header where the policy asks for one."""


class Treatment(StrEnum):
    """What becomes of an objection, from the mildest to the strictest."""

    ALLOW = "allow"
    """Nothing is said."""
    WARN = "warn"
    """The gate and the pull request tell it."""
    ASK = "ask"
    """The gate fails unless a person approves it by name."""
    REFUSE = "refuse"
    """The gate fails, whoever approves."""

    @property
    def strictness(self) -> int:
        """How strict it is: higher is stricter."""
        return tuple(Treatment).index(self)


class Objection(Value):
    """One thing held against a change."""

    rule: Rule
    path: str
    subject: str
    """What it is about: a test, a setting, a package."""
    message: str
    """What is so, and what was so on the base."""
    line: int = 0
    """Of the changed file; 0 for none."""
    is_final: bool = False
    """Whether nobody's yes helps, as for a protected path."""

    @property
    def name(self) -> str:
        """By what a person approves it; lines may move."""
        return f"{self.rule} {self.path} {self.subject}".strip()

    @property
    def told(self) -> str:
        """The objection in one line."""
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{self.rule}: {place} {self.subject}: {self.message}"


class Evidence(Value):
    """What was found in a change besides what its checks say."""

    objections: tuple[Objection, ...] = ()
    became: dict[str, str] = Field(default_factory=dict)
    """Ids of the base's tests that are others now: moved, renamed, or a row of a table."""
    gone: tuple[str, ...] = ()
    """Ids of the base's tests that are gone, each with an objection."""
    packages: tuple[str, ...] = ()
    """New packages, as they are declared."""
    treatments: dict[Rule, Treatment] = Field(default_factory=dict)
    """What becomes of each rule's objections by the policy that holds; others have the default."""
