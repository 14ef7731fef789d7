"""Markdown as ADF: what our own texts use, in the form that Jira accepts."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mergewright.clients.adf import to_adf
from mergewright.clients.adf_markdown import to_markdown

INLINE_IN = {"paragraph", "heading"}
ALLOWED = {
    "doc": {
        *("paragraph", "heading", "bulletList", "orderedList", "blockquote", "codeBlock"),
        *("table", "rule"),
    },
    "listItem": {"paragraph", "codeBlock", "bulletList", "orderedList"},
    "blockquote": {"paragraph", "codeBlock", "bulletList", "orderedList"},
    "bulletList": {"listItem"},
    "orderedList": {"listItem"},
    "table": {"tableRow"},
    "tableRow": {"tableHeader", "tableCell"},
    "tableHeader": {"paragraph"},
    "tableCell": {"paragraph"},
    "paragraph": {"text", "hardBreak"},
    "heading": {"text", "hardBreak"},
    "codeBlock": {"text"},
}
"""Source: full.json of @atlaskit/adf-schema 57.7, as far as these nodes go; read 2026-11-20."""


def content(markdown):
    return to_adf(markdown)["content"]


def text(words, *marks):
    return {"type": "text", "text": words} | (
        {"marks": [mark if isinstance(mark, dict) else {"type": mark} for mark in marks]}
        if marks
        else {}
    )


def link(href):
    return {"type": "link", "attrs": {"href": href}}


def paragraph(*inline):
    return {"type": "paragraph", "content": list(inline)}


def check_form(node):
    """Check what Jira would refuse."""
    children = node.get("content", [])
    assert {child["type"] for child in children} <= ALLOWED.get(node["type"], set())
    if node["type"] == "listItem":
        assert children[0]["type"] in {"paragraph", "codeBlock"}
    if node["type"] in {"blockquote", "bulletList", "table", "tableRow"}:
        assert children
    if node["type"] == "text":
        assert node["text"]
        kinds = {mark["type"] for mark in node.get("marks", [])}
        assert "code" not in kinds or kinds <= {"code", "link"}
    for child in children:
        check_form(child)


def words_of(node):
    if node["type"] == "hardBreak":
        return " "
    return node.get("text", "") + " ".join(words_of(child) for child in node.get("content", []))


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("plain", paragraph(text("plain"))),
        ("two\nlines", paragraph(text("two lines"))),
        ("a  \nb", paragraph(text("a"), {"type": "hardBreak"}, text("b"))),
        ("**b** and `c`", paragraph(text("b", "strong"), text(" and "), text("c", "code"))),
        ("*e **b***", paragraph(text("e ", "em"), text("b", "em", "strong"))),
        ("~~s~~", paragraph(text("s", "strike"))),
        ("[**l**](https://x.org/a)", paragraph(text("l", link("https://x.org/a"), "strong"))),
        ("<https://x.org>", paragraph(text("https://x.org", link("https://x.org")))),
        ("[`c`](https://x.org)", paragraph(text("c", link("https://x.org"), "code"))),
        ("**`c`**", paragraph(text("c", "code"))),
        ("[l](docs/a.md)", paragraph(text("l (docs/a.md)"))),
        ("[l](javascript:alert(1))", paragraph(text("[l](javascript:alert(1))"))),
        ("![alt](https://x.org/i.png)", paragraph(text("alt", link("https://x.org/i.png")))),
        ("<b>raw</b> &lt;", paragraph(text("<b>raw</b> <"))),
        ("### h", {"type": "heading", "attrs": {"level": 3}, "content": [text("h")]}),
        ("---", {"type": "rule"}),
        (
            "```python\nx = 1\n```",
            {"type": "codeBlock", "attrs": {"language": "python"}, "content": [text("x = 1")]},
        ),
        ("```\n```", {"type": "codeBlock"}),
        (
            "4. a",
            {
                "type": "orderedList",
                "attrs": {"order": 4},
                "content": [{"type": "listItem", "content": [paragraph(text("a"))]}],
            },
        ),
        (
            "> # h",
            {"type": "blockquote", "content": [paragraph(text("h", "strong"))]},
        ),
        (
            "- - a",
            {
                "type": "bulletList",
                "content": [
                    {
                        "type": "listItem",
                        "content": [
                            {"type": "paragraph"},
                            {
                                "type": "bulletList",
                                "content": [
                                    {"type": "listItem", "content": [paragraph(text("a"))]}
                                ],
                            },
                        ],
                    }
                ],
            },
        ),
    ],
)
def test_each_form(markdown, expected):
    assert content(markdown) == [expected]


def test_a_table():
    [table] = content("| A | B |\n| --- | --- |\n| a\\|b | x<br>y |")
    head, row = table["content"]
    assert [cell["type"] for cell in head["content"]] == ["tableHeader", "tableHeader"]
    assert row["content"][0] == {"type": "tableCell", "content": [paragraph(text("a|b"))]}
    assert row["content"][1]["content"] == [paragraph(text("x"), {"type": "hardBreak"}, text("y"))]


def test_a_table_in_a_quote_becomes_a_paragraph_per_row():
    [quote] = content("> | A | B |\n> | - | - |\n> | 1 | 2 |")
    assert [words_of(row) for row in quote["content"]] == ["A  |  B", "1  |  2"]


def test_an_empty_text():
    assert to_adf(" \n") == {"version": 1, "type": "doc", "content": []}


WORDS = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=12
)
PLAIN = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)


def escaped(words):
    """Escape everything that could be markup, and what stands at a line's start."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", words)


