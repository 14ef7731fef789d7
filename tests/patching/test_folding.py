from hypothesis import given
from hypothesis import strategies as st

from mergewright.patching.folding import fold, fold_line, fold_words, indent_of, transliterate


@given(st.text())
def test_offsets_stay_what_they_are(text):
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)


def test_typography_and_space_do_not_count():
    assert fold("\u201ca\u201d \u2013\u00a0b") == '"a" - b'
    assert fold_line("a  \t") == "a"
    assert fold_words("  a \t b ") == "a b"
    assert indent_of("\t  a") == "\t  "


def test_what_copies_show_is_undone_in_what_is_new():
    pairs = [("say(\u2018a\u2019)", "say('a')")]
    assert transliterate(pairs, ["say(\u2018b\u2019)", "\u201cc\u201d"]) == (
        "say('b')",
        "\u201cc\u201d",
    )
    kept = [*pairs, ("it\u2019s", "it\u2019s")]
    assert transliterate(kept, ["it\u2019s"]) == ("it\u2019s",)
