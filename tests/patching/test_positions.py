import pytest

from mergewright.errors import EditConflict
from mergewright.patching.edits import Replacement, apply_replacements

FILE = "start = begin()\nfirst = one()\nsecond = two()\nthird = three()\nfinish = end(start)\n"


def edit(old, new, text=FILE):
    return apply_replacements("f", text, [Replacement(old=old, new=new)])


def without(*names):
    return "".join(line for line in FILE.splitlines(True) if line.split()[0] not in names)


def test_lines_beside_one_that_was_left_out_are_refused_and_it_is_shown():
    old = without("second")
    with pytest.raises(EditConflict, match="before or after") as caught:
        edit(old, old.replace("third", "new = x()\nthird"))
    assert "    3 | second = two()" in str(caught.value)


def test_lines_elsewhere_are_added():
    old = without("second")
    assert edit(old, old.replace("finish", "new = x()\nfinish")) == FILE.replace(
        "finish", "new = x()\nfinish"
    )


def test_what_takes_the_place_of_a_line_is_where_that_was():
    old = without("second")
    assert edit(old, old.replace("three()", "3")) == FILE.replace("three()", "3")
    assert edit(old, old.replace("one()", "1")) == FILE.replace("one()", "1")


def test_as_many_lines_take_the_places_of_those_around_one_that_was_left_out():
    old = without("second")
    new = old.replace("one()", "1").replace("three()", "3")
    assert edit(old, new) == FILE.replace("one()", "1").replace("three()", "3")
    with pytest.raises(EditConflict, match=r"before or after|does not match"):
        edit(old, new.replace("first = 1\n", ""))


def test_a_line_from_memory_stands_for_the_one_in_its_place_and_is_not_written():
    old = FILE.replace("second = two()", "second = two_or_more()")
    new = old.replace("third", "new = x()\nthird")
    assert edit(old, new) == FILE.replace("third", "new = x()\nthird")
