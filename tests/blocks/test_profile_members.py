"""Every service that a profile may name, saved before it and of its own; and what it gives git."""

import pytest
from prefect_github import GitHubCredentials
from prefect_slack import SlackCredentials

from blocks import (
    AtlassianCredentials,
    ConfluenceSpace,
    ConsoleMessenger,
    DeliveryProfile,
    EmailServerCredentials,
    GitHubAppCredentials,
    GitHubCodeHost,
    GitHubIssueTracker,
    JiraProject,
    MailMessenger,
    PageFolder,
    PullRequestFolder,
    SlackChannelMessenger,
    TicketFolder,
)
from blocks.profile import load_profile
from blocks.secret_fields import secrets_in
from mergewright.clients.messengers import Messengers
from mergewright.errors import AccessDenied, BlockMissing, SettingInvalid
from tests.clients.app_key import APP_ID, APP_KEY, INSTALLATION, PEM
from tests.clients.github_server import TOKEN, GitHubServer

pytestmark = pytest.mark.engine

ATLASSIAN = AtlassianCredentials(url="https://example.org", token="env://ATLASSIAN")
GITHUB = GitHubCredentials(token="env://GITHUB")
APP = GitHubAppCredentials(app_id="1", installation_id=2, private_key="file:///run/app.pem")
MAIL = EmailServerCredentials(host="smtp.example.org", password="vault://kv/mail#password")

MEMBERS = [
    ("tracker", TicketFolder(folder="/t")),
    ("tracker", JiraProject(credentials=ATLASSIAN, project="SHOP")),
    ("tracker", GitHubIssueTracker(credentials=GITHUB, repository="team/shop")),
    ("tracker", GitHubIssueTracker(credentials=APP, repository="team/shop")),
    ("code_host", PullRequestFolder(folder="/p")),
    ("code_host", GitHubCodeHost(credentials=GITHUB)),
    ("code_host", GitHubCodeHost(credentials=APP)),
    ("wiki", PageFolder(folder="/w")),
    ("wiki", ConfluenceSpace(credentials=ATLASSIAN, space="ENG")),
    ("messenger", ConsoleMessenger(mailbox="/m")),
    (
        "messenger",
        SlackChannelMessenger(credentials=SlackCredentials(token="env://SLACK"), channel="#a"),
    ),
    ("messenger", MailMessenger(credentials=MAIL, sender="m@x.org", recipients=("a@x.org",))),
]


def told(block):
    return [(place, one.get_secret_value()) for place, one in secrets_in(block)]


@pytest.mark.parametrize("is_named", [True, False], ids=["saved before", "of its own"])
@pytest.mark.parametrize(
    ("part", "member"), MEMBERS, ids=[f"{type(one).__name__}" for _, one in MEMBERS]
)
def test_a_member_keeps_its_type_and_its_references(part, member, is_named):
    member = member.model_copy(deep=True)
    if is_named:
        name = "member-" + part.replace("_", "-")
        member.save(name, overwrite=True)
        member = type(member).load(name)
    DeliveryProfile(**{part: member}).save("members", overwrite=True)
    loaded = getattr(load_profile("members"), part)
    assert type(loaded) is type(member)
    assert told(loaded) == told(member)
    assert (loaded._block_document_name is not None) is is_named
    if hasattr(member, "credentials"):
        assert type(loaded.credentials) is type(member.credentials)


def test_further_messengers_are_named_and_told_together(tmp_path):
    ConsoleMessenger(mailbox=str(tmp_path / "b")).save("members-second", overwrite=True)
    name = "mergewright-console-messenger/members-second"
    profile = DeliveryProfile(
        messenger=ConsoleMessenger(mailbox=str(tmp_path / "a")), messengers=[name]
    )
    profile.save("together", overwrite=True)
    assert isinstance(load_profile("together").connect_messenger(), Messengers)
    assert not isinstance(DeliveryProfile().connect_messenger(), Messengers)
    with pytest.raises(BlockMissing, match="no block"):
        DeliveryProfile(messengers=["mergewright-mail/none"]).connect_messenger()
    TicketFolder().save("members-tickets", overwrite=True)
    with pytest.raises(BlockMissing, match="no messenger"):
        DeliveryProfile(
            messengers=["mergewright-ticket-folder/members-tickets"]
        ).connect_messenger()
    for names in (["a b"], [name, name]):
        with pytest.raises(ValueError, match="messenger"):
            DeliveryProfile(messengers=names)


