"""What is known about a repository, each fact with the place it was read from."""

from enum import StrEnum

from mergewright.domain.value import Value


class CheckKind(StrEnum):
    """What a check looks at."""

    SYNTAX = "syntax"
    LINT = "lint"
    FORMAT = "format"
    TYPES = "types"
    TESTS = "tests"


class Language(Value):
    """A programming language's share of the repository."""

    name: str
    files: int
    size_bytes: int


class Manifest(Value):
    """A file that declares what the project is made of."""

    path: str
    ecosystem: str
    """`python`, `node`, `go`, `rust`, `java` ..."""
    dependencies: tuple[str, ...] = ()
    """Requirements as declared, those for development and tests included."""


class Framework(Value):
    """A framework in use."""

    name: str
    evidence: str
    """Path of the file that shows it, and what in it."""


class CheckCommand(Value):
    """A command that checks the repository, as a list of arguments."""

    kind: CheckKind
    argv: tuple[str, ...]
    source: str
    """Where the command was found."""


class Convention(Value):
    """How things are done here."""

    topic: str
    rule: str
    source: str


class RelevantFile(Value):
    """A file that the ticket probably concerns."""

    path: str
    score: float
    reason: str
    size_bytes: int = 0


class Codebase(Value):
    """The facts of one commit's tree."""

    commit: str
    file_count: int
    languages: tuple[Language, ...] = ()
    manifests: tuple[Manifest, ...] = ()
    frameworks: tuple[Framework, ...] = ()
    commands: tuple[CheckCommand, ...] = ()
    conventions: tuple[Convention, ...] = ()
    relevant_files: tuple[RelevantFile, ...] = ()
    test_paths: tuple[str, ...] = ()
