"""Opening the log that a URL names."""

import pytest

from mergewright.errors import SettingInvalid
from mergewright.events.connect import open_event_store
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


@pytest.mark.parametrize("url", ["", "sqlite:///", "sqlite://", "/var/events.db", "redis://h/0"])
def test_other_urls_are_refused(url):
    with pytest.raises(SettingInvalid) as invalid:
        open_event_store(url)
    assert "sqlite:///" in invalid.value.hint


def test_a_password_in_a_url_is_not_shown():
    with pytest.raises(SettingInvalid) as invalid:
        open_event_store("redis://:hunter2@host/0")
    assert "hunter2" not in str(invalid.value)
