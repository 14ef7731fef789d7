"""What came out of a stage, in a few words for its record."""

from functools import singledispatch

from mergewright.domain.approval_question import Answer
from mergewright.domain.changeset import Changeset
from mergewright.domain.codebase import Codebase
from mergewright.domain.documentation import DocumentationState
from mergewright.domain.plan import Plan, Research
from mergewright.domain.ticket import Ticket
from mergewright.domain.workspace import Workspace


@singledispatch
def summarise_result(_result: object) -> str:
    """Return a few words about a stage's result; nothing where the record says it already."""
    return ""


@summarise_result.register
def _(result: Ticket) -> str:
    return f"{result.kind}, {len(result.acceptance_criteria)} acceptance criteria"


@summarise_result.register
def _(result: Workspace) -> str:
    return f"{result.branch} from {result.base} at {result.base_commit[:12]}"


@summarise_result.register
def _(result: Codebase) -> str:
    names = ", ".join(language.name for language in result.languages[:3]) or "no known language"
    relevant = _count(len(result.relevant_files), "relevant file")
    return f"{_count(result.file_count, 'file')}, {names}; {relevant}"


@summarise_result.register
def _(result: DocumentationState) -> str:
    found = _count(len(result.findings), "finding")
    return f"{found} in {_count(len(result.documents), 'document')}"


@summarise_result.register
def _(result: Research) -> str:
    return _count(len(result.findings), "finding")


@summarise_result.register
def _(result: Plan) -> str:
    return f"{_count(len(result.steps), 'step')}, {_count(len(result.files), 'file')}"


@summarise_result.register
def _(result: Changeset) -> str:
    return f"{_count(len(result.files), 'file')}, {_count(result.changed_lines, 'line')} changed"


@summarise_result.register
def _(result: Answer) -> str:
    if result.waits:
        return "nobody has answered yet"
    return f"{'approved' if result.approved else 'sent back'} by {' and '.join(result.by)}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
