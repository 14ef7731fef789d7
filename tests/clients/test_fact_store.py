import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from mergewright.clients.fact_store import FactStore
from mergewright.errors import StoreFailed

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "home" / "facts.db"


def test_what_is_kept_is_found_by_another(path):
    facts = {bytes([number % 256, number // 256]): b"x" * number for number in range(1_200)}
    with FactStore(path) as store:
        store.keep(facts)
    with FactStore(path) as store:
        assert store.find([*facts, b"unknown"]) == facts
        assert store.complaint == ""


def test_a_damaged_row_counts_as_none(path):
    with FactStore(path) as store:
        store.keep({b"a": b"good", b"b": b"good"})
    with sqlite3.connect(path) as connection:
        connection.execute(
            "UPDATE facts SET body = cast(substr(body, 1, 5) || x'00' AS BLOB) WHERE key = x'61'"
        )
    with FactStore(path) as store:
        assert store.find([b"a", b"b"]) == {b"b": b"good"}


def test_a_damaged_file_is_begun_again(path):
    path.parent.mkdir()
    path.write_bytes(b"no database at all" * 500)
    with FactStore(path) as store:
        store.keep({b"a": b"1"})
        assert store.find([b"a"]) == {b"a": b"1"}


def test_what_was_not_used_for_longest_goes(path):
    with FactStore(path, max_size_bytes=400_000) as store:
        store.keep({b"old%d" % number: bytes(2_000) for number in range(150)})
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE facts SET used_day = 1")
        store.keep({b"new%d" % number: bytes(2_000) for number in range(100)})
        store.evict()
        assert len(store.find([b"new%d" % number for number in range(100)])) == 100
        assert store.find([b"old0"]) == {}
        assert store._size_bytes() <= 400_000


def test_a_place_that_cannot_be_a_folder(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreFailed, match="file"):
        FactStore(tmp_path / "file" / "facts.db")


def test_processes_write_at_the_same_time(path):
    script = (
        "import sys; from pathlib import Path\n"
        "from mergewright.clients.fact_store import FactStore\n"
        "with FactStore(Path(sys.argv[1])) as store:\n"
        "    for n in range(40): store.keep({b'%s-%d' % (sys.argv[2].encode(), n): b'x' * 500})\n"
        "    assert store.complaint == '', store.complaint\n"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", script, str(path), name], cwd=ROOT)
        for name in ("a", "b", "c")
    ]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    keys = [b"%s-%d" % (name, number) for name in (b"a", b"b", b"c") for number in range(40)]
    with FactStore(path) as store:
        assert len(store.find(keys)) == 120
