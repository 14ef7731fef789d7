import time

import pytest
from langchain_core.tools import ToolException

from mergewright.agents.repository_folder import RepositoryFolder
from mergewright.agents.searching import MAX_MATCHES, MAX_PATHS, list_paths, search_text


@pytest.fixture
def repository(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "money.py").write_text("def split(amount):\r\n    return Amount\r\n")
    (tmp_path / "notes.md").write_text("split the bill (amount)\n")
    (tmp_path / "logo.png").write_bytes(b"\x89PNG\0split")
    return RepositoryFolder(tmp_path)


def search(repository, text, *, glob="", regex=False, ignore_case=False):
    found = search_text(repository, text, glob=glob, regex=regex, ignore_case=ignore_case)
    return found.splitlines()


def test_text_is_found_literally(repository):
    assert search(repository, "(amount)") == [
        "notes.md:1: split the bill (amount)",
        "src/money.py:1: def split(amount):",
    ]
    assert search(repository, "Amount") == ["src/money.py:2: return Amount"]
    assert len(search(repository, "AMOUNT", ignore_case=True)) == 3
    assert search(repository, "nowhere") == ["Nothing matches."]


@pytest.mark.parametrize("glob", ["*.py", "src/*", "money.py", "src/money.py"])
def test_a_glob_narrows(repository, glob):
    assert search(repository, "split", glob=glob) == ["src/money.py:1: def split(amount):"]


def test_simple_patterns_work(repository):
    assert search(repository, r"def \w+\(", regex=True) == ["src/money.py:1: def split(amount):"]
    assert len(search(repository, r"^(return|split)|AMOUNT", regex=True, ignore_case=True)) == 3


@pytest.mark.parametrize(
    "pattern", [r"(a+)+$", r"(a|b)*c", r"(a)\1", r"a*b*c*", r"(?P<x>a)(?P=x)", "("]
)
def test_patterns_that_may_run_for_ever_are_refused(repository, pattern):
    with pytest.raises(ToolException):
        search(repository, pattern, regex=True)


def test_the_worst_pattern_allowed_ends(tmp_path):
    (tmp_path / "a.txt").write_text("a" * 100_000)
    began = time.monotonic()
    assert search(RepositoryFolder(tmp_path), "a+a+b", regex=True) == ["Nothing matches."]
    assert time.monotonic() - began < 10


def test_many_matches_and_paths_are_cut_with_a_word(tmp_path):
    for number in range(MAX_PATHS + 5):
        (tmp_path / f"{number:04}.txt").write_text("x\n")
    repository = RepositoryFolder(tmp_path)
    found = search(repository, "x")
    assert len(found) == MAX_MATCHES + 1
    assert "narrow the search" in found[-1]
    listed = list_paths(repository, "", "").splitlines()
    assert listed[-1] == "... and 5 more; name a folder or a glob."
    assert list_paths(repository, "", "*.py") == "No file matches."
