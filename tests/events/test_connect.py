"""Opening the log that a URL names."""

import pytest

from mergewright.errors import SettingInvalid, StoreFailed
from mergewright.events.connect import open_event_store, register_event_store
from mergewright.events.sqlite import SqliteEventStore
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
