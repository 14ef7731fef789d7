"""What of GitHub's answers is read: pull requests, people, checks, workflow runs.

Source: GitHub's own description of its REST API (`@octokit/openapi` 23), 2026-11-20.
"""

from pydantic import AwareDatetime, Field, model_validator

from mergewright.clients.answer_forms import Form
from mergewright.domain.pull_request import PullRequest, WorkflowRun


class Anything(Form):
    """An answer of which nothing is read."""


class Account(Form):
    """Somebody with an account, or an App."""

    login: str = "ghost"
    type: str = "User"


class Team(Form):
    """A team of an organisation."""

    slug: str


class Named(Form):
    """A label, or an issue type; GitHub may give a label as its name alone."""

    name: str = ""

    @model_validator(mode="before")
    @classmethod
    def _of_name(cls, value: object) -> object:
        return {"name": value} if isinstance(value, str) else value


class Milestone(Form):
    """A milestone."""

    number: int
    title: str


class Permissions(Form):
    """What one may do with a repository."""

    push: bool = False
    triage: bool = False


class Repository(Form):
    """A repository."""

    full_name: str
    permissions: Permissions = Field(default_factory=Permissions)


class Side(Form):
    """The head or the base of a pull request."""

    ref: str
    sha: str = ""
    label: str = ""
    repo: Repository | None = None
    """Nothing, when it was deleted."""


class Pull(Form):
    """A pull request, as a list of them shows it too."""

    number: int
    node_id: str = ""
    """What GraphQL calls it by."""
    html_url: str
    title: str
    body: str = ""
    state: str
    merged_at: str = ""
    draft: bool = False
    user: Account = Field(default_factory=Account)
    head: Side
    base: Side
    labels: tuple[Named, ...] = ()
    requested_reviewers: tuple[Account, ...] = ()
    requested_teams: tuple[Team, ...] = ()
    assignees: tuple[Account, ...] = ()
    milestone: Milestone | None = None

    @property
    def is_from_elsewhere(self) -> bool:
        """Whether its branch is in another repository, or was there."""
        here = self.base.repo.full_name if self.base.repo else ""
        return self.head.repo is None or self.head.repo.full_name.lower() != here.lower()

    @property
    def value(self) -> PullRequest:
        """It as a value of ours."""
        head = self.head.ref
        if self.is_from_elsewhere:
            head = self.head.label or f"unknown:{head}"
        return PullRequest(
            number=self.number,
            url=self.html_url,
            title=self.title,
            head=head,
            base=self.base.ref,
            state="merged" if self.merged_at else "open" if self.state == "open" else "closed",
            draft=self.draft,
            head_commit=self.head.sha,
            author=self.user.login,
            labels=tuple(label.name for label in self.labels),
            reviewers=tuple(person.login for person in self.requested_reviewers),
            team_reviewers=tuple(team.slug for team in self.requested_teams),
            assignees=tuple(person.login for person in self.assignees),
            milestone=self.milestone.title if self.milestone else "",
        )


class Handled(Form):
    """The part of an issue that a pull request shares."""

    labels: tuple[Named, ...] = ()
    assignees: tuple[Account, ...] = ()
    milestone: Milestone | None = None


class Review(Form):
    """A review that somebody gave."""

    user: Account = Field(default_factory=Account)
    state: str = ""


class IssueComment(Form):
    """A comment below an issue or pull request."""

    id: int
    user: Account = Field(default_factory=Account)
    body: str = ""
    created_at: AwareDatetime
    html_url: str = ""


class ThreadComment(IssueComment):
    """A comment in a thread of a pull request."""

    in_reply_to_id: int = 0
    """The comment that the thread began with; zero for that one itself."""


class App(Form):
    """A GitHub App."""

    slug: str = ""
    name: str = ""


class Output(Form):
    """What a check run shows."""

    title: str = ""
    summary: str = ""


class CheckRun(Form):
    """A check run on a commit."""

    id: int
    name: str
    status: str = "queued"
    conclusion: str = ""
    details_url: str = ""
    html_url: str = ""
    app: App = Field(default_factory=App)
    output: Output = Field(default_factory=Output)


class CheckSuite(Form):
    """The check runs of one App on a commit."""

    status: str = "queued"
    latest_check_runs_count: int = 0


class CommitStatus(Form):
    """A status that somebody set on a commit."""

    context: str
    state: str
    description: str = ""
    target_url: str = ""


class Run(Form):
    """A run of a workflow."""

    id: int
    name: str = ""
    display_title: str = ""
    html_url: str = ""
    status: str = "queued"
    conclusion: str = ""
    head_sha: str = ""
    created_at: AwareDatetime
    actor: Account = Field(default_factory=Account)

    @property
    def value(self) -> WorkflowRun:
        """It as a value of ours."""
        return WorkflowRun(
            id=self.id, url=self.html_url, status=self.status, conclusion=self.conclusion
        )


class Dispatched(Form):
    """What GitHub says it started."""

    workflow_run_id: int = 0
    html_url: str = ""
