"""What is known of a repository's documentation at a commit: what changed since, what is not true."""

from enum import StrEnum
from typing import Literal

from mergewright.domain.checks import CheckStatus
from mergewright.domain.value import Value


class DocumentationFault(StrEnum):
    """In what way a place of the documentation is not true."""

    BROKEN_LINK = "broken link"
    BROKEN_ANCHOR = "broken anchor"
    STALE_NAME = "stale name"
    """It names what the code had and has nowhere any more."""
    CHANGED_NAME = "changed name"
    """It names what the code declares in another way since."""
    UNDOCUMENTED = "undocumented"
    """The code has a new public name that neither a document nor a comment of its own explains."""
    BROKEN_BLOCK = "broken code block"
    CHANGED_HELP = "changed help"
    """A command says something else about itself than the document has it."""


class DocumentationFinding(Value):
    """One place where documentation is not true, or not there."""

    fault: DocumentationFault
    path: str
    """The document; of what is undocumented, the file of the code."""
    line: int = 0
    subject: str
    """The link, name, block or command it is about."""
    message: str
    """What is wrong, with what is known about how it should be."""

    @property
    def identity(self) -> tuple[str, str, str]:
        """What tells it apart from others wherever its lines have moved."""
        return (self.fault, self.path, self.subject)

    @property
    def place(self) -> str:
        """Where it is."""
        return f"{self.path}:{self.line}" if self.line else self.path

    def told(self) -> str:
        """Say it in one sentence."""
        return f"{self.place}: {self.message}"


class ApiChange(Value):
    """What became of a public name of the code since the documentation was last true."""

    action: Literal["added", "changed", "removed"]
    path: str
    name: str
    """With the names around it, as `Ledger.reserve`."""
    line: int = 0
    """Where it is now; 0 where it is no more."""
    before: str = ""
    """Its declaration as it was."""
    after: str = ""
    """Its declaration as it is."""
    explained: bool = False
    """Whether a comment or docstring of its own explains it."""


class DocumentationState(Value):
    """The documentation of one commit, held against its code."""

    commit: str
    documented_commit: str = ""
    """Commit at which the documentation was last taken care of; empty where there is none."""
    documented_by: Literal["named", "recorded", "history", ""] = ""
    """Whether a person named that commit, a run recorded it, or it is the last one that touched a
    document."""
    commits_since: int = 0
    subjects: tuple[str, ...] = ()
    """Subjects of the commits since, newest first, as far as they are listed."""
    documents: tuple[str, ...] = ()
    """Paths of the documents."""
    api: tuple[ApiChange, ...] = ()
    """Public names that came, changed or went since."""
    findings: tuple[DocumentationFinding, ...] = ()
    unseen: tuple[str, ...] = ()
    """What was not looked at, and why."""

    @property
    def is_true(self) -> bool:
        """Whether nothing is left to do."""
        return not self.findings


class DocumentationCheck(Value):
    """What a change of documents leaves and brings."""

    left: tuple[DocumentationFinding, ...] = ()
    """What was found before and is not mended."""
    new: tuple[DocumentationFinding, ...] = ()
    """What was not there before."""
    strangers: tuple[str, ...] = ()
    """Changed files that are no documents."""
    style: CheckStatus = CheckStatus.SKIPPED
    style_output: str = ""
    """What the style check printed."""
    unseen: tuple[str, ...] = ()
    """What was not looked at, and why."""
