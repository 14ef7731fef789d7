"""Documents of Jira Cloud as Markdown."""

import pytest

from mergewright.clients.adf_markdown import to_markdown


def node(kind, *children, **attrs):
    made = {"type": kind}
    if attrs:
        made["attrs"] = attrs
    return made | ({"content": list(children)} if children else {})


def text(words, *marks):
    return {"type": "text", "text": words, "marks": [{"type": mark} for mark in marks]}


def paragraph(*words):
    return node("paragraph", *(text(one) if isinstance(one, str) else one for one in words))


def shown(*blocks):
    return to_markdown(node("doc", *blocks))


ITEM = node("listItem", paragraph("a"))


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (paragraph("a"), "a"),
        (node("heading", text("Title #", "strong"), level=2), "## Title \\#"),
        (node("heading", text("x"), level=99), "# x"),
        (node("codeBlock", text("a\n```"), language="py thon"), "````python\na\n```\n````"),
        (node("rule"), "---"),
        (node("blockquote", paragraph("a"), paragraph("b")), "> a\n>\n> b"),
        (node("panel", paragraph("a"), panelType="warning"), "> **Warning:**\n>\n> a"),
        (node("expand", paragraph("a"), title="More"), "**More**\n\na"),
        (node("bulletList", ITEM, ITEM), "- a\n- a"),
        (node("orderedList", ITEM, ITEM, order=9), "9. a\n10. a"),
        (
            node("bulletList", node("listItem", paragraph("a"), node("orderedList", ITEM))),
            "- a\n  1. a",
        ),
        (
            node("bulletList", node("listItem", paragraph("a"), node("codeBlock", text("x\n\ny")))),
            "- a\n\n  ```\n  x\n\n  y\n  ```",
        ),
        (
            node(
                "taskList",
                node("taskItem", text("a"), state="TODO"),
                node("taskList", node("taskItem", text("b"), state="DONE")),
            ),
            "- [ ] a\n  - [x] b",
        ),
        (node("decisionList", node("decisionItem", text("a"))), "- a"),
        (node("mediaSingle", node("media", alt="screen.png", id="1")), "(image: screen.png)"),
        (node("mediaSingle", node("media", id="1")), "(image)"),
        (node("blockCard", url="https://x.org/1"), "<https://x.org/1>"),
        (node("layoutSection", node("layoutColumn", paragraph("a"))), "a"),
        (node("newThing", paragraph("kept")), "kept"),
        (node("extension", text="also kept"), "also kept"),
        (text("no paragraph around"), "no paragraph around"),
    ],
)
def test_each_block(block, expected):
    assert shown(block) == expected


def test_a_table_with_a_header():
    table = node(
        "table",
        node("tableRow", node("tableHeader", paragraph("A")), node("tableHeader", paragraph("B"))),
        node(
            "tableRow",
            node("tableCell", paragraph("x|y"), paragraph("z")),
            node("tableCell", node("bulletList", ITEM, ITEM)),
        ),
        node("tableRow", node("tableCell", node("codeBlock", text("p\nq|r")))),
    )
    assert shown(table) == (
        "| A | B |\n| --- | --- |\n| x\\|y<br>z | - a<br>- a |\n| `p`<br>`q\\|r` |  |"
    )


def test_a_table_without_a_header_keeps_its_first_row():
    row = node("tableRow", node("tableCell", paragraph("a")), node("tableCell", paragraph("b")))
    assert shown(node("table", row)) == "|  |  |\n| --- | --- |\n| a | b |"


@pytest.mark.parametrize("document", [None, "text", 3, [], {}, {"content": "x"}, {"content": [1]}])
def test_what_is_no_document_is_empty(document):
    assert to_markdown(document) == ""


def test_broken_nodes_break_nothing():
    broken = [
        {"type": "heading", "attrs": None, "content": [None, {"type": None}]},
        {"type": "orderedList", "attrs": {"order": "x"}, "content": [ITEM]},
        {"type": "table", "content": [{"type": "tableRow"}]},
        {"type": "text", "text": None, "marks": "strong"},
        {"content": [paragraph("end")]},
    ]
    assert shown(*broken) == "1. a\n\nend"


def test_a_document_deeper_than_anybody_writes_keeps_its_text():
    deep = paragraph("bottom")
    for _ in range(5000):
        deep = node("blockquote", deep)
    assert shown(deep).endswith("bottom")
