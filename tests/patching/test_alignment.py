from mergewright.patching.alignment import LEAST_MARGIN, LEAST_SCORE, Aligner, sites_of, weight_of
from mergewright.patching.hunks import Hunk, lines_between

LINES = ["def total(items):", "    result = 0", "    for item in items:", "        result += item.price", "    return result"]  # fmt: skip


def hunk(old, new):
    return Hunk("Edit", lines_between(old, new))


def best(lines, old, new):
    return Aligner(lines, hunk(old, new)).places()


def test_a_line_that_is_other_and_one_that_is_missing_are_bridged():
    old = [LINES[0], "    result = zero()", LINES[3], LINES[4]]
    (place,) = best(LINES, old, [*old[:2], "        result += 1", LINES[4]])
    assert place.match.rows == (0, 1, 3, 4)
    assert LEAST_SCORE < place.score < 1


def test_a_line_to_remove_must_be_there():
    old = [*LINES[:3], "        result += item.cost", LINES[4]]
    assert best(LINES, old, [*LINES[:3], LINES[4]]) == []


def test_a_second_place_that_is_as_much_alike_is_found():
    lines = [*LINES, "", *LINES]
    old = ["def sum(items):", *LINES[1:]]
    first, second = best(lines, old, [*old[:3], "        pass", old[4]])
    assert first.score - second.score < LEAST_MARGIN


def test_brackets_say_less_than_words_and_blank_lines_least():
    assert weight_of("") < weight_of("})") < weight_of("return result")


def test_what_goes_and_what_is_beside_it_says_where_a_change_is():
    assert sites_of(hunk(["a", "b", "c"], ["a", "c"])) == {1}
    assert sites_of(hunk(["a", "b", "c"], ["a", "b", "x", "c"])) == {1, 2}
    assert sites_of(hunk(["a"], ["a", "x"])) == {0}
