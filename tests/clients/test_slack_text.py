"""Notices as Slack shows them, within its limits."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mergewright.clients.slack_text import blocks_of, escape, fallback_of, to_mrkdwn
from mergewright.domain.notice import Notice


def notice(subject="Subject", body="Body", **more):
    return Notice(subject=subject, body=body, **more)


def texts(blocks):
    return [block["text"]["text"] for block in blocks]


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


def test_a_warning_is_seen_at_once():
    blocks = blocks_of(notice("Down", "Why.", level="warning", url="https://x.org/1"))
    assert texts(blocks) == ["⚠️ Down", "Why.", "<https://x.org/1>"]
    assert fallback_of(notice("A <b>\n&", level="warning")) == "⚠️ A &lt;b&gt; &amp;"


def test_a_path_is_no_link():
    assert texts(blocks_of(notice(url="file:///x/<1>.md")))[-1] == "file:///x/&lt;1&gt;.md"


def test_a_code_that_is_parted_stays_code():
    body = "```\n" + "line\n" * 1500 + "```"
    sections = texts(blocks_of(notice(body=body)))[1:]
    assert len(sections) > 1
    assert all(part.startswith("```") and part.endswith("```") for part in sections)
    assert sum(part.count("line") for part in sections) == 1500


def test_a_message_that_is_far_too_long_says_that_it_was_cut():
    blocks = blocks_of(notice("s" * 500, "word " * 100 + "\n\n" + "x" * 200_000))
    assert len(blocks) <= 50
    assert len(blocks[0]["text"]["text"]) == 150
    assert "cut here" in texts(blocks)[-1]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300))
def test_no_text_mentions_anybody_or_breaks_a_limit(subject, body):
    blocks = blocks_of(notice(subject, f"{body}\n\n```\n{body}\n```"))
    for block in blocks:
        assert 0 < len(block["text"]["text"]) <= 3000
    assert "<!" not in str(texts(blocks)[1:])
    assert "<@" not in str(texts(blocks)[1:])
    assert not set(escape(body)) & {"<", ">"}
