"""Files become profiles: planned, applied once, exported, listed."""

import pytest
from prefect.blocks.core import Block
from prefect_slack import SlackCredentials

from blocks import AtlassianCredentials, DeliveryProfile, JiraProject, SlackChannelMessenger
from blocks.profile import load_profile
from blocks.profile_changes import (
    apply_profile,
    check_file,
    export_profile,
    known_profiles,
    plan_profile,
    require_profile,
)
from blocks.profile_documents import Difference, document_of
from blocks.profile_files import parse_profile
from mergewright.errors import BlockMissing, SettingInvalid
from mergewright.settings import settings

pytestmark = pytest.mark.engine

TEXT = """
tracker:
  type: mergewright-jira-project
  credentials:
    url: https://example.atlassian.net
    token: env://JIRA_TOKEN
messengers:
  - {type: mergewright-console-messenger, mailbox: /tmp/mail}
stage_cap_usd: 5
repositories:
  - {project: SHOP, repository: shop.git}
directory:
  people:
    - {name: Ada, mail: ada@example.org, preferences: {quiet: {start: "22:00", end: "07:00"}}}
"""


def parse(text, name):
    return parse_profile(text, source="team.yaml", default_name=name)


def outcomes(changes):
    return [(change.name, change.outcome) for change in changes]


def test_planned_applied_and_applied_again():
    file = parse(TEXT, "applied")
    names = [
        "mergewright-console-messenger/applied-messenger-1",
        "mergewright-delivery-profile/applied",
    ]
    assert outcomes(plan_profile(file)) == [(name, "created") for name in names]
    with pytest.raises(BlockMissing):
        require_profile("applied")
    assert outcomes(apply_profile(file)) == [(name, "created") for name in names]
    assert outcomes(apply_profile(parse(TEXT, "applied"))) == [
        (name, "unchanged") for name in names
    ]
    loaded = load_profile("applied")
    assert type(loaded.tracker) is JiraProject
    assert loaded.tracker.credentials.token.get_secret_value() == "env://JIRA_TOKEN"
    assert loaded.repositories == file.profile.repositories
    assert loaded.directory == file.profile.directory
    changed = TEXT.replace("env://JIRA_TOKEN", "vault://kv/jira#token").replace(
        "_usd: 5", "_usd: 6"
    )
    (_, planned) = plan_profile(parse(changed, "applied"))
    assert planned.differences == (
        Difference("stage_cap_usd", "5.0", "6.0"),
        Difference("tracker.credentials.token", "env://JIRA_TOKEN", "vault://kv/jira#token"),
    )
    assert load_profile("applied").stage_cap_usd == 5
    assert apply_profile(parse(changed, "applied"))[1].outcome == "changed"
    assert load_profile("applied").stage_cap_usd == 6
    apply_profile(parse("name: applied", "applied"))
    assert document_of(load_profile("applied")) == document_of(DeliveryProfile())


def test_a_service_by_reference_becomes_one_of_its_own_and_back():
    credentials = AtlassianCredentials(url="https://example.atlassian.net", token="env://A")
    JiraProject(credentials=credentials).save("turned", overwrite=True)
    by_name = "tracker: {block: mergewright-jira-project/turned}"
    inline = (
        "tracker:\n  type: mergewright-jira-project\n  credentials:\n"
        "    {url: https://example.atlassian.net, token: 'env://B'}"
    )
    for text, token in ((by_name, "env://A"), (inline, "env://B"), (by_name, "env://A")):
        assert apply_profile(parse(text, "turning"))[0].outcome != "unchanged"
        assert apply_profile(parse(text, "turning"))[0].outcome == "unchanged"
        loaded = load_profile("turning").tracker.credentials
        assert loaded.token.get_secret_value() == token


def test_credentials_by_reference_are_seen_when_they_are_changed():
    SlackCredentials(token="env://OLD").save("apply-slack", overwrite=True)
    text = """
messenger:
  type: mergewright-slack-channel
  channel: "#a"
  credentials: {block: slack-credentials/apply-slack}
"""
    names = [
        "mergewright-slack-channel/rotating-messenger",
        "mergewright-delivery-profile/rotating",
    ]
    assert outcomes(apply_profile(parse(text, "rotating"))) == [(one, "created") for one in names]
    assert outcomes(apply_profile(parse(text, "rotating"))) == [(one, "unchanged") for one in names]
    SlackCredentials(token="env://NEW").save("apply-slack", overwrite=True)
    loaded = load_profile("rotating").messenger
    assert loaded.credentials.token.get_secret_value() == "env://NEW"
    other = text.replace('"#a"', '"#b"') + "stage_cap_usd: 3\n"
    assert [one.outcome for one in apply_profile(parse(other, "rotating"))] == ["changed"] * 2
    assert load_profile("rotating").messenger.channel == "#b"
    cap = other.replace("_usd: 3", "_usd: 4")
    assert [one.outcome for one in apply_profile(parse(cap, "rotating"))] == [
        "unchanged",
        "changed",
    ]
    loaded = load_profile("rotating").messenger
    assert loaded._block_document_name == "rotating-messenger"
    assert loaded.credentials.token.get_secret_value() == "env://NEW"


def test_exported_and_applied_again():
    apply_profile(parse(TEXT, "exported"))
    text, masked = export_profile("exported")
    assert masked == ()
    assert "token: env://JIRA_TOKEN" in text
    assert [one.outcome for one in plan_profile(parse(text, "x"))] == ["unchanged"]


def test_a_secret_is_masked_in_an_export_which_is_not_applied():
    SlackChannelMessenger(credentials=SlackCredentials(token="xoxb-hidden"), channel="#a").save(
        "export-channel", overwrite=True
    )
    DeliveryProfile(
        tracker=JiraProject(
            credentials=AtlassianCredentials(url="https://example.org", token="hidden-4711")
        ),
        messenger=SlackChannelMessenger.load("export-channel"),
    ).save("masked", overwrite=True)
    text, masked = export_profile("masked")
    assert "4711" not in text
    assert "xoxb-hidden" not in text
    assert "block: mergewright-slack-channel/export-channel" in text
    assert masked == ("tracker.credentials.token",)
    with pytest.raises(SettingInvalid, match="a secret is written here"):
        parse(text, "masked")


def test_the_list_tells_what_cannot_be_read():
    apply_profile(parse(TEXT, "listed"))
    known = {one.name: one for one in known_profiles()}
    assert known["listed"].services == (
        "mergewright-jira-project",
        "mergewright-pull-request-folder",
        "mergewright-page-folder",
        "mergewright-console-messenger",
        "mergewright-console-messenger",
    )
    assert known["listed"].updated_at is not None


def test_a_file_is_tried_before_it_is_saved(tmp_path, monkeypatch):
    monkeypatch.setenv("MERGEWRIGHT_HOME", str(tmp_path))
    settings.cache_clear()
    blocked = tmp_path / "file"
    blocked.write_text("")
    text = (
        "messengers:\n"
        f"  - {{type: mergewright-console-messenger, mailbox: {blocked}/mail}}\n"
        "  - mergewright-mail/none\n"
    )
    found = {one.part: one for one in check_file(parse(text, "tried"))}
    settings.cache_clear()
    assert found["tracker"].is_well
    assert found["wiki"].place == str(tmp_path / "pages")
    assert not found["messengers mergewright-console-messenger/tried-messenger-1"].is_well
    assert "no block" in found["messengers mergewright-mail/none"].problem
    with pytest.raises(ValueError, match="tried-messenger-1"):
        Block.load("mergewright-console-messenger/tried-messenger-1")
