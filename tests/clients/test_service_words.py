"""What a service says becomes one line that may be shown."""

from mergewright.clients.service_words import MAX_CHARACTERS, one_line, shortened


def test_what_does_not_print_is_a_blank():
    assert one_line("  a\nb\x00 c\x1b[2J\u2028d ") == "a b c [2J d"


def test_what_is_too_long_is_cut_and_says_so():
    assert shortened("x" * MAX_CHARACTERS) == "x" * MAX_CHARACTERS
    assert shortened("x" * 1000) == "x" * MAX_CHARACTERS + "…"
    assert shortened("abc", 2) == "ab…"
