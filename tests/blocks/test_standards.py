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
    slugs = {block._block_type_slug for block in BLOCKS}
    assert slugs == {
        "mergewright-anthropic-credentials",
        "mergewright-atlassian-credentials",
        "mergewright-console-messenger",
        "mergewright-delivery-profile",
        "mergewright-jira-project",
        "mergewright-page-folder",
        "mergewright-pull-request-folder",
        "mergewright-slack-channel",
        "mergewright-ticket-folder",
    }


def test_the_key_is_not_shown():
    credentials = AnthropicCredentials(api_key="sk-ant-secret")
    assert "secret" not in repr(credentials)
    assert credentials.get_client(max_retries=0).api_key == "sk-ant-secret"
