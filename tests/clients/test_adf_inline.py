"""Words within a paragraph of Jira Cloud as Markdown."""

import pytest

from mergewright.clients.adf_inline import code_fence, code_span, inline, one_line


def text(words, *marks, href=""):
    kinds = [{"type": mark} for mark in marks]
    if href:
        kinds.append({"type": "link", "attrs": {"href": href}})
    return {"type": "text", "text": words, "marks": kinds}


def node(kind, **attrs):
    return {"type": kind, "attrs": attrs}


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        ([text("a"), text(" b ", "strong"), text("c")], "a **b** c"),
        ([text("a ", "strong"), text("b", "strong", "em"), text(" c", "strong")], "**a *b* c**"),
        ([text("a", "strong"), text("b", "em")], "**a***b*"),
        ([text("a", "strong"), node("hardBreak"), text("b", "strong")], "**a  \nb**"),
        ([text("a", "underline", "textColor")], "a"),
        ([text(" ", "strong"), text("a")], "a"),
        ([text("x=1", "code"), text(" "), text("a`b", "code")], "`x=1` `` a`b ``"),
        ([text("gone", "strike")], "~~gone~~"),
        ([text("the docs", href="https://x.org/a b")], "[the docs](https://x.org/a%20b)"),
        ([text("docs", href="https://x.org/(1)")], "[docs](<https://x.org/(1)>)"),
        ([text("https://x.org", href="https://x.org")], "<https://x.org>"),
        (
            [text("a", href="https://x.org"), text("b", "em", href="https://x.org")],
            "[a*b*](https://x.org)",
        ),
        ([text("\\[", href="https://x.org")], "[\\\\\\[](https://x.org)"),
        ([text("[x]", href="https://x.org")], "[\\[x\\]](https://x.org)"),
        ([node("mention", text="@Ada", id="1"), text(" hi")], "@Ada hi"),
        ([node("mention", id="557058:1")], "@557058:1"),
        ([node("emoji", shortName=":tada:", text="🎉")], "🎉"),
        ([node("emoji", shortName=":custom:")], ":custom:"),
        ([node("date", timestamp="1767225600000")], "2026-01-01"),
        ([node("date", timestamp="soon")], "soon"),
        ([node("status", text="DOING", color="blue")], "DOING"),
        ([node("inlineCard", url="https://x.org/1")], "<https://x.org/1>"),
        ([node("inlineCard", data={"url": "https://x.org/2"})], "<https://x.org/2>"),
        ([node("mediaInline", alt="log.txt")], "(file: log.txt)"),
        ([node("placeholder", text="Write here")], "Write here"),
        ([{"type": "hardBreak"}, text("a"), {"type": "hardBreak"}], "a"),
        ([text("two\nlines")], "two  \nlines"),
    ],
)
def test_each_form(nodes, expected):
    assert inline(nodes) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("snake_case stays, _this_ is shown", "snake_case stays, \\_this\\_ is shown"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("*no emphasis*", "\\*no emphasis\\*"),
        ("a [x](y)", "a [x\\](y)"),
        ("if a < b and c<d", "if a < b and c\\<d"),
        ("&lt; stays, R&D too", "\\&lt; stays, R&D too"),
        ("C:\\temp", "C:\\temp"),
        ("~~~", "\\~\\~\\~"),
        ("# no heading", "\\# no heading"),
        ("- no item", "\\- no item"),
        ("12. no number", "12\\. no number"),
        ("> no quote", "\\> no quote"),
        ("| no | table |", "\\| no | table |"),
        ("--- no rule", "\\--- no rule"),
    ],
)
def test_what_looks_like_markdown_stays_text(words, expected):
    assert inline([text(words)]) == expected


def test_a_cell_is_one_line_without_bars():
    nodes = [text("a|b"), {"type": "hardBreak"}, text("c|d", "code")]
    assert inline(nodes, within="cell") == "a\\|b<br>`c\\|d`"


def test_a_heading_is_bold_by_itself():
    assert inline([text("a", "strong"), text("b", "em")], within="heading") == "a*b*"


def test_one_line():
    assert one_line("a\nb #") == "a b \\#"


def test_code_cannot_be_closed_by_what_it_shows():
    assert code_span("``") == "``` `` ```"
    assert code_span(" a ") == "`  a  `"
    assert code_span("") == ""
    assert code_fence("```", "c++") == "````c++\n```\n````"
