"""Stages that keep the change of a failed run, and tell its ticket why it failed."""

from itertools import count

from mergewright.clients.remotes import remote_heads
from mergewright.domain.changeset import Changeset
from mergewright.domain.delivery import Delivery, Run
from mergewright.domain.ticket import Ticket
from mergewright.domain.workspace import Workspace
from mergewright.texts.branches import SALVAGED
from mergewright.texts.endings import salvage_comment
from tasks._policies import stage
from tasks._runs import journal_of, policy_of, profile_of
from tasks._traces import CommentWanted
from tasks._workbench import credential_of
from tasks.pull_requests import commit_change, push_commit
from tasks.tickets import comment_once

STAGE = "salvage"


def is_wanted(run: Run) -> bool:
    """Say whether the run's profile wants the change of a failed run to be kept.

    Raises:
        BlockMissing: There is no profile of this name.
    """
    return profile_of(run).salvage


@stage("Salvage the change", kept=False)
def push_salvage(run: Run, ticket: Ticket, workspace: Workspace, changeset: Changeset) -> str:
    """Push a change that passed no gates as a branch of its own; return the branch.

    Raises:
        ServiceError: The repository refused or did not answer.
    """
    commit = commit_change(run, ticket, workspace, changeset)
    credential = credential_of(profile_of(run), run.repository)
    heads = remote_heads(run.repository, credential=credential)
    branch = _free_name(f"{SALVAGED}{workspace.branch}", commit, heads)
    push_commit(run, STAGE, workspace, commit, branch)
    return branch


def _free_name(name: str, commit: str, heads: dict[str, str]) -> str:
    """Return the first name that is not taken by another commit, such as that of an earlier run."""
    names = (name if number == 1 else f"{name}-{number}" for number in count(1))
    return next(one for one in names if heads.get(one, commit) == commit)


@stage("Tell the ticket why it failed", kept=False)
def explain_failure(run: Run, delivery: Delivery, branch: str) -> str:
    """Write to the ticket why the run failed and where its change is; return where that is.

    Raises:
        ServiceError: The tracker refused or did not answer.
    """
    ticket, changeset = delivery.ticket, delivery.changeset
    if ticket is None or changeset is None or not policy_of(run).ticket:
        return ""
    return comment_once(
        run,
        journal_of(run, STAGE),
        target=f"{ticket.key}:salvage-{changeset.digest[:8]}",
        comment=CommentWanted(
            key=ticket.key,
            marker="mergewright-salvage",
            body=salvage_comment(delivery, branch),
        ),
    )
