"""Stages that publish the change: commit and push, then open the pull request."""

from mergewright.clients import trees
from mergewright.clients.mirrors import ensure_mirror, resolve_base
from mergewright.clients.ports import CodeHost
from mergewright.clients.remotes import push_branch, remote_heads
from mergewright.domain.changeset import Changeset
from mergewright.domain.delivery import Delivery, Run
from mergewright.domain.pull_request import PullRequest, PullRequestDraft
from mergewright.domain.ticket import Ticket
from mergewright.domain.workspace import Workspace
from mergewright.errors import ChangeRefused
from mergewright.settings import settings
from mergewright.texts.commits import commit_message
from mergewright.texts.delivery import pull_request_body, pull_request_title
from tasks._effects import perform
from tasks._policies import stage
from tasks._runs import journal_of, profile_of
from tasks._traces import BranchBefore, BranchWanted, PullRequestBefore, PullRequestWanted
from tasks._workbench import credential_of


@stage("Commit and push", kept=False)
def commit_and_push(run: Run, ticket: Ticket, workspace: Workspace, changeset: Changeset) -> str:
    """Commit the checked tree and push it as the run's branch; return the commit.

    Raises:
        ChangeRefused: The base moved and the same files were changed there.
        Rejected: The branch exists with other commits.
        ServiceError: The repository refused or did not answer.
    """
    _refuse_drift(run, workspace, changeset)
    commit = commit_change(run, ticket, workspace, changeset)
    return push_commit(run, "push", workspace, commit, workspace.branch)


def commit_change(run: Run, ticket: Ticket, workspace: Workspace, changeset: Changeset) -> str:
    """Commit a recorded tree in the mirror; the same change again is the same commit."""
    return trees.commit_tree(
        workspace.mirror,
        tree=changeset.tree,
        parent=workspace.base_commit,
        message=commit_message(ticket, changeset, run.id),
        author=profile_of(run).author,
        at=workspace.committed_at,
    )


def push_commit(run: Run, stage_id: str, workspace: Workspace, commit: str, branch: str) -> str:
    """Push a commit as a new branch, as an effect that can be undone; return the commit.

    Raises:
        Rejected: The branch exists with other commits.
        ServiceError: The repository refused or did not answer.
    """
    profile = profile_of(run)
    credential = credential_of(profile, run.repository)
    return perform(
        journal_of(run, stage_id, profile),
        effect="branch",
        target=branch,
        form=str,
        wanted=BranchWanted(commit=commit),
        act=lambda: push_branch(
            workspace.mirror, run.repository, commit=commit, branch=branch, credential=credential
        ),
        reference=str,
        before=lambda: BranchBefore(
            commit=remote_heads(run.repository, credential=credential).get(branch)
        ),
    )


def _refuse_drift(run: Run, workspace: Workspace, changeset: Changeset) -> None:
    """Refuse when the base branch changed the same files since the run began."""
    ensure_mirror(
        run.repository,
        settings().home / "mirrors",
        credential=credential_of(profile_of(run), run.repository),
    )
    now = resolve_base(workspace.mirror, run.base)
    if now == workspace.base_commit:
        return
    theirs = {
        file.path for file in trees.changed_files(workspace.mirror, workspace.base_commit, now)
    }
    both = sorted(theirs & {file.path for file in changeset.files})
    if both:
        raise ChangeRefused(
            f"{run.base!r} changed the same files since the run began: {', '.join(both)}.",
            hint="Nothing was published. Run again with --fresh to work from the new base.",
        )


@stage("Open the pull request", kept=False)
def open_pull_request(run: Run, workspace: Workspace, delivery: Delivery) -> PullRequest:
    """Open the pull request for the pushed branch, or find the one that is open.

    Raises:
        ServiceError: The code host refused or did not answer.
    """
    profile = profile_of(run)
    host = profile.code_host.connect()
    ticket, changeset = delivery.ticket, delivery.changeset
    if ticket is None or changeset is None:
        raise ChangeRefused("There is nothing to open a pull request for.")
    draft = PullRequestDraft(
        repository=run.repository,
        title=pull_request_title(ticket, changeset),
        body=pull_request_body(delivery),
        head=workspace.branch,
        head_commit=delivery.commit,
        base=run.base,
        base_commit=workspace.base_commit,
        ticket_key=ticket.key,
        labels=ticket.labels,
    )
    return perform(
        journal_of(run, "pull-request", profile),
        effect="pull request",
        target=workspace.branch,
        form=PullRequest,
        wanted=PullRequestWanted(ticket_key=ticket.key, head_commit=draft.head_commit),
        act=lambda: host.open_pull_request(draft),
        reference=lambda opened: opened.url,
        before=lambda: _before(host, draft),
    )


def _before(host: CodeHost, draft: PullRequestDraft) -> PullRequestBefore:
    known = host.pull_requests(draft.repository, draft.ticket_key)
    opened = (one.number for one in known if one.state == "open" and one.head == draft.head)
    return PullRequestBefore(number=next(opened, None))
