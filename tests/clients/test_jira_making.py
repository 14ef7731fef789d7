"""Tickets that are made, linked, found and taken back, against a Jira on loopback."""

import re

import pytest

from mergewright.clients.jira_making import label_of
from mergewright.domain.ticket import TicketDraft, TicketKind, TicketLevel
from mergewright.errors import AccessDenied, NotFound, Rejected, ServiceUnavailable
from tests.clients.jira_server import ADA, JiraServer, fault, tracker_of
from tests.clients.loopback import Answer

DRAFT = TicketDraft(
    project="shop",
    title="Add  tax",
    description="Per **country**.",
    labels=("a b",),
    components=("web",),
)


@pytest.fixture(params=[True, False], ids=["cloud", "server"])
def jira(request):
    server = JiraServer(cloud=request.param)
    server.add_issue()
    yield server
    server.close()


def made(server):
    return [one.body["fields"] for one in server.seen("POST") if one.path.endswith("/issue")]


def changed(**about):
    return DRAFT.model_copy(update=about)


def test_a_ticket_is_made_once(jira):
    tracker = tracker_of(jira)
    assert tracker.create(DRAFT, marker="m") == ("SHOP-101", False)
    assert tracker.create(DRAFT, marker="m") == ("SHOP-101", True)
    assert tracker.create(DRAFT, marker="n") == ("SHOP-102", False)
    fields = made(jira)[0]
    assert fields["project"] == {"key": "SHOP"}
    assert (fields["summary"], fields["issuetype"]) == ("Add tax", {"id": "4"})
    assert fields["labels"] == ["a-b", label_of("m")]
    assert fields["components"] == [{"name": "web"}]
    assert fields["description"] == "Per *country*." or jira.cloud


def test_a_copy_that_somebody_made_is_not_ours(jira):
    tracker = tracker_of(jira)
    jira.add_issue("SHOP-8", labels=[label_of("m")], creator=ADA)
    assert tracker.create(DRAFT, marker="m").found is False


def test_an_epic_with_a_story_with_a_subtask(jira):
    tracker = tracker_of(jira)
    epic = tracker.create(changed(level=TicketLevel.EPIC), marker="epic").value
    story = changed(kind=TicketKind.FEATURE, parent=epic)
    below = tracker.create(story, marker="story").value
    subtask = changed(level=TicketLevel.SUBTASK, parent=below)
    tracker.create(subtask, marker="subtask")
    first, second, third = made(jira)
    assert [one["issuetype"]["id"] for one in (first, second, third)] == ["1", "2", "5"]
    if jira.cloud:
        assert (second["parent"], "customfield_10009" in first) == ({"key": epic}, False)
    else:
        assert (second["customfield_10008"], first["customfield_10009"]) == (epic, DRAFT.title)
    assert third["parent"] == {"key": below}


def test_a_subtask_is_found_before_the_search_knows_it(jira):
    tracker = tracker_of(jira)
    subtask = changed(level=TicketLevel.SUBTASK, parent="SHOP-7")
    tracker.create(subtask, marker="m")
    jira.index_lags = 1
    assert tracker.create(subtask, marker="m").found


def test_an_answer_that_is_lost_makes_no_second_ticket(jira):
    tracker = tracker_of(jira)
    before = len(jira.requests)
    tracker.create(changed(title="first"), marker="x")
    jira.faults = [*[None] * (len(jira.requests) - before - 1), Answer(drop=True, acts=True)]
    jira.index_lags = 2
    assert tracker.create(DRAFT, marker="m").value == "SHOP-102"
    assert len(made(jira)) == 2


@pytest.mark.parametrize(
    ("draft", "error", "told"),
    [
        (changed(project="NOPE"), NotFound, "project 'NOPE'.*No project could be found"),
        (changed(issue_type="Saga"), Rejected, "'SHOP' has no type 'Saga' of tickets.*'Epic'"),
        (changed(level=TicketLevel.SUBTASK, parent="SHOP-99"), NotFound, "SHOP-99"),
    ],
)
def test_what_cannot_be_made(jira, draft, error, told):
    with pytest.raises(error) as caught:
        tracker_of(jira).create(draft, marker="m")
    assert re.search(told, str(caught.value))
    assert made(jira) == []


