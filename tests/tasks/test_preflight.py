"""Before anything is paid, every service is asked: what stops a run, and what it goes on without."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from prefect_github import GitHubCredentials
from prefect_slack import SlackCredentials

from blocks.confluence import ConfluenceSpace
from blocks.credentials import AtlassianCredentials
from blocks.github import GitHubCodeHost
from blocks.jira import JiraProject
from blocks.profile import DeliveryProfile
from blocks.services import SlackChannelMessenger
from mergewright.clients.breaker import share_circuits
from mergewright.domain.delivery import Run
from mergewright.errors import AccessDenied, MergewrightError, NotFound, ServiceError
from mergewright.events.health import open_health
from mergewright.settings import settings
from tasks.preflight import look_at
from tests.clients import confluence_server, github_server, jira_server, slack_server
from tests.clients.loopback import Answer
from tests.clients.slack_server import refusal
from tests.journeys.places import ROOT
from tests.journeys.team_services import KEY, team_services

WRITES = {"POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    with team_services(tmp_path_factory.mktemp("team")) as team:
        yield team


@pytest.fixture
def team(services, home):
    for server in (services.github, services.jira, services.confluence, services.slack):
        server.requests.clear()
    share_circuits(open_health(settings().event_store_url))
    yield services
    share_circuits(None)
    for server in (services.github, services.jira, services.confluence, services.slack):
        vars(server).pop("answer", None)


@pytest.fixture
def profile(team):
    atlassian = {
        server: AtlassianCredentials(url=server.url, username=known.USER, token=known.TOKEN)
        for server, known in ((team.jira, jira_server), (team.confluence, confluence_server))
    }
    return DeliveryProfile(
        tracker=JiraProject(credentials=atlassian[team.jira]),
        code_host=GitHubCodeHost(
            credentials=GitHubCredentials(token=github_server.TOKEN),
            api_url=team.github.url,
            web_url=team.git.url,
        ),
        wiki=ConfluenceSpace(credentials=atlassian[team.confluence], space="ENG"),
        messenger=SlackChannelMessenger(
            credentials=SlackCredentials(token=slack_server.TOKEN),
            channel="#deliveries",
            base_url=team.slack.base_url,
        ),
    )


def ask(team, profile, *, has_begun=False, **changes):
    fields = {
        "id": "tally-7-abc123",
        "workflow": "standard_dev",
        "profile": "local",
        "ticket": KEY,
        "repository": team.repository,
        "base": "main",
        "model": None,
        "budget_usd": Decimal(1),
        "started_at": datetime.now(UTC),
    }
    return look_at(Run(**fields | changes), profile, has_begun=has_begun)


def changed(profile, part, **fields):
    block = getattr(profile, part).model_copy(update=fields)
    return profile.model_copy(update={part: block})


def fail_with(server, answer):
    server.answer = lambda _request: answer


def nothing_was_written(team):
    written = [
        request
        for server in (team.github, team.jira, team.confluence)
        for request in server.requests
        if request.method in WRITES and "permission" not in request.path
    ]
    return not written and not team.slack.posts() and not team.smtp.taken


def test_what_the_account_may_not_do_and_no_run_needs_stops_nothing(team, profile):
    assert all(one.endswith("is missing.") for one in ask(team, profile))
    assert nothing_was_written(team)


def documented():
    """Return what the table in the docs says of each service at the start of a run."""
    text = (ROOT / "docs" / "how-to" / "guards.md").read_text()
    table = text.split("## What a run does when a service is ill")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("| ")]
    return {row[0].strip(): row[1].strip() for row in rows[2:]}


@pytest.mark.parametrize(
    ("part", "name"),
    [("tracker", "jira"), ("code host", "github"), ("wiki", "confluence"), ("messenger", "slack")],
)
@pytest.mark.parametrize("has_begun", [False, True])
def test_each_service_in_turn_does_not_answer(team, profile, part, name, has_begun):
    fail_with(getattr(team, name), Answer(503, {"message": "Down"}))
    try:
        told = ask(team, profile, has_begun=has_begun)
    except ServiceError:
        became = "the run stops; no model was paid"
    else:
        (warning,) = (one for one in told if one.endswith("The run goes on without it."))
        assert warning.startswith(f"{part}: ")
        became = "a warning; the run goes on"
    assert documented()[part] == became
    assert nothing_was_written(team)


def test_a_repository_that_does_not_answer_stops_a_run(team, profile):
    with pytest.raises(ServiceError):
        ask(team, profile, repository="http://127.0.0.1:9/team/shop")
    assert documented()["repository"] == "the run stops; no model was paid"
    assert nothing_was_written(team)


def test_all_that_is_wrong_is_told_at_once(team, profile):
    fail_with(team.jira, Answer(401, {"message": "Who?"}))
    fail_with(team.github, Answer(404, {"message": "Gone"}))
    with pytest.raises(MergewrightError) as caught:
        ask(team, profile, base="no-such-branch")
    message = caught.value.message
    assert "things are wrong, and nothing was paid or changed" in message
    for part in ("tracker:", "code host:", "repository:"):
        assert part in message
    assert "'no-such-branch'" in message


@pytest.mark.parametrize(
    ("part", "field", "value"),
    [("messenger", "channel", "#nowhere"), ("wiki", "space", "NOPE")],
)
def test_a_wrong_set_up_stops_only_a_run_that_has_done_nothing(team, profile, part, field, value):
    wrong = changed(profile, part, **{field: value})
    with pytest.raises(NotFound, match=value):
        ask(team, wrong)
    assert nothing_was_written(team)
    # what was paid already is not given up for a channel or a page
    assert any(value in one for one in ask(team, wrong, has_begun=True))


def test_a_space_without_permission_stops_a_run_that_has_done_nothing(team, profile):
    fail_with(team.confluence, Answer(403, {"message": "Not permitted"}))
    with pytest.raises(AccessDenied):
        ask(team, profile)
    assert nothing_was_written(team)


def test_a_project_and_a_ticket_that_do_not_exist_stop_a_run(team, profile):
    with pytest.raises(MergewrightError) as caught:
        ask(team, changed(profile, "tracker", project="NONE"), ticket="TALLY-999")
    assert "(1) tracker: " in caught.value.message
    assert "TALLY-999" in caught.value.message
    assert nothing_was_written(team)


@pytest.mark.parametrize("key", ["../TALLY-7", "TALLY 7", "TALLY-7/transitions"])
def test_a_key_that_is_none_is_refused_before_it_is_asked_for(team, profile, key):
    with pytest.raises(MergewrightError):
        ask(team, profile, ticket=key)
    assert nothing_was_written(team)
    assert not [one for one in team.jira.requests if "transitions" in one.path]


def test_a_rehearsal_needs_neither_wiki_nor_messenger(team, profile):
    fail_with(team.confluence, Answer(401, {"message": "Who?"}))
    fail_with(team.slack, refusal("token_revoked"))
    told = ask(team, profile, dry_run=True)
    assert not [one for one in told if one.startswith(("wiki", "messenger"))]
