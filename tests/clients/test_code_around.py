"""A finding is shown with the function that it is in."""

import pytest

from mergewright.clients.code_around import CodeAround
from mergewright.domain.checks import LintFinding
from tests.clients.check_samples import commit_files, make_repository

SHOP = """\
import os


class Shop:
    def price(self):
        total = 1
        return total

    def tax(self):
        return 2
"""
LONG = "def long():\n" + "".join(f"    x = {number}\n" for number in range(40))


@pytest.fixture
def around(tmp_path):
    repository = make_repository(tmp_path / "repository")
    _, tree = commit_files(repository, {"shop.py": SHOP, "long.py": LONG, "notes.txt": "a\nb\n"})
    return CodeAround(repository, tree)


def show(around, path, line):
    return around.show(LintFinding(path=path, line=line, rule="R", message="m")).splitlines()


def test_a_short_function_is_shown_whole(around):
    assert show(around, "shop.py", 6) == [
        "    5 |     def price(self):",
        "  > 6 |         total = 1",
        "    7 |         return total",
    ]


def test_a_long_function_is_shown_by_its_head_and_the_lines_next_to_the_finding(around):
    shown = show(around, "long.py", 30)
    assert shown[0] == "    1 | def long():"
    assert [line.split("|")[0].split()[-1] for line in shown[1:]] == [str(n) for n in range(26, 35)]


def test_outside_of_functions_the_lines_next_to_it_are_shown(around):
    assert show(around, "shop.py", 1)[0] == "  > 1 | import os"
    assert show(around, "notes.txt", 2) == ["    1 | a", "  > 2 | b"]


@pytest.mark.parametrize(("path", "line"), [("shop.py", 0), ("shop.py", 99), ("gone.py", 1)])
def test_where_there_is_no_line_nothing_is_shown(around, path, line):
    assert show(around, path, line) == []