def test_a_profile_whose_service_is_not_installed_says_so():
    JiraProject(credentials=ATLASSIAN).save("members-jira", overwrite=True)
    data = {"block_type_slug": "example-tracker", "folder": "x"}
    with pytest.raises(ValueError, match="no block 'example-tracker' of this kind"):
        DeliveryProfile(tracker=data)
    with pytest.raises(ValueError, match="of this kind"):
        DeliveryProfile(wiki={"block_type_slug": "mergewright-jira-project"})


def test_every_service_is_asked_and_a_fault_stops_none(tmp_path, monkeypatch):
    server = GitHubServer()
    monkeypatch.setenv("MEMBERS_TOKEN", TOKEN)
    blocked = tmp_path / "file"
    blocked.write_text("")
    profile = DeliveryProfile(
        tracker=GitHubIssueTracker(
            credentials=GitHubCredentials(token="env://MEMBERS_TOKEN"),
            repository="team/shop",
            api_url=server.url,
        ),
        wiki=PageFolder(folder=f"{blocked}/pages"),
        code_host=PullRequestFolder(folder=str(tmp_path)),
        messenger=ConsoleMessenger(mailbox=str(tmp_path)),
        messengers=["mergewright-mail/none"],
        anthropic={"api_key": "env://NOT_SET_ANYWHERE"},
    )
    found = {one.part: one for one in profile.check()}
    server.close()
    assert found["tracker"].account == "mw-bot"
    assert found["code_host"].place == str(tmp_path)
    assert "cannot be written" in found["wiki"].problem
    assert "no block" in found["messengers mergewright-mail/none"].problem
    assert "Set NOT_SET_ANYWHERE" in found["anthropic"].hint
    assert [part for part, one in found.items() if one.is_well] == [
        "tracker",
        "code_host",
        "messenger",
    ]


def test_what_git_proves_itself_with(monkeypatch):
    monkeypatch.setenv("MEMBERS_GIT", "git-token-1")
    token = GitHubCredentials(token="env://MEMBERS_GIT")
    at_enterprise = DeliveryProfile(
        code_host=GitHubCodeHost(credentials=token, api_url="https://ghe.example.org/api/v3")
    )
    found = at_enterprise.git_credential("https://ghe.example.org/team/shop")
    assert found.url_prefix == "https://ghe.example.org/"
    assert found.token.get_secret_value() == "git-token-1"
    for other in (
        "https://github.com/team/shop",
        "https://ghe.example.org.evil.org/team/shop",
        "git@ghe.example.org:team/shop.git",
        "/srv/shop",
    ):
        assert at_enterprise.git_credential(other) is None
    both = at_enterprise.model_copy(update={"github": GitHubCredentials(token="env://MEMBERS_GIT")})
    assert both.git_credential("https://github.com/team/shop").url_prefix == "https://github.com/"
    assert DeliveryProfile().git_credential("https://github.com/team/shop") is None
    monkeypatch.delenv("MEMBERS_GIT")
    lost = GitHubCodeHost(credentials=GitHubCredentials(token="env://MEMBERS_NOT_SET"))
    with pytest.raises(SettingInvalid, match="env://MEMBERS_NOT_SET"):
        lost.git_credential("https://github.com/team/shop")


def test_an_apps_token_is_made_for_git():
    server = GitHubServer()
    server.app_key = APP_KEY.public_key()
    app = GitHubAppCredentials(
        app_id=APP_ID, installation_id=INSTALLATION, private_key=PEM, api_url=server.url
    )
    host = GitHubCodeHost(credentials=app, web_url="https://ghe.example.org")
    found = host.git_credential("https://ghe.example.org/team/shop")
    assert found.url_prefix == "https://ghe.example.org/"
    assert found.token.get_secret_value()
    server.close()
    with pytest.raises((AccessDenied, SettingInvalid)):
        GitHubCodeHost(
            credentials=app.model_copy(update={"private_key": GITHUB.token})
        ).git_credential(f"{server.url}/team/shop")
