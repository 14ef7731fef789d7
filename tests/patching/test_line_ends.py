from hypothesis import given
from hypothesis import strategies as st

from mergewright.patching.line_ends import PlainText


@given(st.text("a\r\n", max_size=30))
def test_offsets_lead_back_to_the_same_characters(original):
    plain = PlainText.of(original)
    assert plain.text == original.replace("\r\n", "\n")
    for offset in range(len(plain.text) + 1):
        before = original[: plain.original_offset(offset)]
        assert before.replace("\r\n", "\n") == plain.text[:offset]


def test_the_end_of_most_lines_is_the_line_end():
    assert PlainText.of("a\r\nb\r\nc\n").line_end == "\r\n"
    assert PlainText.of("a\r\nb\n").line_end == "\n"
    assert PlainText.of("a").line_end == "\n"


def test_lines_are_counted_from_one():
    plain = PlainText.of("a\r\nb\r\n")
    assert [plain.line_number(offset) for offset in range(5)] == [1, 1, 2, 2, 3]
