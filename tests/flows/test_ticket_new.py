"""A ticket is made once, however often it is asked for, and taken back by `undo`."""

from functools import partial

import pytest

from blocks.credentials import AtlassianCredentials
from blocks.jira import JiraProject
from blocks.profile import DeliveryProfile
from flows.ticket_new import ticket_new
from flows.undo import undo
from mergewright.domain.events import EffectDone, RunFinished
from mergewright.domain.ticket_new import TicketNewRequest
from mergewright.domain.undo import UndoRequest
from mergewright.errors import AccessDenied, NotFound, Rejected, SettingInvalid
from mergewright.events.connect import open_event_store
from mergewright.settings import settings
from mergewright.testing.crashes import Start, Traces, run_matrix
from tests.clients.jira_server import TOKEN, USER, JiraServer, fault
from tests.flows.killed import settled

pytestmark = pytest.mark.engine

OTHER = """---
key: TODO-7
title: Totals are wrong
---
They lack the tax.
"""


@pytest.fixture
def folder(home):
    tickets = home / "tickets"
    tickets.mkdir(parents=True)
    (tickets / "TODO-7.md").write_text(OTHER)
    return tickets


@pytest.fixture
def jira(home):
    server = JiraServer()
    server.add_issue()
    credentials = AtlassianCredentials(url=server.url, username=USER, token=TOKEN)
    tracker = JiraProject(credentials=credentials, project="shop")
    DeliveryProfile(tracker=tracker).save("ticket-new", overwrite=True)
    yield server
    server.close()


def wanted(**changes):
    fields = {"title": "Add  tax", "description": "Per country.", "parent": "TODO-7"}
    return TicketNewRequest(**fields | changes)


def at_jira(**changes):
    return wanted(**{"parent": None, "kind": "bug", "profile": "ticket-new"} | changes)


def logged(kind):
    stored = open_event_store(settings().event_store_url).read()
    return [one.event for one in stored if isinstance(one.event, kind)]


def keys(folder):
    return sorted(path.stem for path in folder.glob("*.md"))


def test_the_same_request_makes_one_ticket(folder):
    made = ticket_new(wanted(links=["TODO-7"], link_as="is blocked by"))
    assert (made.key, made.is_new) == ("TODO-8", True)
    assert made.relations == ("TODO-8 is blocked by TODO-7",)
    assert made.url.endswith("/TODO-8.md")
    events = len(logged(object))
    again = ticket_new(wanted(links=["TODO-7"], link_as="is blocked by"))
    assert (again.key, again.is_new, again.run_id) == ("TODO-8", False, made.run_id)
    assert len(logged(object)) == events
    another = ticket_new(wanted(fresh=True))
    assert (another.key, another.is_new) == ("TODO-9", True)
    assert another.run_id != made.run_id


def test_a_link_may_come_later(folder):
    made = ticket_new(wanted())
    later = ticket_new(wanted(links=["TODO-7"], link_as="blocks"))
    assert (later.key, later.run_id, later.is_new) == (made.key, made.run_id, False)
    assert 'links: ["is blocked by TODO-8"]' in (folder / "TODO-7.md").read_text()


def test_another_machines_log_makes_no_second_one(folder, home, monkeypatch):
    ticket_new(wanted())
    monkeypatch.setenv("MERGEWRIGHT_EVENT_STORE", f"sqlite:///{home / 'elsewhere.db'}")
    settings.cache_clear()
    again = ticket_new(wanted())
    assert (again.key, again.is_new) == ("TODO-8", False)
    assert [one.found for one in logged(EffectDone)] == [True]


def test_it_is_undone_and_made_again(folder):
    made = ticket_new(wanted(links=["TODO-7"]))
    rehearsed = undo(UndoRequest(run_id=made.run_id, dry_run=True))
    assert [one.outcome for one in rehearsed.effects] == ["undone", "undone"]
    assert keys(folder) == ["TODO-7", "TODO-8"]
    report = undo(UndoRequest(run_id=made.run_id))
    assert [one.effect for one in report.effects] == ["ticket relation", "ticket"]
    assert report.complete
    assert keys(folder) == ["TODO-7"]
    assert (folder / "TODO-7.md").read_text() == OTHER
    again = ticket_new(wanted(links=["TODO-7"]))
    assert (again.run_id, again.is_new) == (made.run_id, True)
    assert keys(folder) == ["TODO-7", "TODO-8"]


def test_what_somebody_worked_on_is_kept(folder):
    made = ticket_new(wanted())
    path = folder / "TODO-8.md"
    path.write_text(path.read_text() + "\nAnd per region.\n")
    (kept,) = undo(UndoRequest(run_id=made.run_id)).effects
    assert (kept.outcome, kept.reason) == ("kept", "It was changed since.")


