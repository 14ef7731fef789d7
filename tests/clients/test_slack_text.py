"""Markdown as Slack shows it, in parts that fit."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mergewright.clients.slack_text import cut_at_word, escape, link, sections, to_mrkdwn


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("**b** *i* ~~s~~ `c`", "*b* _i_ ~s~ `c`"),
        ("# Head **x**", "*Head x*"),
        ("a  \nb", "a\nb"),
        ("[l|x](https://x.org/?a=1&b=2)", "<https://x.org/?a=1&amp;b=2|l/x>"),
        ("- a\n  1. b\n- c", "• a\n    1. b\n• c"),
        ("> a\n>\n> b", "> a\n> \n> b"),
        ("```py\n<x> ``\n```", "```\n&lt;x&gt; ``\n```"),
        ("---", "———"),
        ("| A | B |\n| - | - |\n| long | **x** |", "```\nA     B\n----  -\nlong  x\n```"),
        ("<!channel> <@U1> &amp; a<b", "&lt;!channel&gt; &lt;@U1&gt; &amp; a&lt;b"),
        ("[l](mailto:a@b.org)", "<mailto:a@b.org|l>"),
    ],
)
def test_each_form(markdown, expected):
    assert to_mrkdwn(markdown) == expected


def test_a_link_ends_where_it_should():
    assert link("https://x.org/<a>|b c", "l|a<b>") == "<https://x.org/%3Ca%3E%7Cb%20c|l/a&lt;b&gt;>"


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 5, "short"),
        ("one two three four", 14, "one two three…"),
        ("abcdefghijklmnop", 10, "abcdefghi…"),
        ("abcdefg&amp;hijk", 10, "abcdefg…"),
    ],
)
def test_a_cut_is_behind_a_word_where_there_is_one(text, limit, expected):
    assert cut_at_word(text, limit) == expected


def test_a_code_that_is_parted_stays_code():
    body = "```\n" + "line\n" * 1500 + "```"
    parts = list(sections(to_mrkdwn(body)))
    assert len(parts) > 1
    assert all(part.startswith("```") and part.endswith("```") for part in parts)
    assert sum(part.count("line") for part in parts) == 1500


def test_a_long_line_is_parted_between_words_and_no_sign_is_parted():
    text = escape("word & " * 2000)
    parts = list(sections(text))
    assert all(len(part) <= 3000 for part in parts)
    assert all(part.startswith(("word", "&amp; ")) for part in parts)
    for part in sections(escape("&" * 5000)):
        assert part.replace("&amp;", "") == ""


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=500), st.integers(6, 60))
def test_no_cut_is_longer_than_told(text, limit):
    assert len(cut_at_word(text, limit)) <= limit
