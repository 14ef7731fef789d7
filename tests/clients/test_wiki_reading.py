"""Wiki markup of Jira Server as Markdown."""

import time

import pytest

from mergewright.clients.wiki_reading import wiki_to_markdown


@pytest.mark.parametrize(
    ("wiki", "expected"),
    [
        ("plain text", "plain text"),
        ("a\r\nb", "a\nb"),
        ("h3. Head\ntext", "### Head\n\ntext"),
        ("*b* _i_ -s- {{c*d*}}", "**b** *i* ~~s~~ `c*d*`"),
        ("snake_case a-b-c 2*3*4", "snake_case a-b-c 2*3*4"),
        ("* a\n** b\n*# c\n- d", "- a\n    - b\n    1. c\n- d"),
        ("# a\nmore", "1. a\n   more"),
        ("[l|https://x.org] [https://y.org] [~ada]", "[l](https://x.org) <https://y.org> @ada"),
        ("[no link] and [1]", "[no link] and [1]"),
        ("!shot.png|width=3! wow!", "(image: shot.png) wow!"),
        ("bq. said", "> said"),
        ("{quote}a\n\nb{quote}after", "> a\n>\n> b\n\nafter"),
        ("{panel:title=Mind|x=y}a{panel}", "> **Mind**\n>\n> a"),
        ("{color:red}red{color}", "red"),
        ("{code:python}\nx = *1*\n{code}\nend", "```python\nx = *1*\n```\n\nend"),
        ("{code:title=a.py}x{code}", "```\nx\n```"),
        ("{noformat}[a|b]{noformat}", "```\n[a|b]\n```"),
        ("{code}open *end*", "{code}open **end**"),
        ("||A||B||\n|1|[l|https://x.org]|", "| A | B |\n| --- | --- |\n| 1 | [l](https://x.org) |"),
        ("|a|b|", "|  |  |\n| --- | --- |\n| a | b |"),
        ("a\\\\b", "a  \nb"),
        ("\\*no\\* &#92;", "*no* \\"),
        ("----", "---"),
        (
            "## Acceptance criteria\n- [ ] Markdown stays",
            "## Acceptance criteria\n- [ ] Markdown stays",
        ),
    ],
)
def test_each_form(wiki, expected):
    assert wiki_to_markdown(wiki) == expected


@pytest.mark.parametrize(
    "piece", ["{code:x}", "[~", "[a|", "{{", "*a ", "|[", "{quote}", "\\", "|{{", "!a."]
)
def test_a_text_made_to_take_long_does_not(piece):
    began = time.process_time()
    wiki_to_markdown(piece * (32_000 // len(piece)))
    assert time.process_time() - began < 5