@pytest.mark.parametrize(
    ("changes", "error", "told"),
    [
        ({"parent": "TODO-9"}, NotFound, "no ticket 'TODO-9' to be the parent"),
        ({"links": ["TODO-9"]}, NotFound, "no ticket 'TODO-9'"),
        ({"links": ["TODO-7"], "link_as": "eats"}, Rejected, "'eats'"),
        ({"description": " "}, Rejected, "has no description"),
        ({"parent": None}, SettingInvalid, "Nothing says which project"),
    ],
)
@pytest.mark.parametrize("dry_run", [True, False])
def test_what_cannot_be_made_is_told_before_anything_is_changed(
    folder, changes, error, told, dry_run
):
    with pytest.raises(error, match=told):
        ticket_new(wanted(**changes, dry_run=dry_run))
    assert keys(folder) == ["TODO-7"]
    assert logged(object) == []


def test_a_dry_run_makes_nothing(folder):
    made = ticket_new(wanted(dry_run=True, links=["TODO-7"]))
    assert (made.key, made.run_id, made.relations) == ("", "", ("relates to TODO-7",))
    assert keys(folder) == ["TODO-7"]
    assert logged(object) == []


def test_a_bug_in_jira_is_linked_and_taken_back(jira):
    made = ticket_new(at_jira(links=["SHOP-7"], link_as="blocks"))
    assert made.key == "SHOP-101"
    assert jira.issues["SHOP-101"].fields["issuetype"]["name"] == "Bug"
    assert made.relations == ("SHOP-101 blocks SHOP-7",)
    assert undo(UndoRequest(run_id=made.run_id)).complete
    assert list(jira.issues) == ["SHOP-7"]


@pytest.mark.parametrize(
    ("changes", "forbidden", "error", "told"),
    [
        ({"project": "NOPE"}, "", NotFound, "No project could be found with key 'NOPE'"),
        ({"parent": "SHOP-99", "kind": "subtask"}, "", NotFound, "'SHOP-99'"),
        ({"parent": "SHOP-99"}, "", NotFound, "'SHOP-99'"),
        ({"links": ["SHOP-7"], "link_as": "eats"}, "", Rejected, "no links that say 'eats'"),
        ({}, "CREATE_ISSUES", AccessDenied, "'Create Issues' in the project 'SHOP'"),
    ],
)
def test_what_jira_would_refuse_is_told_first(jira, changes, forbidden, error, told):
    jira.forbidden = {forbidden}
    with pytest.raises(error, match=told):
        ticket_new(at_jira(**changes))
    assert jira.seen("POST") == []
    assert logged(object) == []


def test_a_kind_that_the_project_has_not_is_named(jira):
    jira.types = [{"id": "4", "name": "Task", "hierarchyLevel": 0, "subtask": False}]
    with pytest.raises(Rejected, match="no type 'Bug' of tickets") as caught:
        ticket_new(at_jira())
    assert caught.value.hint == "It has: 'Task'."


class Strict(JiraServer):
    """A Jira whose project wants a field filled in."""

    def _new_issue(self, fields):
        return fault(400, customfield_10030="Team is required.")


def test_a_refusal_while_it_is_made_ends_the_run(home):
    server = Strict()
    credentials = AtlassianCredentials(url=server.url, username=USER, token=TOKEN)
    tracker = JiraProject(credentials=credentials, project="SHOP")
    DeliveryProfile(tracker=tracker).save("ticket-new", overwrite=True)
    try:
        with pytest.raises(Rejected, match="Team is required"):
            ticket_new(at_jira())
    finally:
        server.close()
    (end,) = logged(RunFinished)
    assert (end.outcome, end.resumable) == ("failed", True)
    assert "Team is required" in end.report["error"]


def make(place, api):
    """Make a ticket in a fresh process."""
    with settled(place, api):
        ticket_new(wanted(links=["TODO-7"]))


class Folder:
    """A ticket folder with one ticket."""

    def __init__(self, api):
        self._api = api

    def prepare(self, place):
        tickets = place / "home" / "tickets"
        tickets.mkdir(parents=True)
        (tickets / "TODO-7.md").write_text(OTHER)
        log = f"sqlite:///{place / 'home' / 'events.db'}"
        return Start(run=partial(make, place, self._api), event_store_url=log)

    def look(self, place):
        folder = place / "home" / "tickets"
        texts = [path.read_text() for path in sorted(folder.glob("*.md"))]
        links = sum(text.count("relates to") for text in texts)
        return Traces(effects={"ticket": len(texts), "link": links}, state={"all": "".join(texts)})


@pytest.mark.journey
def test_a_ticket_is_made_once_wherever_it_is_killed(home, engine, tmp_path):
    def around_effects(points):
        return [point for point in points if point.is_at_effect]

    table = run_matrix(Folder(engine), tmp_path / "places", choose=around_effects)
    assert table.is_clean, str(table)
    assert len(table.results) >= 8
