"""The Jira block and its credentials: what they connect to, and what their check says."""

import pytest
from pydantic import ValidationError

from blocks.credentials import AtlassianCredentials
from blocks.jira import JiraProject
from mergewright.errors import AccessDenied, NotFound, ServiceUnavailable, SettingInvalid
from tests.clients.jira_server import TOKEN, USER, JiraServer, fault

pytestmark = pytest.mark.engine


@pytest.fixture
def server():
    server = JiraServer()
    yield server
    server.close()


def credentials_of(server):
    return AtlassianCredentials(url=server.url, username=USER, token=TOKEN)


def project_of(server, **fields):
    return JiraProject(credentials=credentials_of(server), **fields)


def test_the_field_map_reaches_the_ticket(server):
    server.add_issue(customfield_10016=3)
    block = project_of(server, field_map={"story_points": "story points"})
    assert block.connect().ticket("SHOP-7").story_points == 3.0
    with pytest.raises(SettingInvalid, match="'sprint'"):
        project_of(server, field_map={"sprint": "Sprint"}).connect()


def test_who_one_is_and_what_is_missing(server):
    server.forbidden = {"LINK_ISSUES"}
    told = project_of(server, project="SHOP").check()
    assert (told.account, told.place) == ("Bot", "SHOP")
    assert told.missing[0].startswith("Link Issues: ")
    assert credentials_of(server).check().account == "Bot"


def test_a_check_that_says_no(server):
    with pytest.raises(NotFound, match="NOPE"):
        project_of(server, project="NOPE").check()
    server.forbidden = {"BROWSE_PROJECTS"}
    with pytest.raises(AccessDenied, match="Browse Projects"):
        project_of(server).check()
    server.faults = [fault(401)]
    with pytest.raises(AccessDenied, match="say who we are"):
        credentials_of(server).check()
    server.faults = [fault(503)] * 3
    with pytest.raises(ServiceUnavailable):
        credentials_of(server).check()


@pytest.mark.parametrize("project", ["../x", "SHOP 7", "7"])
def test_a_project_that_is_none(server, project):
    with pytest.raises(ValidationError):
        project_of(server, project=project)
