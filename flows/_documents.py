"""Writing documents, and judging what was written: what repairing does in a documentation run."""

from flows._documentation_gates import document_gates
from flows._work import Work
from mergewright.domain.changeset import Changeset
from mergewright.domain.checks import CheckReport
from mergewright.domain.codebase import Codebase
from mergewright.domain.documentation import DocumentationState
from mergewright.domain.gates import Gate
from mergewright.domain.workspace import Workspace
from mergewright.errors import ChecksFailed
from tasks import checks, documentation


def write_documents(
    work: Work, place: Workspace, codebase: Codebase, changeset: Changeset | None, complaint: str
) -> Changeset:
    """Have documents corrected, from the start or further.

    Raises:
        WorkError: The agent gave no usable answer, or changed nothing.
        BudgetExceeded: A call did not fit under a cap.
    """
    stage_id = f"repair-{work.round}" if changeset else "write"
    inputs = (place, codebase, _state(work), changeset, complaint, work.round)
    return work.do(stage_id, documentation.write, *inputs)


def judge_documents(
    work: Work, place: Workspace, codebase: Codebase, changeset: Changeset
) -> tuple[Gate, ...]:
    """Check links, names, code blocks, commands and style.

    Raises:
        ConfigError: The repository's policy file is wrong.
    """
    stage_id = f"check-{work.round}"
    inputs = (place, codebase, _state(work), changeset, work.round)
    gates = document_gates(
        work.do(stage_id, documentation.check, *inputs), in_code=work.policy.comments_only
    )
    work.gate(stage_id, gates)
    return gates


def check_base(work: Work, stage_id: str, place: Workspace, codebase: Codebase) -> CheckReport:
    """Run the base's own checks, unless only documents are written: they say nothing about those.

    Raises:
        NotReady: There are no tests, or they cannot run at all.
        ConfigError: What they need cannot be installed, or there is no sandbox.
    """
    if work.delivery.documentation is not None:
        return documentation.no_checks(place)
    return work.do(stage_id, checks.check_base, place, codebase)


def _state(work: Work) -> DocumentationState:
    if work.delivery.documentation is None:
        raise ChecksFailed(
            f"The run {work.run.id!r} never looked at the documentation.",
            hint="Start another run for the repository.",
            run_id=work.run.id,
        )
    return work.delivery.documentation
