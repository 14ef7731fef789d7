"""Opening the log that a URL names."""

import pytest
from pydantic import ValidationError

from mergewright.errors import SettingInvalid, StoreFailed
from mergewright.events.connect import open_event_store, register_event_store
from mergewright.events.sqlite import SqliteEventStore
from mergewright.settings import settings
from tests.events.samples import note


def test_one_store_per_url(tmp_path):
    url = f"sqlite:///{tmp_path / 'events.db'}"
    store = open_event_store(url)
    assert open_event_store(url) is store
    store.append([note()])
    assert (tmp_path / "events.db").exists()
    store.close()
    assert len(open_event_store(url).read()) == 1
    store.close()


def test_a_registered_store_stands_for_its_url_and_for_no_other(tmp_path):
    own = SqliteEventStore(tmp_path / "own.db")
    register_event_store("own://log", own)
    assert open_event_store("own://log") is own
    with pytest.raises(SettingInvalid):
        open_event_store("own://other")
    own.close()


@pytest.mark.parametrize("url", ["", "sqlite:///", "sqlite://", "/var/events.db", "postgres://h/0"])
def test_other_urls_are_refused(url):
    with pytest.raises(SettingInvalid) as invalid:
        open_event_store(url)
    assert "sqlite:///" in invalid.value.hint


def test_a_password_in_a_url_is_not_shown():
    with pytest.raises(SettingInvalid) as invalid:
        open_event_store("postgres://:hunter2@host/0")
    assert "hunter2" not in str(invalid.value)
    with pytest.raises(StoreFailed) as failed:
        open_event_store("redis://:hunter2@127.0.0.1:1/0")
    assert "hunter2" not in str(failed.value)


def test_one_store_per_redis(redis_url):
    store = open_event_store(redis_url)
    assert open_event_store(redis_url) is store
    store.append([note()])
    store.close()
    assert len(open_event_store(redis_url).read()) == 1
    store.close()


@pytest.fixture
def set_sync(monkeypatch):
    def set_to(value):
        monkeypatch.setenv("MERGEWRIGHT_EVENT_SYNC", value)
        settings.cache_clear()

    yield set_to
    settings.cache_clear()


def synchronous(url):
    store = open_event_store(url)
    store.append([note()])
    with store._opened() as connection:
        (value,) = connection.execute("PRAGMA synchronous").fetchone()
    store.close()
    return value


def test_the_setting_says_what_an_event_survives(tmp_path, set_sync, own_redis):
    full, normal = 2, 1
    assert synchronous(f"sqlite:///{tmp_path / 'a.db'}") == full
    set_sync("process-death")
    assert synchronous(f"sqlite:///{tmp_path / 'b.db'}") == normal
    with own_redis.client() as client:
        client.config_set("appendfsync", "everysec")
    open_event_store(own_redis.url).close()
    set_sync("power-loss")
    with pytest.raises(SettingInvalid, match="appendfsync"):
        open_event_store(own_redis.url)


def test_another_setting_is_refused_by_name(set_sync):
    set_sync("sometimes")
    with pytest.raises(ValidationError, match="'power-loss' or 'process-death'") as refused:
        settings()
    assert "sometimes" in str(refused.value)
