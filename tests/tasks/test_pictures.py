"""Pictures of a ticket are fetched once and kept in the log; over real HTTP to a Jira on loopback."""

from base64 import b64encode
from decimal import Decimal
from hashlib import sha256

import pytest

from mergewright.agents.pictures import MAX_PICTURE_BYTES
from mergewright.budget.limits import Caps
from mergewright.clients.folder_tracker import FolderTracker
from mergewright.domain.delivery import Delivery, Outcome
from mergewright.errors import ServiceUnavailable, StoreFailed
from mergewright.events.journal import Journal, utc_now
from mergewright.events.ledger import Ledger
from mergewright.events.sqlite import SqliteEventStore
from tasks._pictures import MAX_PICTURES, carry_over, pictures_of, with_pictures
from tasks.records import _unseen
from tests.agents.picture_samples import gif, jpeg, png
from tests.clients.jira_server import JiraServer, fault, tracker_of
from tests.clients.test_jira_attachments import KEY, attach


@pytest.fixture
def jira():
    server = JiraServer(cloud=True)
    yield server
    server.close()


@pytest.fixture
def store(tmp_path):
    store = SqliteEventStore(tmp_path / "events.db")
    yield store
    store.close()


def journal_in(store, run_id="run-1"):
    return Journal(store, run_id, "ticket", ledger=Ledger(store, run_id, Caps(run_usd=Decimal(1))))


def fetched(jira):
    return [one for one in jira.requests if "attachment/content" in one.path]


def test_a_picture_is_what_its_bytes_say_and_comes_from_the_log_ever_after(jira, store):
    attach(
        jira,
        ("shot.txt.png", "image/png", jpeg()),
        ("core", "application/octet-stream", gif()),
        ("page.png", "image/png", b"<html>Log in</html>"),
        ("odd", "application/octet-stream", b"\0\1"),
        ("a.log", "text/plain", b"So."),
    )
    tracker = tracker_of(jira)
    ticket = with_pictures(journal_in(store), tracker, tracker.ticket(KEY))
    shot, core, page, odd, log = ticket.attachments
    assert shot.picture == sha256(jpeg()).hexdigest()
    assert (page.picture, page.unseen) == ("", "its content is no PNG, JPEG, GIF or WebP")
    assert (odd.picture, odd.unseen, log.picture, log.unseen) == ("", "", "", "")
    seen = pictures_of(journal_in(store), ticket)
    assert [(one.name, one.media_type) for one in seen.shown] == [
        (shot.name, "image/jpeg"),
        (core.name, "image/gif"),
    ]
    assert [one.name for one in seen.unseen] == ["page.png"]

    asked = len(fetched(jira))
    jira.files["0"] = png()
    again = pictures_of(journal_in(store), ticket)
    assert again.shown[0].base64 == b64encode(jpeg()).decode()
    assert len(fetched(jira)) == asked

    with pytest.raises(StoreFailed, match="does not hold the picture"):
        pictures_of(journal_in(store, "run-2"), ticket)
    carry_over(journal_in(store), journal_in(store, "run-2"), ticket)
    assert pictures_of(journal_in(store, "run-2"), ticket) == seen


def test_what_is_too_large_or_too_much_is_not_even_fetched_and_the_report_says_so(jira, store):
    many = [(f"{number}.png", "image/png", png(text=bytes([65 + number]))) for number in range(7)]
    attach(jira, *many)
    jira.issues[KEY].fields["attachment"][0]["size"] = MAX_PICTURE_BYTES + 1
    tracker = tracker_of(jira)
    ticket = with_pictures(journal_in(store), tracker, tracker.ticket(KEY))
    assert [bool(one.picture) for one in ticket.attachments] == [False, *[True] * 5, False]
    assert len(fetched(jira)) == MAX_PICTURES
    delivery = Delivery(
        run_id="run-1", workflow="standard_dev", outcome=Outcome.DELIVERED, ticket=ticket,
        repository="/r", started_at=utc_now(), finished_at=utc_now(),
    )  # fmt: skip
    large, more = _unseen(delivery)
    assert (large.effect, large.target) == ("picture", "0.png")
    assert f"at most {MAX_PICTURE_BYTES} are taken." in large.reason
    assert more.reason == "Agents were not shown it: at most 5 pictures of a ticket are shown."
    assert _unseen(delivery.model_copy(update={"left": (large, more)})) == ()


def test_the_same_bytes_under_two_names_are_shown_once(jira, store):
    attach(jira, ("a.png", "image/png", png()), ("b.png", "image/png", png()))
    tracker = tracker_of(jira)
    ticket = with_pictures(journal_in(store), tracker, tracker.ticket(KEY))
    assert len(pictures_of(journal_in(store), ticket).shown) == 1
    assert len(store.read(types=("fact_pinned",))) == 1


def test_a_picture_that_may_not_be_read_is_listed_and_a_jira_that_is_down_is_tried_again(
    jira, store
):
    attach(jira, ("a.png", "image/png", png()))
    tracker = tracker_of(jira)
    ticket = tracker.ticket(KEY)
    jira.faults = [None, fault(403, "no")]
    (one,) = with_pictures(journal_in(store), tracker, ticket).attachments
    assert one.unseen.startswith("it cannot be read: ")
    jira.faults = [None, *[fault(503)] * 9]
    with pytest.raises(ServiceUnavailable):
        with_pictures(journal_in(store), tracker, ticket)


def test_a_file_in_a_folder_is_a_picture_too_and_a_ticket_without_any_stays_as_it_is(
    tmp_path, store
):
    folder = tmp_path / "tickets"
    (folder / "TODO-7").mkdir(parents=True)
    (folder / "TODO-7.md").write_text("---\nkey: TODO-7\ntitle: A comma\n---\nIt lacks a comma.\n")
    tracker = FolderTracker(folder)
    plain = tracker.ticket("TODO-7")
    assert with_pictures(journal_in(store), tracker, plain) is plain
    (folder / "TODO-7" / "shot").write_bytes(png())
    ticket = with_pictures(journal_in(store), tracker, tracker.ticket("TODO-7"))
    assert pictures_of(journal_in(store), ticket).shown[0].media_type == "image/png"
