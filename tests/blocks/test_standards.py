"""Prefect's own standards for blocks, and what ours connect to."""

import pytest
from prefect.testing.standard_test_suites import BlockStandardTestSuite

from blocks import (
    AnthropicCredentials,
    AtlassianCredentials,
    ConsoleMessenger,
    DeliveryProfile,
    JiraProject,
    PageFolder,
    PullRequestFolder,
    SlackChannelMessenger,
    TicketFolder,
)
from blocks.setup import BLOCK_TYPES

pytestmark = pytest.mark.engine

BLOCKS = (
    AnthropicCredentials,
    AtlassianCredentials,
    ConsoleMessenger,
    DeliveryProfile,
    JiraProject,
    PageFolder,
    PullRequestFolder,
    SlackChannelMessenger,
    TicketFolder,
)


@pytest.mark.parametrize("block", BLOCKS)
class TestBlockStandards(BlockStandardTestSuite):
    @pytest.fixture
    def block(self, block):
        return block


def test_slugs_never_change():
    own = {str(block._block_type_slug) for block in BLOCK_TYPES}
    slugs = {slug for slug in own if slug.startswith("mergewright-")}
    assert slugs == {
        "mergewright-anthropic-credentials",
        "mergewright-atlassian-credentials",
        "mergewright-confluence-space",
        "mergewright-console-messenger",
        "mergewright-delivery-profile",
        "mergewright-email-server-credentials",
        "mergewright-github-app-credentials",
        "mergewright-github-code-host",
        "mergewright-github-issues",
        "mergewright-jira-project",
        "mergewright-mail",
        "mergewright-page-folder",
        "mergewright-pull-request-folder",
        "mergewright-slack-channel",
        "mergewright-ticket-folder",
    }


def test_the_key_is_not_shown():
    credentials = AnthropicCredentials(api_key="sk-ant-secret")
    assert "secret" not in repr(credentials)
    assert credentials.get_client(max_retries=0).api_key == "sk-ant-secret"


def test_all_of_them_are_registered():
    assert set(BLOCKS) <= set(BLOCK_TYPES)


def test_a_key_by_reference_is_read_when_it_is_used(monkeypatch):
    credentials = AnthropicCredentials(api_key="env://STANDARDS_KEY")
    monkeypatch.setenv("STANDARDS_KEY", "sk-ant-by-reference")
    assert credentials.get_client(max_retries=0).api_key == "sk-ant-by-reference"
    assert credentials.get_key().get_secret_value() == "sk-ant-by-reference"
    assert "by-reference" not in repr(credentials)
