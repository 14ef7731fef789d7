"""What a run did outside is taken back, as far as nobody has built on it since."""

import json
import re
from contextlib import closing

import pytest

from flows.standard_dev import standard_dev
from flows.undo import undo
from mergewright.domain.undo import UndoRequest
from mergewright.errors import NotFound, RunInterrupted, ServiceError
from mergewright.events.audit import verify_run
from mergewright.events.projections import read_events, stages, summarise
from mergewright.events.sqlite import SqliteEventStore
from mergewright.settings import settings
from mergewright.testing.messages_server import MessagesServer
from tests.journeys import greeting_answers
from tests.journeys.places import Shop, commit_all, git, json_of

pytestmark = [pytest.mark.engine, pytest.mark.journey]

ORDER = [
    "transition", "ticket link", "comment", "page", "gates", "labels", "pull request", "branch",
    "progress", "progress", "start", "message", "message",
]  # fmt: skip
KEPT = ["transition", "page", "gates", "labels", "pull request", "branch", "start"]
"""What stays when others have worked on it."""


@pytest.fixture
def small(home, tmp_path, engine, monkeypatch):
    """A tiny repository, whose ticket needs six answers."""
    repository, ticket = tmp_path / "tally", tmp_path / "GREET-1.md"
    repository.mkdir()
    git(repository, "init", "--quiet", "--initial-branch", "main")
    for name, text in greeting_answers.FILES.items():
        (repository / name).write_text(text)
    commit_all(repository, "Greet")
    ticket.write_text(greeting_answers.TICKET)
    with MessagesServer(greeting_answers.reply) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-0123456789")
        settings.cache_clear()
        yield Shop(home=home, repository=repository, ticket=ticket, api=engine)


@pytest.fixture
def delivered(small):
    return standard_dev(small.request())


def outcomes(report):
    return {effect.effect: effect.outcome for effect in report.effects}


def seen(shop):
    """Return all that shows of a run outside, by place."""
    folders = [shop.home / name for name in ("tickets", "pages", "mailbox")]
    folders.append(shop.repository.with_name("tally.pulls"))
    found = [path for folder in folders for path in folder.rglob("*")]
    refs = git(shop.repository, "for-each-ref", "--format=%(refname) %(objectname)")
    files = {str(path): path.read_bytes() for path in found if path.suffix in {".md", ".eml"}}
    return {"refs": refs, **files}


def mails(shop):
    return list((shop.home / "mailbox").glob("*.eml"))


def is_as_it_came(shop):
    """Whether the tracker's copy of the ticket differs from the user's in origin and status alone."""
    copy = (shop.home / "tickets" / shop.ticket.name).read_text()
    assert "status: to do\n" in copy
    added = r"imported_from: .*\n|status: to do\n"
    return re.sub(added, "", copy) == re.sub(added, "", shop.ticket.read_text())


def test_a_delivery_is_undone_by_command_and_again(shop, messages):
    run_id = standard_dev(shop.request()).run_id
    before = seen(shop), len(shop.events())
    rehearsed = shop.call(shop.command("undo", "last", "--dry-run", "--json"))
    assert rehearsed.returncode == 0, rehearsed.stderr
    effects = json_of(rehearsed)["effects"]
    assert [effect["effect"] for effect in effects] == ORDER
    assert {effect["outcome"] for effect in effects} == {"undone", "impossible"}
    assert (seen(shop), len(shop.events())) == before

    done = shop.call(shop.command("undo", run_id))
    assert done.returncode == 0, done.stderr
    for told in (
        "transition TALLY-7\n",
        "From 'in review' back to 'in progress'.",
        "From 'in progress' back to 'to do'.",
        "It was not there before: it is removed.",
        "It was open; it is closed, not merged.",
        "it was deleted.",
        "a correction followed it. (",
    ):
        assert told in done.stdout
    look_that_nothing_is_left(shop)

    again = shop.call(shop.command("undo", "last"))
    assert again.returncode == 0
    assert "Nothing is left to undo" in again.stdout
    assert "13 effects were undone before" in again.stdout
    assert len(mails(shop)) == 3
    look_at_the_log(shop, run_id)


