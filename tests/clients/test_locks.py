import threading
import time

import pytest

from mergewright.clients.locks import file_lock
from mergewright.errors import ServiceUnavailable, StoreFailed


def test_threads_take_turns(tmp_path):
    inside, most = [], []

    def enter():
        with file_lock(tmp_path / "lock", timeout_seconds=5):
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.01)
            inside.pop()

    threads = [threading.Thread(target=enter) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 6


def test_waiting_ends(tmp_path):
    with (
        file_lock(tmp_path / "lock", timeout_seconds=1),
        pytest.raises(ServiceUnavailable, match="Another process has held"),
        file_lock(tmp_path / "lock", timeout_seconds=0.1),
    ):
        pass
    with file_lock(tmp_path / "lock", timeout_seconds=0.1):
        pass


def test_a_folder_that_is_not_there(tmp_path):
    with (
        pytest.raises(StoreFailed, match="gone"),
        file_lock(tmp_path / "gone" / "lock", timeout_seconds=1),
    ):
        pass
