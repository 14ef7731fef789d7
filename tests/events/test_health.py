"""What holds for every store of health, and what each does in its own way."""

import stat
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mergewright.clients.circuit import Circuit
from mergewright.clients.health import LastingHealth
from mergewright.domain.health import Calls, CircuitState
from mergewright.errors import SettingInvalid, StoreFailed
from mergewright.events.health import open_health
from mergewright.events.health_redis import KEY_PREFIX, RedisHealth
from mergewright.events.health_rows import decode_health
from mergewright.events.health_sqlite import SqliteHealth

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def open_anew(url: str) -> SqliteHealth | RedisHealth:
    """Open it as another process would."""
    if url.startswith("redis"):
        return RedisHealth(url)
    return SqliteHealth(Path(url.removeprefix("sqlite:///")).with_name("health.db"))


def count_up(known):
    failures = known.circuit.failures + 1
    return known.model_copy(update={"circuit": CircuitState(failures=failures)})


def count_in_another_process(url: str, times: int) -> None:
    health = open_anew(url)
    for _ in range(times):
        health.change("Jira", "h", count_up)
    health.close()


@pytest.fixture
def health(url):
    store = open_anew(url)
    yield store
    store.close()


def test_nothing_is_known_of_a_service_that_nobody_called(health):
    assert health.services() == ()
    found = health.read("Jira", "h")
    assert (found.service, found.host, found.calls.calls) == ("Jira", "h", 0)


def test_another_process_sees_what_was_written(url, health):
    circuit = CircuitState(failures=2, opened_at=NOON, closes_at=NOON, probe="p", probe_until=NOON)
    calls = Calls(
        calls=9, failures=2, latencies_seconds=(0.5, 1), last_error="ä\n", last_error_at=NOON
    )
    written = health.change(
        "Jira", "h", lambda known: known.model_copy(update={"circuit": circuit, "calls": calls})
    )
    assert open_anew(url).read("Jira", "h") == written
    assert written.circuit == circuit
    assert written.calls == calls


def test_services_are_kept_apart_and_come_sorted(health):
    names = [("b", "h"), ("a", "i"), ("a", "h:1"), ('we"ird,[', "ho st/é")]
    for service, host in names:
        health.change(service, host, count_up)
    health.change("a", "i", count_up)
    found = [(one.service, one.host, one.circuit.failures) for one in health.services()]
    assert found == [(*name, 1 + (name == ("a", "i"))) for name in sorted(names)]


def test_a_change_that_fails_changes_nothing(health):
    health.change("Jira", "h", count_up)

    def bug(known):
        raise KeyError("bug")

    with pytest.raises(KeyError):
        health.change("Jira", "h", bug)
    assert health.change("Jira", "h", count_up).circuit.failures == 2


def test_no_change_of_several_processes_is_lost(url, health, processes):
    others = [
        processes.Process(target=count_in_another_process, args=(url, 40), daemon=True)
        for _ in range(3)
    ]
    for process in others:
        process.start()
    for process in others:
        process.join(60)
    assert [process.exitcode for process in others] == [0, 0, 0]
    assert health.read("Jira", "h").circuit.failures == 120


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"service": "Jira"}', '{"new": 1}'])
def test_what_cannot_be_read_tells_nothing(text):
    found = decode_health(text, "Jira", "h")
    assert (found.service, found.host, found.circuit) == ("Jira", "h", CircuitState())


def test_the_file_lies_beside_the_log_and_is_for_its_owner(tmp_path):
    health = open_health(f"sqlite:///{tmp_path}/home/events.db")
    assert health.services() == ()
    assert not (tmp_path / "home").exists(), "looking makes no file"
    health.change("Jira", "h", count_up)
    file = tmp_path / "home" / "health.db"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert open_health(f"sqlite:///{tmp_path}/home/events.db") is health
    health.close()


def test_a_file_that_is_removed_begins_anew(tmp_path):
    health = SqliteHealth(tmp_path / "health.db")
    health.change("Jira", "h", count_up)
    for file in tmp_path.iterdir():
        file.unlink()
    assert health.change("Jira", "h", count_up).circuit.failures == 1
    health.close()


def test_a_file_that_is_something_else_is_named(tmp_path):
    (tmp_path / "health.db").write_text(
        "this is not a database, and long enough to be looked at" * 9
    )
    with pytest.raises(StoreFailed, match=r"health\.db.* failed: file is not a database") as caught:
        SqliteHealth(tmp_path / "health.db").read("Jira", "h")
    assert "Remove the file" in caught.value.hint


def test_a_file_that_is_held_is_not_waited_for_long(tmp_path):
    holder = SqliteHealth(tmp_path / "health.db")
    holder.change("Jira", "h", count_up)
    other = SqliteHealth(tmp_path / "health.db", busy_timeout_seconds=0.05)
    with pytest.raises(StoreFailed, match="locked"):
        holder.change("Jira", "h", lambda _: other.change("Jira", "h", count_up))
    assert other.read("Jira", "h").circuit.failures == 1


def test_redis_that_is_gone_is_named_without_its_password(own_redis):
    health = RedisHealth(own_redis.url.replace("redis://", "redis://:hunter2@"))
    own_redis.kill()
    with pytest.raises(
        StoreFailed, match=rf"Redis at 127.0.0.1:{own_redis.port}/0 failed"
    ) as caught:
        health.change("Jira", "h", count_up)
    assert "hunter2" not in str(caught.value)


def test_calls_go_on_when_redis_is_gone(own_redis):
    circuit = Circuit("Jira", "h", health=LastingHealth(RedisHealth(own_redis.url)))
    with circuit.calling():
        pass
    own_redis.kill()
    began = time.monotonic()
    for _ in range(20):
        with circuit.calling():
            pass
    assert time.monotonic() - began < 3


def test_keys_in_redis_lie_in_one_hash_slot_with_the_log(redis_process, redis_url):
    RedisHealth(redis_url).change("Jira", "h", count_up)
    with redis_process.client() as client:
        assert sorted(client.keys()) == [
            f'{KEY_PREFIX}["Jira","h"]'.encode(),
            f"{KEY_PREFIX}names".encode(),
        ]


@pytest.mark.parametrize("url", ["postgres://user:hunter2@host/db", "sqlite:///", "events.db"])
def test_another_kind_of_place_is_refused(url):
    with pytest.raises(SettingInvalid) as caught:
        open_health(url)
    assert "hunter2" not in str(caught.value)
