"""Asking people about what is held against a change, when the agent has left it as it is."""

from collections.abc import Sequence

from flows._work import REPLAY, Work
from mergewright.domain.gates import Gate
from mergewright.domain.requests import ApprovalPoint
from mergewright.errors import ApprovalDenied
from mergewright.safety.integrity import approvable
from mergewright.texts.approvals import objections_subject


def settle_objections(work: Work, gates: Sequence[Gate]) -> bool:
    """Ask a person to approve by name what is held against a change; return whether they did.

    Nobody is asked where a gate failed of anything else, where nothing will be published, or where a
    run is replayed: what is replayed was approved then.

    Raises:
        ApprovalDenied: Somebody said no, or nobody answered in time.
    """
    names = approvable(gates)
    if not names:
        return False
    if work.run.workflow == REPLAY:
        work.approved.update(dict.fromkeys(names, "whoever did in the run that is replayed"))
        return True
    if work.run.dry_run:
        return False
    shown = objections_subject(work.delivery, names)
    answer = work.ask(ApprovalPoint.CHANGE, lambda: shown, always=True)
    if answer is None or not answer.approved:
        said = answer.comment if answer else ""
        raise ApprovalDenied(
            f"What is held against the change was not approved: {said or 'no reason given'}.",
            hint="No pull request was opened. Say more in the ticket and run again.",
            run_id=work.run.id,
        )
    work.approved.update(dict.fromkeys(names, " and ".join(answer.by)))
    return True