SPAN = st.one_of(
    PLAIN.map(escaped),
    PLAIN.map(lambda words: f"**{escaped(words)}**"),
    PLAIN.map(lambda words: f"*{escaped(words)}*"),
    PLAIN.map(lambda words: f"[{escaped(words)}](https://example.org/a?b=c)"),
    st.sampled_from(["`code`", "`` a`b ``", "`a|b`", "`*`"]),
)
LINE = st.lists(SPAN, min_size=1, max_size=3).map(" ".join)
CODE = st.lists(st.sampled_from(["x = 1", "", "``", "~~~", "    deep", "# no heading"]), max_size=4)
BLOCK = st.one_of(
    LINE,
    st.tuples(st.integers(1, 6), LINE).map(lambda pair: f"{'#' * pair[0]} {pair[1]}"),
    st.lists(LINE, min_size=1, max_size=3).map(lambda rows: "\n".join(f"- {r}" for r in rows)),
    st.lists(LINE, min_size=1, max_size=3).map(lambda rows: "\n".join(f"1. {r}" for r in rows)),
    st.tuples(LINE, LINE).map(lambda pair: f"- {pair[0]}\n  1. {pair[1]}"),
    st.tuples(LINE, LINE).map(lambda pair: f"> {pair[0]}\n>\n> {pair[1]}"),
    CODE.map(lambda lines: "```python\n" + "\n".join(lines) + "\n```"),
    st.tuples(PLAIN, PLAIN).map(
        lambda pair: f"| {escaped(pair[0])} | B |\n| --- | --- |\n| {escaped(pair[1])} | `a\\|b` |"
    ),
    st.just("---"),
)
TEXTS = st.lists(BLOCK, min_size=1, max_size=5).map("\n\n".join)


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_there_and_back_keeps_every_word(markdown):
    document = to_adf(markdown)
    check_form(document)
    again = to_adf(to_markdown(document))
    assert words_of(again).split() == words_of(document).split()


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text_makes_a_document_that_jira_takes(markdown):
    document = to_adf(markdown)
    check_form(document)
    json.dumps(document)


@settings(max_examples=150, deadline=None)
@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Z"]), min_size=1, max_size=60)
)
def test_words_of_people_stay_words(words):
    document = {"type": "doc", "content": [paragraph(text(words))]}
    assert words_of(to_adf(to_markdown(document))) == words
