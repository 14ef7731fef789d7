"""What a change does to tests of Python: each way to weaken them is seen, and honest changes are not."""

import pytest

from mergewright.analysis.case_changes import compare_cases
from mergewright.analysis.case_matching import FilePair
from mergewright.analysis.python_cases import read_python_cases

BASE = """
import pytest
from shop import price, load

def test_price():
    assert price(2) == 10
    assert price(0) == 0

def test_load():
    with pytest.raises(ValueError, match="empty"):
        load("")

class TestRound:
    def test_half(self):
        assert price(0.5) == pytest.approx(2.5, abs=0.01)
"""


def compared(before, after, path="tests/test_shop.py"):
    pair = FilePair(
        path,
        path,
        None if before is None else read_python_cases(before),
        None if after is None else read_python_cases(after),
    )
    return compare_cases([pair])


def rules(before, after):
    return sorted({str(one.rule) for one in compared(before, after).objections})


def edited(old, new):
    assert old in BASE
    return BASE.replace(old, new)


LOAD = BASE[BASE.index("def test_load") : BASE.index("class TestRound")]


@pytest.mark.parametrize(
    ("after", "rule"),
    [
        (edited(LOAD, ""), "deleted-test"),
        (edited("def test_load", "def _test_load"), "deleted-test"),
        (edited("class TestRound", "class Rounding"), "deleted-test"),
        (edited("class TestRound:", "class TestRound:\n    __test__ = False"), "deleted-test"),
        (f"if False:\n{BASE}".replace("\n", "\n    "), "deleted-test"),
        (edited("def test_load", "@pytest.mark.skip\ndef test_load"), "skipped-test"),
        (edited("def test_load", "@pytest.mark.skipif(True, reason='x')\ndef test_load"), "skipped-test"),
        (edited("def test_load", "@pytest.mark.xfail(strict=False)\ndef test_load"), "skipped-test"),
        (edited("class TestRound", "@pytest.mark.skip\nclass TestRound"), "skipped-test"),
        (edited("    with pytest.raises", "    pytest.skip('later')\n    with pytest.raises"), "skipped-test"),
        (edited("from shop", "pytestmark = pytest.mark.skip\nfrom shop"), "skipped-test"),
        (edited("from shop", "pytest.importorskip('nope')\nfrom shop"), "skipped-test"),
        (edited("    assert price(0) == 0\n", ""), "fewer-assertions"),
        (edited("    assert price(0) == 0\n", "    return\n    assert price(0) == 0\n"), "fewer-assertions"),
        (edited("    assert price(0) == 0\n", "    if False:\n        assert price(0) == 0\n"), "fewer-assertions"),
        (edited("assert price(0) == 0", "assert price(0) == price(0) or True"), "vacuous-assertion"),
        (edited("assert price(0) == 0", "assert True"), "vacuous-assertion"),
        (edited("assert price(0) == 0", "assert price(0) == price(0)"), "vacuous-assertion"),
        (edited("def test_load", "@pytest.mark.parametrize('n', [])\ndef test_load"), "skipped-test"),
        (edited("    assert price(0) == 0\n", "    if price(1):\n        assert price(0) == 0\n"), "weaker-assertion"),
        (edited("    assert price(0) == 0\n", "    for n in []:\n        assert price(n) == 0\n"), "fewer-assertions"),
        (edited("    assert price(0) == 0\n", "    def later():\n        assert price(0) == 0\n"), "fewer-assertions"),
        (edited("assert price(0) == 0", "assert (price(0) == 0, 'zero')"), "vacuous-assertion"),
        (edited("assert price(0) == 0", "assert len('') == 0"), "vacuous-assertion"),
        (edited("assert price(0) == 0", "assert isinstance(price(0), object)"), "vacuous-assertion"),
        (edited("assert price(0) == 0", "assert not price(0)"), "weaker-assertion"),
        (edited("assert price(2) == 10", "assert price(2) in (10, 11)"), "weaker-assertion"),
        (edited("assert price(2) == 10", "assert price(2) is not None"), "weaker-assertion"),
        (edited("assert price(2) == 10", "assert price(2) == pytest.approx(10)"), "weaker-assertion"),
        (edited("assert price(2) == 10", "assert price(2) == 10 or price(2) == 11"), "weaker-assertion"),
        (edited('ValueError, match="empty"', "Exception"), "weaker-assertion"),
        (edited('ValueError, match="empty"', "(ValueError, KeyError)"), "weaker-assertion"),
        (edited('ValueError, match="empty"', "ValueError"), "weaker-assertion"),
        (edited("abs=0.01", "abs=1"), "wider-tolerance"),
        (edited("abs=0.01", "rel=0.5"), "wider-tolerance"),
        (
            edited(
                "    assert price(0) == 0",
                "    try:\n        assert price(0) == 0\n    except AssertionError:\n        pass",
            ),
            "swallowed-exception",
        ),
        ("import time\n" + edited("    assert price(0)", "    time.sleep(2)\n    assert price(0)"), "sleep"),
        ("import subprocess as sp\n" + edited("    assert price(0)", "    sp.run(['x'])\n    assert price(0)"), "process-call"),
        ("from urllib.request import urlopen\n" + BASE + "\ndef fetch():\n    return urlopen('http://x')\n", "network-call"),
        (BASE + "\ndef fetch():\n    return __import__('socket').create_connection(('x', 1))\n", "network-call"),
    ],
)  # fmt: skip
def test_each_way_to_weaken_a_test_is_seen(after, rule):
    assert rule in rules(BASE, after)


