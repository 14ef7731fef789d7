from hypothesis import given
from hypothesis import strategies as st

from mergewright.patching.hunks import Hunk, Literal, lines_between, split_lines
from mergewright.patching.line_ends import PlainText
from mergewright.patching.matchers import (
    LEVELS,
    MAX_PLACES,
    find_all,
    find_matches,
    match_lines_folded,
    match_lines_indented_otherwise,
    match_lines_without_trailing_space,
    match_literally,
)


def hunk(old, new="new\n"):
    lines = lines_between(split_lines(old), split_lines(new))
    return Hunk("Edit", lines, literal=Literal(old, new))


def rows(matches):
    return [match.rows for match in matches]


def test_exact_matches_may_share_characters():
    assert find_all("aaa", "aa") == [0, 1]
    assert len(find_all("a" * 5_000, "a")) == MAX_PLACES


def test_whole_lines_go_before_parts_of_lines():
    plain = PlainText.of("        x = 1\n    x = 1\n")
    assert rows(match_literally(plain, hunk("    x = 1\n"))) == [(1,)]


def test_one_line_without_its_indentation_is_no_literal_match_for_several():
    plain = PlainText.of("def f():\n    return a\n")
    assert match_literally(plain, hunk("return a\n", "if a:\n    return b\nreturn a\n")) == []
    assert match_literally(plain, hunk("return a", "return b")) != []
    assert match_literally(plain, hunk("return a", "b = a\n    return b")) != []


def test_lines_match_whatever_space_ends_them():
    plain = PlainText.of("x\n  a \t\nb\n")
    assert rows(match_lines_without_trailing_space(plain, hunk("  a\nb  "))) == [(1, 2)]
    assert match_lines_without_trailing_space(plain, hunk("a\nb")) == []


def test_lines_match_whatever_quotes_and_dashes_they_have():
    plain = PlainText.of("say('it\u2019s - so')\n")
    assert rows(match_lines_folded(plain, hunk("say(\u2018it's \u2013\u00a0so\u2019)"))) == [(0,)]


def test_lines_match_when_all_are_indented_otherwise_in_one_way():
    plain = PlainText.of("\tif a:\n\t\tb()\n")
    assert rows(match_lines_indented_otherwise(plain, hunk("if a:\n    b()\n"))) == [(0, 1)]
    assert rows(match_lines_indented_otherwise(plain, hunk("  if a:\n    b()\n"))) == [(0, 1)]
    plain = PlainText.of("\t\tt.Errorf()\n\t}\n}\n")
    assert match_lines_indented_otherwise(plain, hunk("\t\tt.Errorf()\n}\n")) == []


def test_the_end_of_a_text_is_not_an_empty_line():
    assert find_matches(PlainText.of("a\n"), hunk(" \n")) == []
    assert find_matches(PlainText.of(""), hunk(" ")) == []


def test_a_tolerant_match_is_not_sought_when_a_strict_one_exists():
    assert rows(find_matches(PlainText.of("a \na\n"), hunk("a\n"))) == [(1,)]


@given(st.text("ab \n", max_size=30), st.text("ab \n", min_size=1, max_size=6))
def test_every_match_lies_in_the_text_and_has_the_lines_of_the_old_text(text, old):
    plain = PlainText.of(text)
    for level in LEVELS:
        for matcher in level:
            for match in matcher(plain, hunk(old)):
                assert 0 <= match.first <= match.last < len(plain.lines)
                assert len(match.rows) == old.removesuffix("\n").count("\n") + 1
