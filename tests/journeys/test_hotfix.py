"""A fault in a release is mended there and in the main branch, by a flow that keeps its policy."""

from pathlib import PurePath

import pytest

from flows.hotfix import hotfix
from flows.replay import replay
from flows.undo import undo
from mergewright.cli.main import main
from mergewright.clients.local_forge import LocalForge
from mergewright.domain.delivery import Outcome
from mergewright.domain.hotfix_request import HotfixRequest
from mergewright.domain.replay import ReplayRequest
from mergewright.domain.undo import UndoRequest
from mergewright.errors import ChecksFailed, NotFound, RunInterrupted
from mergewright.settings import settings
from mergewright.testing.messages_server import MessagesServer, Reply, ToolUse
from tests.journeys import hotfix_answers as answers
from tests.journeys.places import MODEL, Shop, git

pytestmark = [pytest.mark.engine, pytest.mark.journey]

ADA, BOB = "Ada Moreau <ada@example.com>", "Bob Ray <bob@example.com>"
ONE_DIR_UP = "tally.pulls"


@pytest.fixture
def place(home, tmp_path, engine, monkeypatch):
    """Return a place whose release has the fault, and a person who asks for the hotfix."""
    monkeypatch.setenv("MERGEWRIGHT_USER", ADA)
    ticket = answers.make_ticket(tmp_path / "GREET-1.md")
    return Shop(home=home, repository=tmp_path / "tally", ticket=ticket, api=engine)


def asked(shop, **changes):
    fields = {
        "ticket": str(shop.ticket),
        "repository": str(shop.repository),
        "model": MODEL,
        "requested_by": ADA,
    }
    return HotfixRequest(**fields | changes)


class Played:
    """A Messages API server for as long as a test runs, and what it was asked."""

    def __init__(self, monkeypatch, **other):
        self.server = MessagesServer(answers.playing(**other))
        self.monkeypatch = monkeypatch

    def __enter__(self):
        server = self.server.__enter__()
        self.monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        self.monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-0123456789")
        settings.cache_clear()
        return self

    def __exit__(self, *how):
        self.server.__exit__(*how)

    @property
    def stages(self):
        return [answers.place_of(body)[0] for body in self.server.requests]


def approve(run_id, monkeypatch, who=BOB):
    monkeypatch.setenv("MERGEWRIGHT_USER", who)
    settings.cache_clear()
    return main(["approve", run_id, "--stage", "change"])


def delivered(request, monkeypatch):
    """Run until a person is asked, say yes as another one, and go on."""
    waiting = hotfix(request)
    assert waiting.outcome is Outcome.WAITING
    assert approve(waiting.run_id, monkeypatch) == 0
    return hotfix(request)


def opened(shop):
    return {
        one.base: one
        for one in LocalForge().pull_requests(str(shop.repository), "GREET-1")
        if one.state == "open"
    }


