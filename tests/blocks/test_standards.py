"""Prefect's own standards for blocks, and what ours connect to."""

import pytest
from prefect.blocks.core import Block
from prefect.testing.standard_test_suites import BlockStandardTestSuite

from blocks import AnthropicCredentials, DeliveryProfile
from blocks.setup import BLOCK_TYPES

pytestmark = pytest.mark.engine

BLOCKS = tuple(one for one in BLOCK_TYPES if one.__module__.startswith("blocks."))
"""Ours, and none of Prefect's."""


@pytest.mark.parametrize("block", BLOCKS)
class TestBlockStandards(BlockStandardTestSuite):
    @pytest.fixture
    def block(self, block):
        return block


def test_slugs_never_change():
    assert {block.__name__: block._block_type_slug for block in BLOCKS} == {
        "AnthropicCredentials": "mergewright-anthropic-credentials",
        "AtlassianCredentials": "mergewright-atlassian-credentials",
        "ConfluenceSpace": "mergewright-confluence-space",
        "ConsoleMessenger": "mergewright-console-messenger",
        "DeliveryProfile": "mergewright-delivery-profile",
        "EmailServerCredentials": "mergewright-email-server-credentials",
        "GitHubAppCredentials": "mergewright-github-app-credentials",
        "GitHubCodeHost": "mergewright-github-code-host",
        "GitHubIssueTracker": "mergewright-github-issues",
        "JiraProject": "mergewright-jira-project",
        "MailMessenger": "mergewright-mail",
        "PageFolder": "mergewright-page-folder",
        "PullRequestFolder": "mergewright-pull-request-folder",
        "SlackChannelMessenger": "mergewright-slack-channel",
        "TicketFolder": "mergewright-ticket-folder",
    }


def test_the_key_is_not_shown():
    credentials = AnthropicCredentials(api_key="sk-ant-secret")
    assert "secret" not in repr(credentials)
    assert credentials.get_client(max_retries=0).api_key == "sk-ant-secret"


def test_a_key_by_reference_is_read_when_it_is_used(monkeypatch):
    credentials = AnthropicCredentials(api_key="env://STANDARDS_KEY")
    monkeypatch.setenv("STANDARDS_KEY", "sk-ant-by-reference")
    assert credentials.get_client(max_retries=0).api_key == "sk-ant-by-reference"
    assert credentials.get_key().get_secret_value() == "sk-ant-by-reference"
    assert "by-reference" not in repr(credentials)


def test_the_schema_of_a_profile_is_what_prefect_makes_and_belongs_to_who_asks():
    schema = DeliveryProfile.model_json_schema()
    schema["properties"].clear()
    assert DeliveryProfile.model_json_schema() == Block.model_json_schema.__func__(DeliveryProfile)
    assert DeliveryProfile.model_json_schema(mode="serialization") != schema
