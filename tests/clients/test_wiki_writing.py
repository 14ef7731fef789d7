"""Markdown as wiki markup for Jira Server."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mergewright.clients.wiki_reading import wiki_to_markdown
from mergewright.clients.wiki_writing import to_wiki


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("## Head\n\ntext", "h2. Head\n\ntext"),
        ("**b** *i* ~~s~~ `c`", "*b* _i_ -s- {{c}}"),
        ("- a\n  - b\n    1. c\n- d", "* a\n** b\n**# c\n* d"),
        ("1. a\n\n   more", "# a\nmore"),
        ("[l](https://x.org/a?b=c)", "[l|https://x.org/a?b=c]"),
        ("<https://x.org>", "[https://x.org]"),
        ("> a\n>\n> b", "{quote}\na\n\nb\n{quote}"),
        ("---", "----"),
        ("a  \nb", "a\nb"),
        ("```python\nx\n```", "{code:python}\nx\n{code}"),
        ("```brainfuck\nx\n```", "{code}\nx\n{code}"),
        ("```\n{code} y\n```", "{noformat}\n{code} y\n{noformat}"),
        ("| A | B |\n| - | - |\n| x\\|y | |", "||A||B||\n|x\\|y| |"),
        ("{code} [~ada] !x.png! | C:\\\\d", "\\{code\\} \\[\\~ada\\] \\!x.png\\! \\| C:&#92;d"),
        ("a-b snake_case 2\\*3", "a-b snake_case 2*3"),
        ("a \\- b \\*c\\*", "a \\- b \\*c\\*"),
        ("h1\\. no heading", "&#104;1. no heading"),
    ],
)
def test_each_form(markdown, expected):
    assert to_wiki(markdown) == expected


LETTERS = st.text("ab1 {}[]|*_+-^~?!\\#.:&;<>", min_size=1, max_size=40)


@settings(max_examples=200, deadline=None)
@given(LETTERS.filter(str.strip))
def test_text_of_others_is_never_markup(words):
    shown = to_wiki(f"`` {words} ``").strip()
    assert shown.startswith("{{")
    assert shown.endswith("}}")
    unescaped = re.sub(r"\\.", "", shown[2:-2])
    assert not set(unescaped) & set("{}[]|!")


def test_there_and_back():
    markdown = (
        "## Result\n\nAll **well**, see [#1](https://x.org/1) and `a|b`.\n\n"
        "- one\n- two\n\n| Gate | Result |\n| --- | --- |\n| lint | *ok* |\n\n"
        "```python\nx = {1}\n```"
    )
    assert wiki_to_markdown(to_wiki(markdown)) == markdown
