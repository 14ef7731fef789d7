"""Stages about the release that a hotfix is for: which one it is, and the branch that its fix goes to."""

from mergewright.clients.code_host import BranchRules, RuleTelling
from mergewright.clients.mirrors import no_such_base
from mergewright.clients.references import read_references
from mergewright.domain.delivery import Run
from mergewright.domain.release import Release, choose_release
from mergewright.domain.workflow_policy import ReleaseStrategy
from mergewright.domain.workspace import Workspace
from mergewright.errors import AccessDenied, NotFound
from tasks._facts import pinned
from tasks._policies import stage
from tasks._runs import journal_of, policy_of, profile_of
from tasks.pull_requests import push_commit
from tasks.workspace import fetch_mirror

RELEASE = "release"
"""Name of the fact and of the stage."""


@stage("Find the release", kept=False)
def find_release(run: Run, main: str) -> Release:
    """Return the release that is mended; a run keeps the one that it found first.

    What the code host asks of its branch is told now, and not when the work is done.

    Args:
        run: The run.
        main: Branch that is to get the same fix; empty takes the repository's default branch.

    Raises:
        NotFound: There is no such release or main branch; the hint names the nearest.
        AccessDenied: Its branch is to be made, and the repository's rules let nobody make it.
        ServiceError: The repository refused or did not answer.
        StoreFailed: The log cannot be read or written.
    """
    strategy = policy_of(run).release or ReleaseStrategy()

    def find() -> Release:
        there = read_references(fetch_mirror(run))
        if main and main not in there.branches:
            raise no_such_base(main, tuple(there.branches), sought="main branch")
        return choose_release(run.base, branches=there.branches, tags=there.tags, strategy=strategy)

    journal = journal_of(run, RELEASE)
    found = pinned(journal, RELEASE, Release, find)
    made = f", to be made of {found.name}" if found.is_branch_made else ""
    journal.note(f"{found.name} at {found.commit[:12]}; the fix goes to {found.branch}{made}")
    if told := _ask_for_rules(run, found):
        journal.note(told)
    return found


def _ask_for_rules(run: Run, release: Release) -> str:
    host = profile_of(run).code_host.connect()
    if not isinstance(host, RuleTelling):
        return ""
    try:
        rules = host.branch_rules(run.repository, release.branch)
    except (AccessDenied, NotFound) as error:
        return f"The rules of {release.branch} could not be read: {error.message}"
    return rules_told(run, release, rules)


def rules_told(run: Run, release: Release, rules: BranchRules) -> str:
    """Say what is asked of the branch that the fix goes to; empty when nothing is.

    Raises:
        AccessDenied: The branch has to be made, and may not be.
    """
    if release.is_branch_made and not rules.may_be_made:
        raise AccessDenied(
            f"The fix of {release.name!r} needs the branch {release.branch!r}, and the rules of"
            f" {run.repository!r} let nobody make it.",
            hint=f"Have it made of {release.name} by somebody who may, or name a branch that is"
            " there: --base BRANCH",
        )
    return f"{release.branch} is protected: {'; '.join(rules.asks)}" if rules.asks else ""


@stage("Make the release branch", kept=False)
def make_branch(run: Run, workspace: Workspace, release: Release) -> str:
    """Push the release's commit as the branch that the pull request is meant for; return the commit.

    Raises:
        Rejected: The branch exists with other commits, or the repository lets nobody make it.
        ServiceError: The repository refused or did not answer.
    """
    return push_commit(
        run, "release-branch", workspace, release.commit, release.branch, is_base=True
    )
