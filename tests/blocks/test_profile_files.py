"""Profiles as YAML: what may be written, and where exactly a fault is."""

from pathlib import Path

import pytest
from prefect_github import GitHubCredentials
from prefect_slack import SlackCredentials

from blocks import (
    ConfluenceSpace,
    ConsoleMessenger,
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
from blocks.profile_files import parse_profile, read_profile
from mergewright.errors import SettingInvalid
from mergewright.safety.policy import ChangePolicy

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[2]


def parse(text, name="team"):
    return parse_profile(text, source="team.yaml", default_name=name)


def test_the_profile_of_a_developer():
    file = read_profile(ROOT / "deployments/profiles/development.yaml")
    assert file.name == "development"
    profile = file.profile
    kinds = [type(getattr(profile, part)) for part in ("tracker", "code_host", "wiki", "messenger")]
    assert kinds == [TicketFolder, PullRequestFolder, PageFolder, ConsoleMessenger]
    assert profile.stage_cap_usd == 2


def test_the_profile_of_a_team():
    file = read_profile(ROOT / "deployments/profiles/production.yaml")
    profile = file.profile
    assert type(profile.tracker) is JiraProject
    assert type(profile.code_host) is GitHubCodeHost
    assert type(profile.code_host.credentials) is GitHubAppCredentials
    assert type(profile.wiki) is ConfluenceSpace
    assert type(profile.messenger) is SlackChannelMessenger
    assert profile.messengers == ["mergewright-mail/production-messenger-1"]
    assert type(file.blocks["mergewright-mail/production-messenger-1"]) is MailMessenger
    assert profile.repositories[1].base == "develop"
    assert profile.directory.people[0].preferences.zone == "Europe/Berlin"
    assert profile.change_policy.protected_paths == (".github/**", "deploy/**")
    assert profile.anthropic.api_key.get_secret_value() == "env://ANTHROPIC_API_KEY"


def test_every_kind_of_credentials_by_its_type():
    file = parse(
        """
        tracker: {type: mergewright-github-issues, repository: team/shop,
                  credentials: {type: github-credentials, token: "env://GITHUB_TOKEN"}}
        github: {token: "env://GITHUB_TOKEN"}
        """
    )
    assert type(file.profile.tracker) is GitHubIssueTracker
    assert type(file.profile.tracker.credentials) is GitHubCredentials
    assert file.profile.github.token.get_secret_value() == "env://GITHUB_TOKEN"


def test_a_saved_block_by_its_name():
    SlackCredentials(token="env://SLACK_TOKEN").save("files-slack", overwrite=True)
    text = """
messenger:
  type: mergewright-slack-channel
  channel: "#a"
  credentials: {block: slack-credentials/files-slack}
"""
    file = parse(text)
    credentials = file.profile.messenger.credentials
    assert list(file.blocks) == ["mergewright-slack-channel/team-messenger"]
    assert file.messengers == {}
    assert credentials._block_document_name == "files-slack"
    assert credentials.token.get_secret_value() == "env://SLACK_TOKEN"


def test_an_empty_change_policy_is_that_of_the_defaults():
    assert parse("name: bare").profile.change_policy == ChangePolicy()


@pytest.mark.parametrize(
    ("text", "place", "said", "hint"),
    [
        ("a: [", "line 1, column", "not YAML", "bracket"),
        ("- a", "line 1, column 1", "not a mapping", "tracker"),
        ("wiky: {}", "line 1, column 1", "unknown field 'wiky'", "wiki"),
        ("name: 'A b'", "line 1, column 1", "no name of a profile", ""),
        ("stage_cap_usd: -1", "line 1, column 1", "greater than 0", ""),
        ("tracker:\n  folder: x", "line 1, column 1", "names no type", "mergewright-ticket-folder"),
        ("tracker:\n  type: jira", "line 2, column 3", "unknown type 'jira'", "mergewright-jira"),
        ("wiki:\n  type: mergewright-jira-project", "line 2", "unknown type", "page-folder"),
        (
            "tracker:\n  type: mergewright-ticket-folder\n  foldr: x",
            "line 3, column 3",
            "unknown field 'foldr'",
            "folder",
        ),
        (
            """tracker:
  type: mergewright-jira-project
  credentials:
    token: env://A
    url: https://me:pw@example.org""",
            "line 5, column 5",
            "tracker.credentials.url",
            "",
        ),
        ("messengers: x", "line 1", "must be a list", ""),
        ("messengers:\n  - a b", "line 2", "no name of a block", ""),
        ("messengers:\n  - {type: mergewright-page-folder}", "line 2", "unknown type", "mail"),
        ("tracker: {block: mergewright-jira-project/none}", "line 1", "no block", ""),
        ("tracker: {block: mergewright-page-folder/none}", "line 1", "no block", ""),
        ("wiki: {block: mergewright-wiki/x, a: b}", "line 1", "has no fields here", ""),
        (
            "repositories:\n  - {repository: a}\n  - {repository: b}",
            "line 1",
            "say the same about a ticket",
            "",
        ),
        ("change_policy:\n  max_fils: 3", "line 2, column 3", "change_policy.max_fils", ""),
        (
            "workflow_policies:\n  - workflow: hotfix\n    max_files: 9",
            "line 3, column 5",
            "workflow_policies.0.max_files: laxer than in a hotfix, where it is 6",
            "",
        ),
        (
            "workflow_policies:\n  - workflow: hotfix\n    approval:\n      needed: 99",
            "line 4, column 7",
            "workflow_policies.0.approval.needed",
            "",
        ),
        (
            "workflow_policies:\n  - workflow: hotfix\n  - workflow: hotfix",
            "line 1",
            "the policy of 'hotfix' is changed twice",
            "",
        ),
    ],
)
def test_what_is_wrong_and_where(text, place, said, hint):
    with pytest.raises(SettingInvalid) as refusal:
        parse(text)
    assert f"'team.yaml', {place}" in refusal.value.message
    assert said in refusal.value.message
    assert hint in refusal.value.hint


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("anthropic:\n  api_key: sk-secret-4711", "line 2, column 3"),
        ("github:\n  token: sk-secret-4711", "line 2, column 3"),
        (
            """messengers:
  - type: mergewright-slack-channel
    channel: '#a'
    credentials:
      token: sk-secret-4711""",
            "line 5, column 7",
        ),
    ],
)
def test_a_secret_is_refused_and_not_repeated(text, place):
    with pytest.raises(SettingInvalid, match="a secret is written here") as refusal:
        parse(text)
    assert place in refusal.value.message
    assert "vault://MOUNT/PATH#FIELD" in refusal.value.hint
    assert "4711" not in str(refusal.value)


def test_a_reference_that_is_none_is_refused():
    with pytest.raises(SettingInvalid, match="names no field") as refusal:
        parse("anthropic:\n  api_key: vault://kv/anthropic")
    assert "line 2, column 3" in refusal.value.message


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(SettingInvalid, match="No such file"):
        read_profile(tmp_path / "none.yaml")
    (tmp_path / "large.yaml").write_text("#" * (300 * 1024))
    with pytest.raises(SettingInvalid, match="more than"):
        read_profile(tmp_path / "large.yaml")
