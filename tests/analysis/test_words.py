import pytest

from mergewright.analysis.words import identifiers, stem, words_of


@pytest.mark.parametrize(
    ("identifier", "words"),
    [
        ("parse_date", ("pars", "dat", "parse_date")),
        ("parseDate", ("pars", "dat", "parsedate")),
        ("HTTPServer", ("http", "server", "httpserver")),
        ("_private", ("privat",)),
        ("x", ()),
        ("utf8_text", ("utf", "text", "utf8_text")),
    ],
)
def test_identifiers_are_split_at_case_and_underscores(identifier, words):
    assert words_of(identifier) == words


@pytest.mark.parametrize(
    "forms",
    [
        ("parse", "parses", "parsed", "parsing"),
        ("retry", "retries", "retried"),
        ("stop", "stops", "stopped", "stopping"),
        ("date", "dates", "dated"),
        ("file", "files"),
        ("class", "classes"),
        ("validate", "validates", "validation", "validated"),
        ("string", "strings"),
        ("convert", "converts", "converted", "converting"),
    ],
)
def test_forms_of_a_word_have_one_stem(forms):
    assert len({stem(form) for form in forms}) == 1


def test_different_words_keep_different_stems():
    words = ("status", "state", "string", "strip", "port", "parse", "user", "use", "this", "bus")
    assert len({stem(word) for word in words}) == len(words)


def test_numbers_do_not_start_an_identifier():
    assert identifiers("x1 = 2 * y_z3") == ["x1", "y_z3"]
