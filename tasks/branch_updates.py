"""Stages that add to what was published: a further commit on the branch, and what is said about it.

A branch is only moved from the commit that the run knows of, so that nobody's work is lost.
"""

from mergewright.clients import trees
from mergewright.clients.git import Credential
from mergewright.clients.mirrors import ensure_mirror
from mergewright.clients.ports import CodeHost, Effect
from mergewright.clients.remotes import move_branch, remote_heads
from mergewright.clients.tree_merges import commits_between
from mergewright.domain.changeset import Changeset
from mergewright.domain.delivery import Delivery, Run
from mergewright.domain.pull_request import PullRequest, PullRequestDraft
from mergewright.domain.ticket import Ticket
from mergewright.domain.workspace import Workspace
from mergewright.errors import ChangeRefused, NotFound
from mergewright.settings import settings
from tasks._addresses import run_address
from tasks._effects import perform
from tasks._policies import stage
from tasks._recorded_trees import hold_tree
from tasks._runs import event_store, journal_of, profile_of
from tasks._traces import CommitBefore, CommitWanted, GatesWanted, PullRequestText
from tasks._workbench import credential_of
from tasks.pull_requests import commit_change, draft_of
from tasks.triage import show_gates


def own_part(workspace: Workspace, head: str, changeset: Changeset) -> Changeset:
    """Return what a change adds to a commit of its branch, without what others made of it."""
    return changeset.model_copy(
        update={
            "base_commit": head,
            "diff": trees.diff(workspace.mirror, head, changeset.tree),
            "files": trees.changed_files(workspace.mirror, head, changeset.tree),
        }
    )


@stage("Push a further commit", run_name="Push a further commit (round {attempt})", kept=False)
def push_further(
    run: Run, ticket: Ticket, workspace: Workspace, changeset: Changeset, head: str, attempt: int
) -> str:
    """Commit the checked tree upon the branch's head and push it there; return the commit.

    Args:
        run: The run.
        ticket: What was asked for.
        workspace: Where it was worked on.
        changeset: What passed the gates.
        head: The commit that the branch holds as far as the run knows.
        attempt: Round of repair that made it.

    Raises:
        ChangeRefused: The branch holds commits of others that the run does not know.
        ServiceError: The repository refused or did not answer.
    """
    hold_tree(event_store(), run.id, workspace.mirror, changeset.tree)
    commit = commit_change(run, ticket, workspace, changeset, parent=head)
    profile = profile_of(run)

    def move() -> Effect[str]:
        credential = credential_of(profile, run.repository)
        _see_it_is_ours(run, workspace.branch, (head, commit), credential)
        return move_branch(
            workspace.mirror,
            run.repository,
            branch=workspace.branch,
            expected=head,
            commit=commit,
            credential=credential,
        )

    return perform(
        journal_of(run, f"push-{attempt}", profile),
        effect="commit",
        target=f"{workspace.branch}@{commit[:12]}",
        form=str,
        wanted=CommitWanted(branch=workspace.branch, commit=commit),
        act=move,
        reference=str,
        before=lambda: CommitBefore(commit=head),
    )


def _see_it_is_ours(
    run: Run, branch: str, known: tuple[str, str], credential: Credential | None
) -> None:
    """Refuse a branch that others have pushed to since, and say who and what."""
    held = remote_heads(run.repository, credential=credential).get(branch, "")
    if held in known:
        return
    told = "it is gone"
    if held:
        mirror = ensure_mirror(run.repository, settings().home / "mirrors", credential=credential)
        told = "; ".join(commits_between(mirror, known[0], held)) or f"it was moved to {held[:12]}"
    raise ChangeRefused(
        f"Others have changed the branch {branch!r} since the run looked at it: {told}.",
        hint="Nothing was overwritten. Start the follow-up again with --fresh to work on top of it.",
    )


@stage("Refresh the pull request", kept=False)
def refresh_pull_request(
    run: Run, workspace: Workspace, earlier: Delivery, delivery: Delivery
) -> PullRequest:
    """Say in the pull request what it offers now, and show the gates on the commit.

    Args:
        run: The run.
        workspace: Where it was worked on.
        earlier: What it told about until now.
        delivery: What it tells about from now on.

    Raises:
        NotFound: There is no pull request.
        ServiceError: The code host refused or did not answer.
    """
    if delivery.pull_request is None:
        raise NotFound(f"The run {run.id!r} has no pull request.")
    profile = profile_of(run)
    host = profile.code_host.connect()
    number = delivery.pull_request.number
    draft = draft_of(run, workspace, delivery)
    journal = journal_of(run, "refresh", profile)
    refreshed = perform(
        journal,
        effect="pull request text",
        target=f"#{number}@{draft.head_commit[:12]}",
        form=PullRequest,
        wanted=PullRequestText(number=number, draft=draft),
        act=lambda: rewrite(host, number, draft),
        reference=lambda opened: opened.url,
        before=lambda: PullRequestText(number=number, draft=draft_of(run, workspace, earlier)),
    )
    gates = GatesWanted(
        number=number,
        head=draft.head,
        head_commit=draft.head_commit,
        gates=delivery.gates,
        url=run_address(run),
    )
    show_gates(run, journal, gates)
    return refreshed


def rewrite(host: CodeHost, number: int, draft: PullRequestDraft) -> Effect[PullRequest]:
    """Give a pull request another text, but for one that is closed: it would be opened anew.

    Raises:
        ServiceError: The code host refused or did not answer.
    """
    there = host.pull_request(draft.repository, number)
    return host.open_pull_request(draft) if there.state == "open" else Effect(there, found=True)
