"""Moving a change to where its base is now, and seeing that it holds there too."""

from flows._documents import check_base
from flows._gates import complaint, failures
from flows._improving import Understanding, improve, judge
from flows._work import Work
from mergewright.domain.changeset import Changeset
from tasks import codebase
from tasks.rebases import base_gate, rebase_change


def rebase(
    work: Work, known: Understanding, changeset: Changeset, rebases: int
) -> tuple[Understanding, Changeset]:
    """Rebase a change, run its checks on the new base, and have repaired what fails only there.

    Args:
        work: The run under way.
        known: What is known about the base until now.
        changeset: The change, which passed the gates there.
        rebases: How many times the base has moved by now.

    Raises:
        ChangeRefused: The base changed the same lines.
        ChecksFailed: Gates fail on the new base, and repairing does not help.
        ServiceError: The repository refused or did not answer.
    """
    stage_id = f"rebase-{rebases}"
    work.keep_origin()
    moved = work.do(stage_id, rebase_change, known.workspace, changeset, rebases)
    place, changeset = moved.workspace, moved.changeset
    work.place = place
    work.learn(base_commit=place.base_commit, changeset=changeset)
    facts = work.do(f"analyse-{rebases}", codebase.analyse_repository, known.ticket, place)
    base = check_base(work, f"baseline-{rebases}", place, facts)
    before, known = known.workspace, Understanding(known.ticket, place, facts, base)
    work.round += 1
    gates = judge(work, known, changeset, reviewed=False)
    if failures(gates):
        changeset = improve(work, known, changeset, complaint(gates))
    work.gate(stage_id, (base_gate(before, place),))
    return known, changeset