def look_at_the_log(shop, run_id):
    with closing(SqliteEventStore(shop.home / "events.db")) as store:
        audit = verify_run(store, run_id)
        events = read_events(store, run_id)
    assert audit.intact
    assert audit.finished
    (stage,) = (stage for stage in stages(events) if stage.name == "undo")
    assert (stage.state, stage.detail) == ("done", "11 undone, 2 impossible")
    summary = summarise(events)
    assert (summary.outcome, summary.stage) == ("delivered", "report")
    assert summary.last_event_at == next(e.at for e in events if e.type == "run_finished")


def look_that_nothing_is_left(shop):
    assert shop.branches() == ["main"]
    assert git(shop.repository, "status", "--porcelain") == ""
    (closed,) = shop.pull_requests()
    assert "state: closed" in closed.read_text()
    assert "was undone" in closed.read_text()
    assert not (shop.home / "pages" / "deliveries" / "tally-7.md").exists()
    assert is_as_it_came(shop)
    # one correction for all that was told
    _, sent, correction = sorted(mails(shop), key=lambda mail: mail.stat().st_mtime_ns)
    assert correction.name == f"{sent.stem}-undone.eml"
    text = correction.read_text().replace("=\n", "")
    assert "Subject: Taken back: TALLY-7 delivered" in text
    assert "pull request" in text
    assert "Still there" not in text


def test_what_others_changed_since_is_kept_and_told(small, delivered):
    branch = delivered.branch
    git(small.repository, "switch", "--quiet", branch)
    git(small.repository, "commit", "--quiet", "--allow-empty", "--message", "By a colleague")
    git(small.repository, "switch", "--quiet", "main")
    page = small.home / "pages" / "deliveries" / "greet-1.md"
    page.write_text(page.read_text() + "\nA sentence by hand.\n")
    ticket = small.home / "tickets" / "GREET-1.md"
    ticket.write_text(ticket.read_text().replace("status: in review", "status: done"))
    before = seen(small)

    report = undo(UndoRequest(run_id=delivered.run_id))
    assert outcomes(report) == {
        **dict.fromkeys(KEPT, "kept"),
        **dict.fromkeys(["ticket link", "comment", "progress"], "undone"),
        "message": "impossible",
    }
    assert not report.complete
    reasons = {effect.effect: effect.reason for effect in report.effects}
    assert "'done'" in reasons["transition"]
    assert "by hand" in reasons["page"]
    assert "commits of others" in reasons["pull request"]
    after = seen(small)
    assert {place for place in before if before[place] != after[place]} == {str(ticket)}
    (correction,) = (path for path in mails(small) if path.stem.endswith("-undone"))
    assert "Still there" in correction.read_text()

    # what stood in the way goes away: undoing again takes the rest back
    git(small.repository, "branch", "--force", branch, delivered.commit)
    page.write_text(page.read_text().replace("\nA sentence by hand.\n", ""))
    ticket.write_text(ticket.read_text().replace("status: done", "status: in review"))
    again = undo(UndoRequest(run_id=delivered.run_id))
    assert again.complete
    assert set(outcomes(again)) == set(KEPT)
    assert small.branches() == ["main"]
    assert not page.exists()
    assert is_as_it_came(small)
    assert len(mails(small)) == 3


