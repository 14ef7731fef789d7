"""The blocks of GitHub: what they connect to, and what they say of it."""

import pytest
from prefect_github import GitHubCredentials
from pydantic import ValidationError

from blocks.github import GitHubAppCredentials, GitHubCodeHost, GitHubIssueTracker
from mergewright.clients.github import GitHubHost
from mergewright.clients.github_issues import GitHubIssues
from mergewright.errors import AccessDenied, BlockMissing, SettingInvalid
from tests.clients.app_key import APP_ID, APP_KEY, INSTALLATION, PEM
from tests.clients.github_server import TOKEN, GitHubServer

pytestmark = pytest.mark.engine


@pytest.fixture
def server():
    server = GitHubServer()
    server.add_issue(7)
    yield server
    server.close()


def app(server, **changes):
    server.app_key = APP_KEY.public_key()
    told = {"app_id": APP_ID, "installation_id": INSTALLATION, "private_key": PEM}
    return GitHubAppCredentials(**told | {"api_url": server.url} | changes)


def token(text=TOKEN):
    return GitHubCredentials(token=text)


def test_a_code_host_with_a_token(server):
    block = GitHubCodeHost(credentials=token(), api_url=server.url)
    host = block.connect()
    assert isinstance(host, GitHubHost)
    assert host.pull_requests(server.repository, "GH-7") == ()
    assert block.check(server.repository).account == "mw-bot"


def test_a_code_host_with_an_app(server):
    server.add_pull(8)
    block = GitHubCodeHost(credentials=app(server))
    assert block.connect().pull_request(server.repository, 8).number == 8
    server.installation_permissions = {"pull_requests": "write"}
    assert "checks (write)" in " ".join(block.check().missing)
    assert app(server).check().account == "mergewright-app[bot] at team"


def test_issues_with_either(server):
    block = GitHubIssueTracker(credentials=token(), api_url=server.url, repository="team/shop")
    tracker = block.connect()
    assert isinstance(tracker, GitHubIssues)
    assert tracker.ticket("#7").key == "GH-7"
    assert block.check().missing == ()
    server.installation_permissions = {"issues": "write"}
    block = GitHubIssueTracker(credentials=app(server), repository="team/shop")
    assert block.connect().ticket("#7").key == "GH-7"
    assert block.check().missing == ()


@pytest.mark.parametrize("kind", ["token", "app"])
@pytest.mark.parametrize("nested", [True, False], ids=["saved before", "of its own"])
def test_a_host_keeps_its_credentials_through_prefects_server(server, kind, nested):
    credentials = token() if kind == "token" else app(server)
    if nested:
        credentials.save(f"github-{kind}", overwrite=True)
        credentials = type(credentials).load(f"github-{kind}")
    block = GitHubCodeHost(credentials=credentials, api_url=server.url)
    block.save(f"host-{kind}-{nested}".lower(), overwrite=True)
    loaded = GitHubCodeHost.load(f"host-{kind}-{nested}".lower())
    assert type(loaded.credentials) is type(credentials)
    server.add_pull(8)
    assert loaded.connect().pull_request(server.repository, 8).number == 8


def test_what_is_set_up_wrongly(server):
    with pytest.raises(BlockMissing):
        GitHubCodeHost(credentials=token(None), api_url=server.url).connect()
    with pytest.raises(AccessDenied):
        GitHubCodeHost(credentials=token("ghp_wrong"), api_url=server.url).check()
    with pytest.raises(SettingInvalid):
        GitHubCodeHost(credentials=app(server, private_key="no key")).connect()
    with pytest.raises(ValidationError):
        GitHubCodeHost(credentials=token(), api_url="https://me:secret@github.example.org")


def test_no_secret_is_shown(server):
    for block in (
        GitHubCodeHost(credentials=token()),
        GitHubCodeHost(credentials=app(server)),
        app(server),
    ):
        for text in (repr(block), str(block.model_dump()), block.model_dump_json()):
            assert TOKEN not in text
            assert PEM[40:80] not in text
