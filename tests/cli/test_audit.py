import json
import sqlite3

import pytest

from mergewright.domain.events import Noted
from tests.cli import example_log

SECRET = "sk-ant-api03-" + "b" * 40


@pytest.fixture
def logged(home):
    run = example_log.ExampleRun("tally-9-aaaaaa")
    run.add(Noted, stage="plan", text=f"The key is {SECRET}.")
    example_log.write(home, example_log.delivered(), run.events)
    return home / "events.db"


def seq_of(path, run_id, place):
    """Return the sequence number of one of a run's events."""
    with sqlite3.connect(path) as log:
        found = log.execute("SELECT seq FROM events WHERE run_id = ? ORDER BY seq", (run_id,))
        return found.fetchall()[place][0]


def tamper(path, statement, seq):
    with sqlite3.connect(path) as log:
        log.execute("DROP TRIGGER IF EXISTS events_stay")
        log.execute("DROP TRIGGER IF EXISTS events_remain")
        assert log.execute(statement, (seq,)).rowcount == 1


def test_an_untouched_run_is_intact(logged, mergewright):
    done = mergewright("audit", "verify", "tally-7")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("intact  tally-7-aaaaaa: ")
    assert "finished" in done.stdout
    document = json.loads(mergewright("audit", "verify", "tally-7", "--json").stdout)
    assert document["intact"] is True
    assert document["head"] in done.stdout
    unfinished = mergewright("audit", "verify", "last").stdout
    assert "not finished: nothing shows whether its end is missing" in unfinished


def test_a_changed_event_is_named_and_exits_5(logged, mergewright):
    seq = seq_of(logged, "tally-7-aaaaaa", 5)
    tamper(logged, "UPDATE events SET body = replace(body, 'T09:', 'T08:') WHERE seq = ?", seq)
    done = mergewright("audit", "verify", "tally-7")
    assert done.returncode == 5
    assert done.stdout.startswith("BROKEN  tally-7-aaaaaa")
    assert f"Event {seq} " in done.stderr
    as_json = mergewright("audit", "verify", "tally-7", "--json")
    document = json.loads(as_json.stdout)
    assert as_json.returncode == 5
    assert document["intact"] is False
    assert document["findings"][0]["seq"] == seq


def test_a_removed_event_is_named_and_exits_5(logged, mergewright):
    seq = seq_of(logged, "tally-7-aaaaaa", 5)
    tamper(logged, "DELETE FROM events WHERE seq = ?", seq)
    done = mergewright("audit", "verify", "tally-7")
    assert done.returncode == 5
    assert f"Event {seq + 1} " in done.stderr


def test_a_head_from_before_shows_a_cut_end(logged, mergewright):
    head = json.loads(mergewright("audit", "verify", "last", "--json").stdout)["head"]
    assert mergewright("audit", "verify", "last", "--head", head).returncode == 0
    seq = seq_of(logged, "tally-9-aaaaaa", -1)
    tamper(logged, "DELETE FROM events WHERE seq = ?", seq)
    assert mergewright("audit", "verify", "last").returncode == 0
    assert mergewright("audit", "verify", "last", "--head", head).returncode == 5


def test_an_export_holds_no_secret_and_can_be_checked(logged, tmp_path, mergewright):
    target = tmp_path / "run.jsonl"
    done = mergewright("audit", "export", "last", "--output", str(target))
    assert done.returncode == 0, done.stderr
    assert "2 events of tally-9-aaaaaa written to run.jsonl." in done.stdout
    text = target.read_text()
    assert SECRET not in text
    assert "[redacted]" in text
    assert mergewright("audit", "export", "last").stdout == text
    checked = mergewright("audit", "verify", str(target))
    assert checked.returncode == 0, checked.stderr
    assert "Secrets were taken out of 1 event" in checked.stdout

    target.write_text(text.replace("standard_dev", "hotfix"))
    broken = mergewright("audit", "verify", str(target))
    assert broken.returncode == 5
    seq = seq_of(logged, "tally-9-aaaaaa", 0)
    assert f"Event {seq} " in broken.stderr


def test_an_export_replaces_no_file_unasked(logged, tmp_path, mergewright):
    target = tmp_path / "run.jsonl"
    target.write_text("mine")
    done = mergewright("audit", "export", "last", "--output", str(target))
    assert (done.returncode, target.read_text()) == (2, "mine")
    forced = mergewright("audit", "export", "last", "--output", str(target), "--force", "--json")
    assert json.loads(forced.stdout)["events"] == 2


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [
        (("verify", "nope"), 8, "nope"),
        (("export", "nope"), 8, "nope"),
        (("verify", "./nothing.jsonl"), 8, "nothing.jsonl"),
        (("verify", "noise.bin"), 5, "noise.bin"),
        (("verify", "ticket.md"), 5, "no exported run"),
        (("verify", "ticket.md", "--head", "abc"), 2, "--head 'abc'"),
        (("export", "last", "--json"), 2, "--json"),
        (("export", "last", "--output", "no/such/folder/run.jsonl"), 2, "no/such/folder"),
    ],
)
def test_what_cannot_be_audited_is_named(logged, tmp_path, mergewright, words, code, named):
    (tmp_path / "noise.bin").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "ticket.md").write_text("# A ticket\n")
    done = mergewright("audit", *words)
    assert done.returncode == code
    assert named in done.stderr
    assert "hint: " in done.stderr
