import time

import pytest

from mergewright.domain.path_patterns import fits


@pytest.mark.parametrize(
    ("path", "pattern", "does"),
    [
        ("a/b.py", "a/b.py", True),
        ("a/b.py", "a/*", True),
        ("a/b/c.py", "a/*", False),
        ("a/b/c.py", "a/**", True),
        ("a", "a/**", True),
        ("a/b/c.py", "**/c.py", True),
        ("c.py", "**/c.py", True),
        ("a/b/c.py", "a/**/c.py", True),
        ("a/c.py", "a/**/c.py", True),
        ("a/c.pyc", "a/**/c.py", False),
        ("A/b", "a/b", False),
    ],
)
def test_patterns_stand_for_paths_folder_by_folder(path, pattern, does):
    assert fits(path, pattern.split("/")) is does


def test_a_hostile_pattern_ends_soon():
    began = time.process_time()
    assert not fits("a/" * 500 + "b", ["**", "a"] * 100)
    assert time.process_time() - began < 5