def test_a_missing_permission_to_make_is_explained(jira):
    jira.forbidden = {"CREATE_ISSUES"}
    with pytest.raises(AccessDenied, match=r"'Create Issues' in the project 'SHOP'"):
        tracker_of(jira).create(DRAFT, marker="m")


def test_what_was_made_is_taken_back(jira):
    tracker = tracker_of(jira)
    key = tracker.create(DRAFT, marker="m").value
    rehearsed = tracker.remove_created(key, DRAFT, marker="m", rehearse=True)
    assert rehearsed.outcome == "undone"
    assert key in jira.issues
    assert tracker.remove_created(key, DRAFT, marker="m") == rehearsed
    assert key not in jira.issues
    assert tracker.remove_created(key, DRAFT, marker="m").outcome == "already"


def test_what_may_not_be_deleted_is_closed(jira):
    tracker = tracker_of(jira)
    key = tracker.create(DRAFT, marker="m").value
    jira.forbidden = {"DELETE_ISSUES"}
    told = tracker.remove_created(key, DRAFT, marker="m")
    assert (told.outcome, jira.status_of(key)) == ("undone", "Done")
    assert told.reason == "It was closed: the account may not delete it."


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda jira, one: one.changes.append({"author": ADA}), "Somebody changed it since."),
        (lambda jira, one: jira.add_comment(one, "x"), "Somebody commented on it."),
        (lambda jira, one: one.fields.update(summary="y"), "Its title or description was"),
        (lambda jira, one: one.fields.update(subtasks=[{"key": "A-1"}]), "It has subtasks by now."),
        (lambda jira, one: one.fields.update(attachment=[{"id": "1"}]), "Somebody attached a"),
        (lambda jira, one: one.fields.update(creator=ADA), "It is not one that we made."),
    ],
)
def test_what_somebody_worked_on_is_kept(jira, spoil, reason):
    tracker = tracker_of(jira)
    key = tracker.create(DRAFT, marker="m").value
    spoil(jira, jira.issues[key])
    kept = tracker.remove_created(key, DRAFT, marker="m")
    assert (kept.outcome, key in jira.issues) == ("kept", True)
    assert kept.reason.startswith(reason)


def test_two_tickets_are_linked_once(jira):
    jira.add_issue("SHOP-8")
    tracker = tracker_of(jira)
    assert tracker.relate("SHOP-7", "shop-8", "blocks") == ("SHOP-7 blocks SHOP-8", False)
    assert tracker.relate("SHOP-7", "SHOP-8", "Blocks").found
    assert tracker.relate("SHOP-8", "SHOP-7", "is blocked by").found
    assert tracker.ticket("SHOP-8").links == ("is blocked by SHOP-7",)
    assert not tracker.relate("SHOP-7", "SHOP-8", "is blocked by").found
    assert tracker.unrelate("SHOP-7", "SHOP-8", "blocks", rehearse=True).outcome == "undone"
    assert tracker.unrelate("SHOP-7", "SHOP-8", "blocks").outcome == "undone"
    assert tracker.unrelate("SHOP-7", "SHOP-8", "blocks").outcome == "already"
    assert tracker.unrelate("SHOP-70", "SHOP-8", "blocks").outcome == "already"


def test_links_that_cannot_be_made(jira):
    tracker = tracker_of(jira)
    with pytest.raises(Rejected, match="no links that say 'eats'") as caught:
        tracker.relate("SHOP-7", "SHOP-8", "eats")
    assert "'is blocked by'" in caught.value.hint
    with pytest.raises(Rejected, match="to itself"):
        tracker.relate("SHOP-7", "SHOP-7", "blocks")
    with pytest.raises(NotFound, match="'SHOP-7' to 'SHOP-9'"):
        tracker.relate("SHOP-7", "SHOP-9", "blocks")


