import logging

import pytest

from mergewright.clients.health import MAX_ERROR_CHARACTERS, LastingHealth, MemoryHealth, Record
from mergewright.errors import AccessDenied, NotFound, ServiceUnavailable, StoreFailed
from mergewright.events.health_sqlite import SqliteHealth
from mergewright.safety.redaction import register_secret


class CountingHealth(MemoryHealth):
    """Counts what is written."""

    writes = 0

    def change(self, service, host, change):
        self.writes += 1
        return super().change(service, host, change)


def record_to(store) -> Record:
    return Record("Jira", "h", LastingHealth(store))


def unchanged(circuit):
    return circuit


def test_calls_are_told_together():
    store = CountingHealth()
    record = record_to(store)
    for _ in range(50):
        record.note(0.25, None)
        record.tell_in_time()
    assert store.writes == 1
    record.tell_in_time(pause_seconds=0)
    record.tell_in_time(pause_seconds=0)
    assert store.writes == 2
    told = store.read("Jira", "h").calls
    assert (told.calls, told.failures) == (50, 0)
    assert told.latency_seconds(0.5) == 0.25


def test_what_is_shown_of_an_error_is_one_short_line_without_secrets():
    register_secret("hunter2-hunter2")
    store = MemoryHealth()
    record = record_to(store)
    record.note(1, ServiceUnavailable("no\nanswer to hunter2-hunter2 " + "x" * 999))
    record.tell(unchanged)
    told = store.read("Jira", "h").calls
    assert told.last_error.startswith("no answer to [redacted] xxx")
    assert len(told.last_error) == MAX_ERROR_CHARACTERS
    assert (told.calls, told.failures, told.last_answer_at) == (1, 1, None)


@pytest.mark.parametrize(("error", "shown"), [(AccessDenied("401"), "401"), (NotFound("404"), "")])
def test_a_service_that_refuses_did_answer(error, shown):
    store = MemoryHealth()
    record = record_to(store)
    record.note(1, error)
    record.tell(unchanged)
    told = store.read("Jira", "h").calls
    assert (told.failures, told.last_error) == (0, shown)
    assert told.last_answer_at is not None


def test_a_broken_store_breaks_nothing_and_is_told_once(tmp_path, caplog):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("no folder")
    health = LastingHealth(SqliteHealth(in_the_way / "health.db"), rest_seconds=0)
    with pytest.raises(StoreFailed):
        SqliteHealth(in_the_way / "health.db").change("Jira", "h", lambda known: known)
    record = Record("Jira", "h", health)
    with caplog.at_level(logging.WARNING):
        for number in range(3):
            record.note(1, ServiceUnavailable("down"))
            state = record.tell(lambda circuit: circuit.model_copy(update={"failures": 2}))
            assert state.failures == 2
            assert health.read("Jira", "h").calls.calls == number + 1
    assert len(caplog.records) == 1
    assert "not shared with other processes" in caplog.text


def test_when_the_store_breaks_what_it_told_last_is_gone_on_with(tmp_path):
    path = tmp_path / "health.db"
    store = SqliteHealth(path)
    record = Record("Jira", "h", LastingHealth(store))
    record.tell(lambda circuit: circuit.model_copy(update={"failures": 3}))
    store.close()
    path.unlink()
    path.mkdir()
    assert record.circuit().failures == 3


def test_a_store_that_failed_is_left_alone_for_a_while(tmp_path):
    path = tmp_path / "health.db"
    path.mkdir()
    health = LastingHealth(SqliteHealth(path), rest_seconds=60)
    Record("Jira", "h", health).tell(unchanged)
    path.rmdir()
    Record("Jira", "h", health).tell(unchanged)
    assert not path.exists()
    Record("Jira", "h", LastingHealth(SqliteHealth(path))).tell(unchanged)
    assert path.is_file()


def test_it_is_asked_again_later(tmp_path):
    path = tmp_path / "health.db"
    path.mkdir()
    health = LastingHealth(SqliteHealth(path), rest_seconds=0)
    Record("Jira", "h", health).tell(unchanged)
    path.rmdir()
    Record("Jira", "h", health).tell(lambda circuit: circuit.model_copy(update={"failures": 1}))
    assert SqliteHealth(path).read("Jira", "h").circuit.failures == 1