def test_a_release_is_mended_and_the_main_branch_as_well(place, monkeypatch, capsys):
    released = answers.make_repository(place.repository)
    request = asked(place, severity="critical")
    with Played(monkeypatch) as played:
        waiting = hotfix(request)
        assert waiting.outcome is Outcome.WAITING
        assert git(place.repository, "branch", "--format=%(refname:short)").split() == ["main"]
        assert approve(waiting.run_id, monkeypatch, ADA) != 0, "who asked for it may not approve"
        assert approve(waiting.run_id, monkeypatch) == 0
        done = hotfix(request)
        assert played.stages.count("research") == 0
        assert played.stages[: answers.CALLS].count("reproduce") == 3
        assert len(played.stages) == answers.CALLS + 1, "the main branch's change is reviewed too"
        assert {body["model"] for body in played.server.requests} == {"claude-opus-5-5"}
    assert done.outcome is Outcome.DELIVERED
    assert (done.run_id, done.release.name, done.base) == (waiting.run_id, "v1.4.2", "release/1.4")
    assert done.base_commit == released
    assert done.reproduction.red == (answers.RED,)
    gates = {gate.name: gate.status.value for gate in done.gates}
    for name in ("Bounds", "Affected tests", "Reproduction", "Proof", "Tests", "Change policy"):
        assert gates[name] == "passed", name
    both = opened(place)
    assert set(both) == {"release/1.4", "main"}
    assert git(place.repository, "rev-parse", "release/1.4").strip() == released
    for name, kept in (("release/1.4", '"""Greets."""'), ("main", '"""Greets people."""')):
        text = git(place.repository, "show", f"{both[name].head}:greeting.py")
        assert 'f"Hello, {name}!"' in text
        assert kept in text
        assert git(place.repository, "rev-list", "--count", f"{name}..{both[name].head}") == "1\n"
    assert done.backport.pull_request.number == both["main"].number
    assert done.backport.conflicts == ()
    comment = (place.home / "tickets" / "GREET-1.md").read_text()
    assert PurePath(both["main"].url).name in comment
    assert PurePath(both["release/1.4"].url).name in comment
    timeline = (place.home / "pages" / "deliveries" / "greet-1-timeline.md").read_text()
    assert "approved by Bob Ray" in timeline
    assert "severity" in timeline.lower()
    told = "\n".join(path.read_text() for path in (place.home / "mailbox").glob("*.eml"))
    assert "hotfix of v1.4.2 begun" in told


def test_a_conflict_with_the_main_branch_is_resolved_undone_and_replayed(place, monkeypatch):
    answers.make_repository(place.repository, answers.SAME_LINE)
    with Played(monkeypatch) as played:
        done = delivered(asked(place, base="v1.4.2"), monkeypatch)
        assert played.stages.count("repair") == 2
    assert done.backport.conflicts == ("greeting.py",)
    text = git(place.repository, "show", f"{opened(place)['main'].head}:greeting.py")
    assert text == answers.MERGED
    assert {gate.name for gate in done.backport.gates} >= {"Conflicts", "Bounds", "Reproduction"}
    assert done.repair_rounds == 1

    released = git(place.repository, "rev-parse", "v1.4.2^{commit}").strip()
    undo(UndoRequest(run_id=done.run_id))
    assert place.branches() == ["main"]
    known = LocalForge().pull_requests(str(place.repository), "GREET-1")
    assert [one.state for one in known] == ["closed", "closed"]
    assert git(place.repository, "rev-parse", "v1.4.2^{commit}").strip() == released

    place.repository.rename(place.repository.with_name("moved-away"))
    effects = len(place.events("effect_done"))
    again = replay(ReplayRequest(run_id=done.run_id))
    assert again.same
    assert (again.digest, again.backport_digest) == (
        done.changeset.digest,
        done.backport.changeset.digest,
    )
    assert (again.answers, again.drifted, again.asked) == (answers.CALLS + 3, 0, 0)
    assert again.paid_usd == 0 < again.recorded_usd
    assert len(place.events("effect_done")) == effects
    stopped = replay(ReplayRequest(run_id=again.replay_id, until="reproduce-0"))
    assert (stopped.answers, stopped.digest) == (3, "")


def test_a_conflict_that_is_not_resolved_is_reported_and_the_release_is_mended(place, monkeypatch):
    answers.make_repository(place.repository, answers.SAME_LINE)
    edit = ToolUse(
        "edit_file",
        {"path": "greeting.py", "replacements": [{"old": '"""Greets."""', "new": '"""Greets!"""'}]},
    )
    giving_up = (Reply(tools=(edit,)), Reply(answers.RESOLVED.model_dump_json()))
    with Played(monkeypatch, repair=giving_up):
        done = delivered(asked(place), monkeypatch)
    assert done.outcome is Outcome.DELIVERED
    assert set(opened(place)) == {"release/1.4"}
    assert "conflicts in greeting.py were not resolved" in done.backport.reason
    (left,) = (one for one in done.left if one.effect == "backport")
    assert f"git cherry-pick -x {done.commit}" in left.remedy
    assert "not done" in (place.home / "tickets" / "GREET-1.md").read_text()
    assert {gate.name for gate in done.gates} >= {"Reproduction"}
    assert "+++ b/greeting.py" in done.changeset.diff
    assert "<<<<" not in done.changeset.diff