def test_a_merged_pull_request_keeps_its_branch_and_a_broken_ticket_is_tried_again(
    small, delivered
):
    (pull_request,) = small.pull_requests()
    pull_request.write_text(pull_request.read_text().replace("state: open", "state: merged"))
    ticket = small.home / "tickets" / "GREET-1.md"
    text = ticket.read_text()
    ticket.write_text("no ticket any more\n")

    done = small.call(small.command("undo", "last", "--json"))
    assert done.returncode == 3, done.stderr
    told = {effect["effect"]: effect for effect in json_of(done)["effects"]}
    assert told["page"]["outcome"] == "undone"
    kept = {name for name, effect in told.items() if effect["outcome"] == "kept"}
    on_ticket = {"transition", "ticket link", "comment", "progress", "start"}
    assert kept == {"pull request", "branch", "gates", "labels", *on_ticket}
    assert "merged" in told["pull request"]["reason"]
    assert "GREET-1.md" in told["comment"]["reason"]
    assert small.branches() == [delivered.branch, "main"]

    ticket.write_text(text)
    again = undo(UndoRequest(run_id=delivered.run_id))
    assert outcomes(again) == {
        **dict.fromkeys(on_ticket, "undone"),
        **dict.fromkeys(["gates", "labels", "pull request", "branch"], "kept"),
    }


def test_everything_that_others_took_away_already_counts_as_undone(small, delivered):
    git(small.repository, "branch", "--delete", "--force", delivered.branch)
    pulls = small.repository.with_name("tally.pulls").glob("*.md")
    for path in (*pulls, small.home / "tickets" / "GREET-1.md"):
        path.unlink()
    (small.home / "pages" / "deliveries" / "greet-1.md").unlink()
    report = undo(UndoRequest(run_id=delivered.run_id))
    assert set(outcomes(report).values()) == {"already", "impossible"}
    assert report.complete


def obstruct(shop):
    """Let pull requests be looked for, and none be opened."""
    lock = shop.repository.with_name("tally.pulls") / ".lock"
    lock.mkdir(parents=True)
    return lock


def test_a_run_that_failed_and_was_undone_goes_on_and_does_it_again(small):
    in_the_way = obstruct(small)
    with pytest.raises(ServiceError):
        standard_dev(small.request())
    (started,) = small.events("run_started")
    report = undo(UndoRequest(run_id=started.run_id))
    assert outcomes(report)["branch"] == "undone"
    assert outcomes(report)["pull request"] == "already"
    assert small.branches() == ["main"]

    in_the_way.rmdir()
    delivery = standard_dev(small.request())
    assert delivery.run_id == started.run_id
    assert delivery.outcome == "delivered"
    assert small.branches() == [delivery.branch, "main"]
    second = undo(UndoRequest(run_id=started.run_id))
    assert [effect.effect for effect in second.effects] == ORDER
    assert second.complete
    assert small.branches() == ["main"]


def test_a_run_that_fails_undoes_itself_where_it_was_asked_to(small):
    in_the_way = obstruct(small)
    done = small.call(small.run("--on-failure", "undo"))
    assert done.returncode == 8, done.stdout + done.stderr
    assert small.branches() == ["main"]
    *_, reported, last = [event.type for event in small.events()]
    assert (reported, last) == ("stage_finished", "run_finished")
    (finished,) = small.events("run_finished")
    assert (finished.outcome, finished.resumable) == ("failed", True)
    assert finished.report["pull_request"] is None
    in_the_way.rmdir()
    again = small.call(small.run())
    assert again.returncode == 0, again.stderr
    assert len(small.pull_requests()) == 1
    assert len({event.run_id for event in small.events("run_started")}) == 1


def test_a_run_that_is_still_going_is_left_alone_and_an_unknown_one_is_named(small, delivered):
    before = seen(small)
    with (
        SqliteEventStore(small.home / "events.db").hold(delivered.run_id),
        pytest.raises(RunInterrupted, match="still going") as caught,
    ):
        undo(UndoRequest(run_id=delivered.run_id))
    assert "then undo it" in caught.value.hint
    assert seen(small) == before
    with pytest.raises(NotFound, match="nobody-000000"):
        undo(UndoRequest(run_id="nobody-000000"))
    unknown = small.call(small.command("undo", "nobody", "--json"))
    assert unknown.returncode == 8
    assert json.loads(unknown.stdout)["error"]["hint"]
