"""Stages that publish the change: commit and push, then open the pull request."""

from mergewright.clients import trees
from mergewright.clients.ports import CodeHost
from mergewright.clients.remotes import push_branch, remote_heads
from mergewright.domain.changeset import Changeset
from mergewright.domain.delivery import Delivery, Run
from mergewright.domain.pull_request import PullRequest, PullRequestDraft
from mergewright.domain.ticket import Ticket
from mergewright.domain.workspace import Workspace
from mergewright.errors import ChangeRefused
from mergewright.safety.outgoing import refuse_secrets
from mergewright.texts.commits import commit_message
from mergewright.texts.delivery import pull_request_body, pull_request_title
from mergewright.texts.pull_request_template import find_template
from tasks._decisions import decide
from tasks._effects import perform
from tasks._policies import stage
from tasks._runs import journal_of, profile_of
from tasks._traces import BranchBefore, BranchWanted, PullRequestBefore, PullRequestWanted
from tasks._workbench import credential_of
from tasks.rebases import has_new_base


@stage("Commit and push", kept=False)
def commit_and_push(
    run: Run, ticket: Ticket, workspace: Workspace, changeset: Changeset, rebases: int
) -> str:
    """Commit the checked tree and push it as the run's branch; return the commit.

    Where the base moved meanwhile, nothing is pushed and nothing is returned: the change is to be
    rebased first.

    Args:
        run: The run.
        ticket: What was asked for.
        workspace: Where it was worked on.
        changeset: What passed the gates.
        rebases: How often it was rebased already.

    Raises:
        Rejected: The branch exists with other commits.
        ServiceError: The repository refused or did not answer.
    """
    commit = commit_change(run, ticket, workspace, changeset)
    if has_new_base(run, workspace, commit, rebases):
        return ""
    return push_commit(run, "push", workspace, commit, workspace.branch)


def commit_change(
    run: Run, ticket: Ticket, workspace: Workspace, changeset: Changeset, *, parent: str = ""
) -> str:
    """Commit a recorded tree in the mirror; the same change again is the same commit.

    Args:
        run: The run.
        ticket: What was asked for.
        workspace: Where it was worked on.
        changeset: What is committed.
        parent: The commit before; empty for the base.

    Raises:
        SecretFound: The message holds what looks like a secret.
    """
    message = commit_message(ticket, changeset, run.id)
    refuse_secrets("commit message", message)
    return trees.commit_tree(
        workspace.mirror,
        tree=changeset.tree,
        parent=parent or workspace.base_commit,
        message=message,
        author=profile_of(run).author,
        at=workspace.committed_at,
    )


def push_commit(
    run: Run,
    stage_id: str,
    workspace: Workspace,
    commit: str,
    branch: str,
    *,
    is_base: bool = False,
) -> str:
    """Push a commit as a new branch, as an effect that can be undone; return the commit.

    Args:
        run: The run.
        stage_id: In which it is done.
        workspace: Where the commit is.
        commit: What is pushed.
        branch: Name of the branch.
        is_base: Whether pull requests are meant for the branch, and not made of it.

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
        wanted=BranchWanted(commit=commit, is_base=is_base),
        act=lambda: push_branch(
            workspace.mirror, run.repository, commit=commit, branch=branch, credential=credential
        ),
        reference=str,
        before=lambda: BranchBefore(
            commit=remote_heads(run.repository, credential=credential).get(branch)
        ),
    )


@stage("Open the pull request", kept=False)
def open_pull_request(run: Run, workspace: Workspace, delivery: Delivery) -> PullRequest:
    """Open the pull request for the pushed branch, or find the one that is open.

    Raises:
        ServiceError: The code host refused or did not answer.
    """
    profile = profile_of(run)
    host = profile.code_host.connect()
    draft = draft_of(run, workspace, delivery)
    return perform(
        journal_of(run, "pull-request", profile),
        effect="pull request",
        target=workspace.branch,
        form=PullRequest,
        wanted=PullRequestWanted(ticket_key=draft.ticket_key, head_commit=draft.head_commit),
        act=lambda: host.open_pull_request(draft),
        reference=lambda opened: opened.url,
        before=lambda: _before(host, draft),
    )


def draft_of(run: Run, workspace: Workspace, delivery: Delivery) -> PullRequestDraft:
    """Return what a pull request says about a delivery, and what it offers.

    Raises:
        ChangeRefused: The delivery holds no change.
        SecretFound: What it says holds what looks like a secret.
        SettingInvalid: The repository's policy file is wrong.
    """
    ticket, changeset = delivery.ticket, delivery.changeset
    if ticket is None or changeset is None:
        raise ChangeRefused("There is nothing to open a pull request for.")
    decided = decide(run, journal_of(run, "pull-request"), workspace, ticket, changeset)
    if delivery.pull_request is not None:
        # It may have been made ready for review since that was decided.
        decided = decided.model_copy(update={"draft": delivery.pull_request.draft})
    template = _template_of(workspace, ticket)
    title = pull_request_title(ticket, changeset)
    body = pull_request_body(delivery, decided, template=template)
    refuse_secrets("pull request", title, body)
    return PullRequestDraft(
        repository=run.repository,
        title=title,
        body=body,
        head=workspace.branch,
        head_commit=delivery.commit,
        base=workspace.base,
        base_commit=workspace.base_commit,
        ticket_key=ticket.key,
        draft=decided.draft,
    )


def _template_of(workspace: Workspace, ticket: Ticket) -> str:
    """Return the repository's own template as the base commit has it; empty when it has none."""
    mirror, commit = workspace.mirror, workspace.base_commit
    known = (file.path for file in trees.list_files(mirror, commit))
    path = find_template(known, ticket.kind)
    body = trees.read_blob(mirror, commit, path) if path else None
    return body.decode("utf-8", "replace") if body else ""


def _before(host: CodeHost, draft: PullRequestDraft) -> PullRequestBefore:
    known = host.pull_requests(draft.repository, draft.ticket_key)
    opened = (one.number for one in known if one.state == "open" and one.head == draft.head)
    return PullRequestBefore(number=next(opened, None))