def test_without_a_reproduction_nothing_is_changed_and_the_ticket_is_asked(place, monkeypatch):
    answers.make_repository(place.repository)
    with Played(monkeypatch, reproduce=(Reply(answers.NOT_SHOWN.model_dump_json()),)) as played:
        done = hotfix(asked(place))
        assert played.stages == ["reproduce"]
    assert done.outcome is Outcome.NOT_READY
    assert done.questions == answers.NOT_SHOWN.questions
    comment = (place.home / "tickets" / "GREET-1.md").read_text()
    for told in (*answers.NOT_SHOWN.tried, *answers.NOT_SHOWN.questions):
        assert told in comment
    assert place.branches() == ["main"]


def test_an_agent_that_only_says_so_is_sent_back_and_then_not_believed(place, monkeypatch):
    answers.make_repository(place.repository)
    with Played(monkeypatch, reproduce=(Reply(answers.SHOWN.model_dump_json()),)) as played:
        done = hotfix(asked(place))
        assert played.stages == ["reproduce", "reproduce"]
    assert done.outcome is Outcome.NOT_READY
    assert place.branches() == ["main"]


def test_a_fix_beyond_the_bounds_is_sent_back_and_refused(place, monkeypatch):
    answers.make_repository(place.repository)
    grow = ToolUse("create_file", {"path": "notes.py", "content": "value = 1\n" * 300})
    renamed = ToolUse(
        "edit_file",
        {"path": "greeting.py", "replacements": [{"old": "def greet(", "new": "def greet_one("}]},
    )
    refused = ToolUse("create_file", {"path": "requirements.txt", "content": "left-pad\n"})
    large = (
        Reply(tools=(*answers.ANSWERS["implement"][0].tools, grow)),
        Reply(tools=(refused,)),
        answers.ANSWERS["implement"][-1],
    )
    larger = (Reply(tools=(renamed,)), Reply(answers.RESOLVED.model_dump_json()))
    with (
        Played(monkeypatch, implement=large, repair=larger) as played,
        pytest.raises(ChecksFailed, match="Bounds"),
    ):
        hotfix(asked(place, max_repair_rounds=1))
    told = str(played.server.requests)
    assert "declares or locks dependencies" in told
    assert "max_changed_lines is 200" in told
    assert opened(place) == {}
    (bounds,) = (gate.gate for gate in place.events("gate_checked") if gate.stage == "bounds-1")
    assert any("'greet'" in detail for detail in bounds.details)


def test_a_release_that_is_not_there_costs_nothing(place, monkeypatch):
    answers.make_repository(place.repository)
    with Played(monkeypatch) as played:
        with pytest.raises(NotFound, match=r"'v1\.4\.3'") as caught:
            hotfix(asked(place, base="v1.4.3"))
        assert "'v1.4.2'" in caught.value.hint
        with pytest.raises(NotFound, match="main branch 'trunk'"):
            hotfix(asked(place, main="trunk"))
        assert played.stages == []


def test_a_second_hotfix_of_the_ticket_is_refused_while_the_first_waits(place, monkeypatch):
    answers.make_repository(place.repository)
    with Played(monkeypatch):
        waiting = hotfix(asked(place))
        with pytest.raises(RunInterrupted, match=waiting.run_id):
            hotfix(asked(place, base="main"))
        with pytest.raises(RunInterrupted, match="a second one is refused"):
            hotfix(asked(place, fresh=True))


def test_a_rehearsal_asks_nobody_and_publishes_nothing(place, monkeypatch):
    answers.make_repository(place.repository)
    with Played(monkeypatch) as played:
        done = hotfix(asked(place, dry_run=True))
        assert len(played.stages) == answers.CALLS
    assert done.outcome is Outcome.REHEARSED
    assert done.reproduction.red == (answers.RED,)
    assert place.branches() == ["main"]
