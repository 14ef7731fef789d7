"""A team's services on loopback: Jira, GitHub and its git, Confluence, Slack and a mail server."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from prefect_github import GitHubCredentials
from prefect_slack import SlackCredentials

from blocks.confluence import ConfluenceSpace
from blocks.credentials import AtlassianCredentials
from blocks.github import GitHubCodeHost
from blocks.jira import JiraProject
from blocks.messengers import EmailServerCredentials, MailMessenger
from blocks.profile import DeliveryProfile
from blocks.services import SlackChannelMessenger
from mergewright.clients.adf import to_adf
from mergewright.clients.folder_tracker import FolderTracker
from mergewright.domain.repository_table import RepositoryRow
from tests.clients import confluence_server, github_server, jira_server, slack_server, smtp_server
from tests.clients.certificates import make_certificate
from tests.clients.git_samples import GitServer, serving
from tests.clients.loopback import Answer, LoopbackServer, Request
from tests.journeys.places import DEMO, git

KEY = "TALLY-7"
PROFILE = "team"


class GitHubOfTeam(github_server.GitHubServer):
    """GitHub whose branches are those of a repository on disk."""

    def __init__(self, bare: Path) -> None:
        self._bare = bare
        super().__init__()

    @property
    def branches(self) -> dict[str, str]:
        listed = git(self._bare, "for-each-ref", "--format=%(refname:short) %(objectname)")
        return dict(line.split() for line in listed.splitlines())

    @branches.setter
    def branches(self, _: dict[str, str]) -> None:
        """Those of the repository are the only ones."""


@dataclass(frozen=True)
class Team:
    """Where a team works."""

    git: GitServer
    github: GitHubOfTeam
    jira: jira_server.JiraServer
    confluence: confluence_server.ConfluenceServer
    slack: slack_server.SlackServer
    smtp: smtp_server.SmtpServer
    ca_file: str

    @property
    def repository(self) -> str:
        return f"{self.git.url}/team/shop"

    def save_profile(self) -> None:
        """Save the profile of the team, and the mail block that it names."""
        MailMessenger(
            credentials=EmailServerCredentials(
                host="127.0.0.1",
                port=self.smtp.port,
                username=smtp_server.USER,
                password=smtp_server.PASSWORD,
                ca_file=self.ca_file,
            ),
            sender="Mergewright <mergewright@example.org>",
            recipients=("team@example.org",),
        ).save("team", overwrite=True)
        DeliveryProfile(
            tracker=JiraProject(credentials=_atlassian(self.jira, jira_server)),
            code_host=GitHubCodeHost(
                credentials=GitHubCredentials(token=github_server.TOKEN),
                api_url=self.github.url,
                web_url=self.git.url,
            ),
            wiki=ConfluenceSpace(
                credentials=_atlassian(self.confluence, confluence_server),
                space="ENG",
                parent=["Deliveries"],
                labels=["delivery"],
            ),
            messenger=SlackChannelMessenger(
                credentials=SlackCredentials(token=slack_server.TOKEN),
                channel="#deliveries",
                base_url=self.slack.base_url,
            ),
            messengers=["mergewright-mail/team"],
            repositories=(RepositoryRow(repository=self.repository, project="TALLY"),),
        ).save(PROFILE, overwrite=True)


def _atlassian(server: LoopbackServer, known: object) -> AtlassianCredentials:
    return AtlassianCredentials(url=server.url, username=known.USER, token=known.TOKEN)


@contextmanager
def team_services(folder: Path) -> Iterator[Team]:
    """Start a team's services, with the shipped ticket in Jira and its repository behind git."""
    bare = folder / "git" / "team" / "shop"
    bare.parent.mkdir(parents=True)
    git(folder, "clone", "--quiet", "--bare", str(DEMO / "tally.bundle"), str(bare))
    git(bare, "config", "http.receivepack", "true")
    certificates = folder / "certificates"
    certificates.mkdir()
    with ExitStack() as stack:
        remote = stack.enter_context(serving(folder / "git"))
        remote.token = github_server.TOKEN
        mail = smtp_server.SmtpServer(make_certificate(certificates), asks_for_log_in=True)
        slack = slack_server.SlackServer(scopes=("chat:write", *slack_server.READING))
        team = Team(
            remote,
            stack.enter_context(closing(GitHubOfTeam(bare))),
            stack.enter_context(closing(jira_server.JiraServer())),
            stack.enter_context(closing(confluence_server.ConfluenceServer())),
            stack.enter_context(closing(slack)),
            stack.enter_context(closing(mail)),
            str(certificates / "127.0.0.1.pem"),
        )
        team.github.repository = team.repository
        _add_ticket(team.jira, folder)
        yield team


def _add_ticket(jira: jira_server.JiraServer, folder: Path) -> None:
    tickets = folder / "tickets"
    tickets.mkdir()
    (tickets / f"{KEY}.md").write_bytes((DEMO / f"{KEY}.md").read_bytes())
    ticket = FolderTracker(tickets).ticket(KEY)
    criteria = "\n".join(f"- {criterion}" for criterion in ticket.acceptance_criteria)
    text = f"{ticket.description}\n\n## Acceptance criteria\n\n{criteria}\n"
    jira.add_issue(KEY, summary=ticket.title, description=to_adf(text), labels=list(ticket.labels))


class Once:
    """Does something after a server's next answer to a kind of request.

    Args:
        server: The server.
        method: Method of the request.
        ends_with: End of its path.
        then: What to do; the answer never leaves.
    """

    def __init__(self, server: LoopbackServer, method: str, ends_with: str, then) -> None:
        self._answer, self._left = server.answer, True
        self._kind, self._then = (method, ends_with), then
        server.answer = self._watch

    def _watch(self, request: Request) -> Answer:
        answer = self._answer(request)
        method, end = self._kind
        if self._left and request.method == method and request.path.endswith(end):
            self._left = False
            self._then()
        return answer
