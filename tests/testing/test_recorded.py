import json

import pytest

from mergewright.agents.asking import Question, ask
from mergewright.agents.tools import reading_tools
from mergewright.domain.plan import Research
from mergewright.errors import AnswerUnusable, SettingInvalid
from mergewright.testing.messages_server import MessagesServer, by_turn, use
from mergewright.testing.recorded import (
    RecordedModel,
    cassette_of,
    load_cassette,
    save_cassette,
)
from tests.agents.samples import (
    OPUS,
    RESEARCH,
    RESEARCHED,
    RESEARCHING,
    TICKET,
    connected,
    make_journal,
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "a.py").write_text("x = 1\n")
    return tmp_path / "code"


@pytest.fixture
def cassette(store, folder):
    """A recording of research with one look at a file, from a real conversation."""
    with MessagesServer(by_turn(use("read_file", path="a.py"), RESEARCHED)) as server:
        research(connected(server.url), make_journal(store, "research"), folder)
    events = [stored.event for stored in store.read(run_id="run-1")]
    return cassette_of(events, "TALLY-7")


def research(model, journal, folder, *, ticket=TICKET, recorded=False):
    question = Question(
        agent="research",
        inputs={**RESEARCHING, "ticket": ticket},
        answer=Research,
        tools=reading_tools(folder),
    )
    return ask(question, model=model, model_name=OPUS, journal=journal, recorded=recorded)


def play(cassette, store, folder, *, ticket=TICKET):
    drifts = []
    journal = make_journal(store, "research")
    journal.run_id = journal.ledger.run_id = "run-2"
    model = RecordedModel(cassette=cassette, stage="research", on_drift=drifts.append)
    return research(model, journal, folder, ticket=ticket, recorded=True), drifts


def test_a_recording_drives_the_same_agent(cassette, store, folder):
    answer, drifts = play(cassette, store, folder)
    assert answer == RESEARCH
    assert drifts == []
    events = [stored.event for stored in store.read(run_id="run-2")]
    assert [event.tool for event in events if event.type == "tool_finished"] == ["read_file"]
    settled = [event for event in events if event.type == "call_settled"]
    assert all(event.recorded and event.cost_usd > 0 for event in settled)


def test_a_recording_of_a_playback_is_the_recording(cassette, store, folder):
    play(cassette, store, folder)
    events = [stored.event for stored in store.read(run_id="run-2")]
    assert cassette_of(events, "TALLY-7") == cassette


def test_a_file_reads_well_and_comes_back(cassette, tmp_path):
    path = tmp_path / "tally.json"
    save_cassette(cassette, path)
    assert load_cassette(path) == cassette
    told = json.loads(path.read_text())
    assert list(told) == ["format", "title", "entries"]
    assert [(entry["stage"], entry["turn"]) for entry in told["entries"]] == [
        ("research", 0),
        ("research", 1),
    ]
    again = tmp_path / "again.json"
    save_cassette(load_cassette(path), again)
    assert again.read_bytes() == path.read_bytes()


def test_drift_is_told_and_played(cassette, store, folder):
    (folder / "a.py").write_text("x = 2\n")
    answer, drifts = play(cassette, store, folder)
    assert answer == RESEARCH
    assert drifts == ["Recorded answer to another request than this one: 'research', turn 1"]


def test_another_ticket_drifts_from_the_beginning(cassette, store, folder):
    other = TICKET.model_copy(update={"title": "Something else"})
    assert len(play(cassette, store, folder, ticket=other)[1]) == 2


def test_a_missing_answer_says_where_and_why(cassette, store, folder):
    short = cassette.model_copy(update={"entries": cassette.entries[:1]})
    with pytest.raises(AnswerUnusable, match="no answer for stage 'research', turn 1: it does not"):
        play(short, store, folder)
    events = [stored.event for stored in store.read(run_id="run-2", types=("call_settled",))]
    assert [event.outcome for event in events] == ["answered", "failed"]


def test_each_stage_knows_whose_answers_it_has(cassette):
    other = cassette.entries[0].model_copy(
        update={"stage": "plan", "model": "anthropic:claude-haiku-5-5"}
    )
    mixed = cassette.model_copy(update={"entries": (*cassette.entries, other)})
    assert mixed.models == (OPUS, other.model)
    assert (mixed.model_of("research"), mixed.model_of("plan")) == (OPUS, other.model)
    assert mixed.model_of("no such stage") == OPUS


def test_the_last_answer_at_a_place_counts(store, folder):
    with MessagesServer(by_turn(RESEARCHED)) as server:
        for title in ("First", "Second"):
            ticket = TICKET.model_copy(update={"title": title})
            journal = make_journal(store, "research")
            research(connected(server.url), journal, folder, ticket=ticket)
    answers = [stored.event for stored in store.read(types=("model_answered",))]
    (entry,) = cassette_of(answers, "x").entries
    assert entry.request_digest == answers[-1].request_digest


def test_without_answers_there_is_nothing_to_record():
    with pytest.raises(SettingInvalid, match="no model answers"):
        cassette_of([], "x")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "Invalid JSON"),
        ("{}", "title: Field required"),
        ('{"format": 2}', "format"),
        ('{"format": 1, "title": "x", "entries": []}', "entries"),
    ],
)
def test_what_is_no_recording_is_refused(tmp_path, text, complaint):
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(SettingInvalid, match=complaint):
        load_cassette(path)


def test_files_that_cannot_be_read_or_written_are_said(cassette, tmp_path):
    with pytest.raises(SettingInvalid, match="cannot be read: No such file"):
        load_cassette(tmp_path / "none.json")
    with pytest.raises(SettingInvalid, match="cannot be written: No such file"):
        save_cassette(cassette, tmp_path / "none" / "x.json")
