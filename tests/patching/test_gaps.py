import pytest

from mergewright.patching.gaps import Side, side_of_gap


def side(before, skipped, after, added):
    lines = [*before, *skipped, *after]
    first = len(before) - 1
    return side_of_gap(lines, first, first + 1 + len(skipped), added)


@pytest.mark.parametrize(
    ("before", "skipped", "after", "added", "expected"),
    [
        # what closes a block ends what belongs into it
        (["    a()"], ["}"], [""], ["    b()"], Side.BEFORE),
        (["    a()"], ["}"], [""], ["function c() {", "}"], Side.AFTER),
        # what opens one begins it
        (["x = 1"], ["def f():"], ["    return 1"], ["    y = 2"], Side.AFTER),
        (["x = 1"], ["def f():"], ["    return 1"], ["y = 2"], Side.BEFORE),
        # new lines stay with those of their depth, or keep the spacing
        (["    a()"], [""], ["def f():"], ["    b()"], Side.BEFORE),
        (["    a()"], [""], ["def f():"], ["@cached"], Side.AFTER),
        (["a"], [""], ["b"], ["", "new"], Side.BEFORE),
        (["a"], [""], ["b"], ["new", ""], Side.AFTER),
        # a list that is in order stays so
        (["import a", "import b"], ["import d"], ["import f"], ["import c"], Side.BEFORE),
        (["import a", "import b"], ["import d"], ["import f"], ["import e"], Side.AFTER),
        # both would do
        (["a = 1"], ["c = 3"], ["b = 2"], ["d = 4"], None),
        (["import b"], ["import d"], [""], ["import c"], None),
        (["a"], [""], ["b"], ["c"], None),
        (["a"], [""], ["b"], [""], None),
        (["a"], ["", "x"], ["b"], ["c"], None),
    ],
)
def test_only_what_makes_sense_on_one_side_has_one(before, skipped, after, added, expected):
    assert side(before, skipped, after, added) is expected
