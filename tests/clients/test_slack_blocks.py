"""Notices as blocks: within every limit, and nobody is mentioned but by the mapping."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from mergewright.clients.slack_blocks import blocks_of, fallback_of
from mergewright.domain.approval_action import ApprovalQuestion
from mergewright.domain.notice import Notice, NoticeDetail, NoticeEvent, NoticeLink
from tests.clients.slack_server import fits


def notice(subject="Subject", body="Body", **more):
    return Notice(subject=subject, body=body, **more)


def texts(blocks):
    return [block["text"]["text"] for block in blocks if "text" in block]


def test_a_warning_is_seen_at_once():
    blocks = blocks_of(notice("Down", "Why.", level="warning", url="https://x.org/1"))
    assert texts(blocks) == ["⚠️ Down", "Why.", "<https://x.org/1|Read on>"]
    assert fallback_of(notice("A <b>\n&", level="warning")) == "⚠️ A &lt;b&gt; &amp;"


def test_a_path_is_no_link():
    blocks = blocks_of(notice(url="file:///x/<1>.md"))
    assert texts(blocks)[-1] == "Read on: file:///x/&lt;1&gt;.md"


def test_everything_has_its_place():
    full = notice(
        url="https://x.org/1",
        event=NoticeEvent.APPROVAL_WANTED,
        run_id="shop-7-ab12",
        details=(
            NoticeDetail(name="Branch", value="fix/a_b <x>"),
            NoticeDetail(name="Empty", value=" "),
        ),
        links=(NoticeLink(label="Ticket", url="https://x.org/2"),),
        people=("Ada", "ADA", "team", "nobody"),
        approval=ApprovalQuestion(run_id="shop-7-ab12", point="plan", digest="0" * 64),
    )
    blocks = blocks_of(full, mentions={"ada": "U1", "team": "S1"})
    kinds = ["header", "section", "section", "section", "section", "actions", "divider", "context"]
    assert [block["type"] for block in blocks] == kinds
    assert blocks[1]["text"]["text"] == "For <@U1>, <!subteam^S1>"
    assert [one["text"] for one in blocks[2]["fields"]] == ["*Branch*\nfix/a_b &lt;x&gt;"]
    assert blocks[4]["text"]["text"] == "<https://x.org/1|Read on>\n<https://x.org/2|Ticket>"
    assert [one["text"]["text"] for one in blocks[5]["elements"]] == ["Approve", "Reject"]
    assert "confirm" in blocks[5]["elements"][1]
    assert blocks[7]["elements"][0]["text"] == "Mergewright · run shop-7-ab12 · approval wanted"
    assert fits(blocks)


def test_what_is_far_too_long_is_cut_and_leads_to_the_rest():
    blocks = blocks_of(notice("word " * 100, "word " * 50_000, url="https://x.org/1"))
    assert len(blocks) <= 50
    assert texts(blocks)[0].endswith("word…")
    assert texts(blocks)[-2].startswith("_… cut here")
    assert "<https://x.org/1|Read the rest>" in texts(blocks)[-2]
    assert fits(blocks)


def test_plain_words_are_left_plain():
    for block in blocks_of(notice("a", "@channel #general https://x.org")):
        assert block["type"] == "header" or block["text"]["verbatim"] is True


words = st.text(max_size=300) | st.sampled_from(["<!channel>", "<@U1>", "<http://x|y>", "&" * 4000])


@settings(max_examples=100, deadline=None)
@given(words, words, st.lists(words, max_size=12), words)
def test_no_text_mentions_anybody_or_breaks_a_limit(subject, body, more, url):
    full = notice(
        f"x{subject}",
        f"{body}\n\n```\n{body}\n```\n\n{body * 30}",
        url=url,
        run_id=subject,
        event=NoticeEvent.FAILED,
        details=tuple(NoticeDetail(name=one, value=body) for one in more),
        links=tuple(NoticeLink(label=one, url=f"https://x.org/{one}") for one in more),
        people=tuple(more),
    )
    blocks = blocks_of(full, mentions={"ada": "U1"})
    assert fits(blocks)
    shown = str([block for block in blocks if block["type"] != "header"])
    assert not re.findall(r"<[@!#]", shown + fallback_of(full))
