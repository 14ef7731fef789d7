from hypothesis import given
from hypothesis import strategies as st

from mergewright.patching.matchers import (
    MATCHERS,
    Region,
    find_regions,
    match_exactly,
    match_lines_without_trailing_space,
    overlap,
)


def test_exact_matches_may_share_characters():
    assert match_exactly("aaa", "aa") == (Region(0, 2), Region(1, 3))


def test_lines_match_whatever_space_ends_them():
    text = "x\n  a \t\nb\n"
    assert match_lines_without_trailing_space(text, "  a\nb  ") == (Region(2, 9),)
    assert match_lines_without_trailing_space(text, "  a\nb  \n") == (Region(2, 10),)
    assert match_lines_without_trailing_space(text, "a\nb") == ()


def test_the_end_of_a_text_is_not_an_empty_line():
    assert match_lines_without_trailing_space("a\n", " \n") == ()
    assert match_lines_without_trailing_space("", " ") == ()


def test_a_tolerant_match_is_not_sought_when_a_strict_one_exists():
    assert find_regions("a \na\n", "a\n") == (Region(3, 5),)


@given(st.text("ab \n", max_size=30), st.text("ab \n", min_size=1, max_size=6))
def test_every_region_lies_in_the_text_and_has_the_lines_of_the_old_text(text, old):
    for matcher in MATCHERS:
        for start, end in matcher(text, old):
            assert 0 <= start < end <= len(text) or (start == end and not old.strip())
            lines = text[start:end].count("\n")
            assert lines == old.count("\n") or (end == len(text) and lines == old.count("\n") - 1)


def test_overlap_is_found_wherever_it_is():
    assert overlap((Region(5, 9), Region(0, 5))) is None
    assert overlap((Region(6, 7), Region(0, 2), Region(5, 9))) == (Region(5, 9), Region(6, 7))