def test_a_link_to_a_pull_request_is_one_link(jira):
    tracker = tracker_of(jira)
    url = "https://example.org/1"
    assert tracker.link("SHOP-7", url, "Pull request #1", marker="pr") == (url, False)
    assert tracker.link("SHOP-7", url, "Pull request #1", marker="pr") == (url, True)
    assert len(jira.seen("POST")) == 1
    assert tracker.link("SHOP-7", url, "Renamed", marker="pr") == (url, True)
    tracker.link("SHOP-7", "https://example.org/run", "Run", marker="run")
    [first, _] = jira.issues["SHOP-7"].links.values()
    assert first["object"] == {"url": url, "title": "Renamed"}
    assert first["application"]["name"] == "Mergewright"
    kept = tracker.unlink("SHOP-7", url, "Pull request #1", marker="pr")
    assert (kept.outcome, kept.reason) == ("kept", "It was changed since.")
    rehearsed = tracker.unlink("SHOP-7", url, "Renamed", marker="pr", rehearse=True)
    assert (rehearsed.outcome, len(jira.issues["SHOP-7"].links)) == ("undone", 2)
    assert tracker.unlink("SHOP-7", url, "Renamed", marker="pr") == rehearsed
    assert tracker.unlink("SHOP-7", url, "Renamed", marker="pr").outcome == "already"
    assert tracker.unlink("SHOP-9", url, "Renamed", marker="pr").outcome == "already"


def test_a_link_that_may_not_be_made(jira):
    jira.forbidden = {"LINK_ISSUES"}
    with pytest.raises(AccessDenied, match="'Link Issues'"):
        tracker_of(jira).link("SHOP-7", "https://example.org", "x", marker="m")
    with pytest.raises(NotFound, match="link the ticket 'SHOP-9'"):
        tracker_of(jira).link("SHOP-9", "https://example.org", "x", marker="m")


def test_a_search_reads_page_by_page_up_to_its_limit(jira):
    for number in range(1, 6):
        jira.add_issue(f"SHOP-{number}0", summary=f"Ticket {number}")
    tracker = tracker_of(jira)
    found = tracker.search("project = SHOP")
    assert [one.key for one in found] == ["SHOP-7", *(f"SHOP-{n}0" for n in range(1, 6))]
    assert found[1].title == "Ticket 1"
    assert len(tracker.search("project = SHOP", limit=3)) == 3
    assert tracker.search('labels = "nobody"') == ()


def test_a_query_that_is_wrong(jira):
    with pytest.raises(
        Rejected, match=r"search for 'nonsense = 1'.*Field 'nonsense' does not exist"
    ):
        tracker_of(jira).search("nonsense = 1")
    with pytest.raises(Rejected, match="empty"):
        tracker_of(jira).search("  ")


def test_a_search_that_jira_does_not_answer(jira):
    jira.faults = [fault(503)] * 3
    with pytest.raises(ServiceUnavailable):
        tracker_of(jira).search("project = SHOP")


@pytest.mark.parametrize(
    ("draft", "forbidden", "error", "told"),
    [
        (DRAFT, "", None, ""),
        (changed(project="NOPE"), "", NotFound, "No project could be found"),
        (changed(issue_type="Saga"), "", Rejected, "no type 'Saga'"),
        (changed(parent="SHOP-99"), "", NotFound, "'SHOP-99'"),
        (DRAFT, "CREATE_ISSUES", AccessDenied, "'Create Issues' in the project 'SHOP'"),
    ],
)
def test_what_could_not_be_made_is_told_before(jira, draft, forbidden, error, told):
    jira.forbidden = {forbidden}
    tracker = tracker_of(jira)
    if error is None:
        tracker.check_draft(draft)
    else:
        with pytest.raises(error, match=told):
            tracker.check_draft(draft)
    assert jira.seen("POST") == []


def test_a_link_that_could_not_be_made_is_told_before(jira):
    tracker = tracker_of(jira)
    tracker.check_relation("SHOP-7", "is blocked by")
    with pytest.raises(NotFound):
        tracker.check_relation("SHOP-99", "blocks")
    with pytest.raises(Rejected, match="no links that say 'eats'"):
        tracker.check_relation("SHOP-7", "eats")
    assert jira.seen("POST") == []


def test_what_was_made_is_found_by_its_marker(jira):
    tracker = tracker_of(jira)
    assert tracker.find_made(DRAFT, marker="m") is None
    key = tracker.create(DRAFT, marker="m").value
    assert tracker.find_made(DRAFT, marker="m") == key