@pytest.mark.parametrize(
    "after",
    [
        BASE,
        BASE + "\ndef test_more():\n    assert price(3) == 15\n",
        edited("price(2) == 10", "price(2) == 12"),
        edited("    assert price(2) == 10\n    assert price(0) == 0\n", "    assert (price(2), price(0)) == (10, 0)\n"),
        edited("    assert price(2) == 10\n    assert price(0) == 0\n", "    assert price(2) == 10 and price(0) == 0\n"),
        edited("    assert price(0) == 0\n", "    check(0)\n").replace("class", "def check(n):\n    assert price(n) == 0\n\nclass"),
        edited("    assert price(0) == 0\n", "    def free():\n        assert price(0) == 0\n\n    free()\n"),
        edited("    assert price(0) == 0\n", "    def free():\n        assert price(0) == 0\n\n    each(free)\n"),
        edited("def test_load", "def test_load_refuses_an_empty_file"),
        edited("def test_load():", 'def test_load():\n    """Say so."""'),
        edited("class TestRound:", "class TestRounding:"),
        edited('    with pytest.raises(ValueError, match="empty"):\n        load("")', '    assert load("") == []'),
        edited("abs=0.01", "abs=0.001"),
        edited(
            "def test_price():\n    assert price(2) == 10\n    assert price(0) == 0\n",
            "@pytest.mark.parametrize('n', [2])\ndef test_price(n):\n    assert price(n) == 10\n    assert price(0) == 0\n",
        ),
        "import asyncio\n" + BASE + "\nasync def test_later():\n    await asyncio.sleep(0)\n    assert price(1) == 5\n",
        BASE + "\ndef test_called(mock):\n    price(mock)\n    mock.assert_called_once_with(1)\n",
    ],
)  # fmt: skip
def test_honest_changes_pass(after):
    assert rules(BASE, after) == []


SINGLE = "".join(
    f"def test_{name}():\n    assert price({count}) == {cost}\n\n"
    for name, count, cost in (("none", 0, 0), ("one", 1, 5), ("two", 2, 10))
)
TABLE = """
import pytest

@pytest.mark.parametrize(("count", "cost"), [(0, 0), (1, 5), {last}])
def test_prices(count, cost):
    assert price(count) == cost
"""


def test_tests_that_became_rows_of_a_table_are_proved_by_their_literals():
    changes = compared(SINGLE, TABLE.format(last="(2, 10)"))
    assert changes.objections == ()
    assert set(changes.became) == {
        f"tests/test_shop.py::test_{one}" for one in ("none", "one", "two")
    }
    lost = compared(SINGLE, TABLE.format(last="(2, 11)"))
    assert [one.subject for one in lost.objections] == ["test_two"]


