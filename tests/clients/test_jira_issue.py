"""What Jira's answers hold, with everything that may be missing or null."""

import pytest

from mergewright.clients.jira_issue import IssueComment, IssueLink, Person

CREATED = "2026-03-04T05:06:07.000+0000"


@pytest.mark.parametrize(
    ("about", "account"),
    [
        ({"accountId": "1", "name": None}, "1"),
        ({"key": "JIRAUSER1", "name": "ada"}, "JIRAUSER1"),
        ({"name": "ada"}, "ada"),
        ({}, ""),
    ],
)
def test_an_account_of_cloud_or_server(about, account):
    assert Person.model_validate(about).account == account


@pytest.mark.parametrize(
    ("properties", "marker"),
    [
        (None, ""),
        ([{"key": "other", "value": {"marker": "x"}}], ""),
        ([{"key": "mergewright", "value": "x"}], ""),
        ([{"key": "mergewright", "value": {"marker": "x"}}], "x"),
    ],
)
def test_the_marker_of_a_comment(properties, marker):
    comment = {"id": "1", "created": CREATED, "properties": properties}
    assert IssueComment.model_validate(comment).marker == marker


def test_a_link_without_its_other_end():
    assert IssueLink.model_validate({"type": {"name": "Blocks"}}).text == ""
