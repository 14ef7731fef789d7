from hypothesis import given
from hypothesis import strategies as st

from mergewright.patching.line_ends import PlainText, Splice, with_line_feeds

TEXTS = st.text("a\r\n\ufeff\u2028\f", max_size=30)


@given(TEXTS)
def test_offsets_lead_back_to_the_same_characters(original):
    plain = PlainText.of(original)
    assert plain.text.removesuffix("\n" * (not plain.ends_line)) == plain.original.replace(
        "\r\n", "\n"
    )
    for offset in range(len(plain.original.replace("\r\n", "\n")) + 1):
        before = plain.original[: plain.original_offset(offset)]
        assert before.replace("\r\n", "\n") == plain.text[:offset]


@given(TEXTS)
def test_without_splices_the_original_comes_back(original):
    assert PlainText.of(original).spliced([]) == original


@given(TEXTS)
def test_a_line_put_in_its_own_place_changes_nothing(original):
    plain = PlainText.of(original)
    for line, start in zip(plain.lines, plain.starts, strict=False):
        assert plain.spliced([Splice(start, start + len(line), line)]) == original


def test_a_last_line_without_an_end_stays_so():
    plain = PlainText.of("a\nb")
    assert plain.spliced([Splice(4, 4, "c\n")]) == "a\nb\nc"
    assert plain.spliced([Splice(2, 4, "")]) == "a"
    assert PlainText.of("a\r\nb").spliced([Splice(4, 4, "c\n")]) == "a\r\nb\r\nc"


def test_the_end_of_most_lines_is_the_line_end():
    assert PlainText.of("a\r\nb\r\nc\n").line_end == "\r\n"
    assert PlainText.of("a\r\nb\n").line_end == "\n"
    assert PlainText.of("a").line_end == "\n"


def test_lines_are_counted_from_one():
    plain = PlainText.of("a\r\nb\r\n")
    assert [plain.line_number(offset) for offset in range(4)] == [1, 1, 2, 2]


def test_only_line_feeds_end_lines():
    assert PlainText.of("a\rb\fc\u2028d\x85e").lines == ["a\rb\fc\u2028d\x85e"]
    assert with_line_feeds("\ufeffa\r\nb\r") == "a\nb\r"