def test_a_row_that_is_gone_is_named():
    (one,) = compared(TABLE.format(last="(2, 10)"), TABLE.format(last="")).objections
    assert (one.rule, one.message) == ("deleted-test", "it is run for 2 rows of 3")


def test_a_test_that_moved_to_another_file_is_not_gone():
    moved = BASE.replace(LOAD, "")
    pairs = [
        FilePair("tests/a.py", "tests/a.py", read_python_cases(BASE), read_python_cases(moved)),
        FilePair("tests/b.py", "tests/b.py", None, read_python_cases(LOAD)),
    ]
    changes = compare_cases(pairs)
    assert changes.objections == ()
    assert changes.became == {"tests/a.py::test_load": "tests/b.py::test_load"}


def test_what_is_gone_is_named_by_its_id():
    changes = compared(BASE, None)
    assert set(changes.gone) == {
        "tests/test_shop.py::test_price",
        "tests/test_shop.py::test_load",
        "tests/test_shop.py::TestRound::test_half",
    }
    assert [one.name for one in changes.objections][1] == (
        "deleted-test tests/test_shop.py test_load"
    )


def test_a_file_that_cannot_be_compared_is_objected_to_once():
    assert rules("def test_a(:\n", "def test_b(:\n") == ["unreadable-test"]
    # the syntax gate says so
    assert rules(BASE, "def test_b(:\n") == []
    nested = "x = " + "(" * 5_000 + ")" * 5_000
    assert rules(nested, nested + "\n") == ["unreadable-test"]


def test_the_old_way_to_expect_an_exception_swallows_none():
    after = BASE + (
        "\ndef test_old():\n    try:\n        load('x')\n    except KeyError:\n        pass\n"
        "    else:\n        pytest.fail('loaded')\n"
    )
    assert rules(BASE, after) == []


def test_a_sleep_more_is_seen_where_there_was_one():
    one = "import time\ndef test_a():\n    time.sleep(1)\n    assert f() == 1\n"
    assert rules(one, one) == []
    assert rules(one, one.replace("    time", "    time.sleep(2)\n    time")) == ["sleep"]
    runs = "import subprocess\ndef test_a():\n    subprocess.run(['x'])\n    assert f() == 1\n"
    assert (
        rules(runs, runs.replace("    subprocess", "    subprocess.run([])\n    subprocess")) == []
    )


def test_a_coroutine_that_nobody_awaits_is_as_good_as_skipped():
    plain = "import unittest\nclass TestA(unittest.TestCase):\n    def test_a(self):\n        self.assertEqual(f(), 1)\n"
    assert rules(plain, plain.replace("    def test_a", "    async def test_a")) == ["skipped-test"]
    awaited = plain.replace("TestCase)", "IsolatedAsyncioTestCase)")
    assert rules(awaited, awaited.replace("    def test_a", "    async def test_a")) == []


def test_a_new_test_may_compare_a_call_with_itself_and_expect_an_exception_to_pass():
    new = BASE + "\ndef test_once():\n    assert load('a') is load('a')\n"
    assert rules(BASE, new) == []
    tried = BASE + (
        "\ndef test_any():\n    for text in TEXTS:\n        try:\n            load(text)\n"
        "        except ValueError:\n            continue\n"
    )
    assert rules(BASE, tried) == []
    assert rules(BASE, tried.replace("except ValueError", "except Exception")) == [
        "swallowed-exception"
    ]


def test_a_process_is_told_once_per_file():
    after = (
        "import os\ndef test_a():\n    os.system('a')\n    os.system('b')\n    assert f() == 1\n"
    )
    assert len(compared("", after).objections) == 1


def test_two_tables_may_become_one():
    other = (
        TABLE.format(last="(2, 10)")
        .replace("test_prices", "test_others")
        .replace("(2, 10)", "(9, 45)")
    )
    both = TABLE.format(last="(2, 10)") + other.replace("import pytest\n", "")
    rows = "(0, 0), (1, 5), (2, 10), (0, 0), (1, 5), "
    one = TABLE.format(last="(2, 10)").replace("(0, 0), (1, 5), (2, 10)", rows + "(9, 45)")
    assert rules(both, one) == []
    assert rules(both, one.replace(", (9, 45)", "")) == ["deleted-test"]
