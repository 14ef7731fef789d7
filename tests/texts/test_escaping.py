import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from mergewright.texts.escaping import (
    address,
    block,
    cell,
    code,
    code_cell,
    fence,
    inline,
    link,
    visible,
)

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
ALIVE = {"link_open", "image", "html_block", "html_inline", "s_open", "heading_open", "hr"}
SPEAKS = re.compile(r"(?<!\w)@\w|#\d|https?://\w|www\.\w|\bGH-\d")

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "<!-- hidden -->",
    "`<!-- hidden -->`",
    "<script>alert(1)</script> </table>",
    "@everyone please @org/team",
    "fixes #12, closes org/repo#3, GH-7",
    "&#64;everyone &lt;b&gt; &amp;",
    "[click](http://evil.example) ![x](http://evil.example/pixel.png)",
    "[click][1] [1]: http://evil.example",
    "[1]: http://evil.example",
    "<http://evil.example> http://evil.example www.evil.example a@evil.example",
    "`a``b` ``c`d`` ``` unbalanced `",
    "`x`https://evil.example`y`",
    "trailing backslash \\",
    "\\` \\[a](b) \\<b>",
    "# heading",
    "> quote",
    "- item",
    "1. item",
    "---",
    "===",
    "| a | b |",
    "a \\| <b> `c\\| <img src=x> `",
    "**bold** __bold__ *it* ~~gone~~ snake_case __init__ 2 * 3",
    "[x] done already",
    "{{ 7 * 7 }} {% raw %} ${HOME} `id`",
    "a\x1b[2J\u202eb\u200b\ud800\u2028c",
]
LETTERS = st.sampled_from([*"ab1 @#<>[]()!`*_~|\\&;:-+=./\n\t", "http://a.b", "<!--", "``"])
HOSTILE_TEXT = st.lists(LETTERS, max_size=24).map("".join)


def tokens(markdown: str) -> list[Token]:
    found: list[Token] = []
    for token in PARSER.parse(markdown):
        found += [token, *(token.children or [])]
    return found


def check_dead(markdown: str) -> None:
    parsed = tokens(markdown)
    assert not ALIVE & {token.type for token in parsed}
    for token in parsed:
        if token.type == "text":
            assert not SPEAKS.search(token.content)
    fenced = "".join(token.content for token in parsed if token.type == "fence")
    assert markdown.count("<!--") == fenced.count("<!--")


def shown(markdown: str) -> str:
    kinds = {"text", "code_inline", "fence", "code_block", "softbreak"}
    return "".join(token.content or " " for token in tokens(markdown) if token.type in kinds)


def essence(text: str) -> str:
    return re.sub(r"[\s`\u200b]", "", visible(text))


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("frame", ["{}", "- {}", "1. {}", "**{}**", "> {}", "## x\n\n{}: x"])
def test_a_text_within_a_line_does_nothing(frame, text):
    written = frame.format(inline(text))
    assert "\n" not in inline(text)
    assert not ALIVE - {"heading_open"} & {token.type for token in tokens(written)}
    check_dead(inline(text))


@given(HOSTILE_TEXT)
@example("`a`" + "`" * 3 + "<b>")
@example("\\`<b>`")
@example("<!--`-->`")
@settings(max_examples=150)
def test_any_text_within_a_line_is_shown_and_does_nothing(text):
    written = f"- {inline(text)}"
    check_dead(written)
    assert essence(shown(written)) == essence(text)


@given(HOSTILE_TEXT, HOSTILE_TEXT)
@example("`a\\| <b> `", "x")
@example("a\\\\|b", "x\\")
@settings(max_examples=150)
def test_any_text_in_a_cell_stays_in_its_cell(first, second):
    table = f"| a | b |\n| --- | --- |\n| {cell(first)} | {code_cell(second)} |\n"
    check_dead(table)
    parsed = tokens(table)
    assert sum(token.type == "td_open" for token in parsed) == 2
    cells = [token.content for token in parsed if token.type == "inline"][2:]
    assert essence(shown(cells[0])) == essence(first)


@given(HOSTILE_TEXT)
@example("```\n<b>\n``` x\n```\n<img>")
@example("    code\n\n    <b>\n<b>")
@example("- a\n\n      <b>\n  <b>")
@example("a\n===\nb\n---\n")
@example("~~~\n<b>")
@settings(max_examples=150)
def test_any_text_of_several_lines_does_nothing(text):
    check_dead(block(text))
    check_dead(f"> {block(text)}" if "\n" not in block(text) else block(text))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_blocks_do_nothing(text):
    check_dead(block(f"x\n{text}\n\n{text}\n```\n{text}\n"))


def test_a_block_keeps_what_helps_a_reader():
    text = (
        "## Steps\n\n* one `a_b`\n  - two\n10. ten\n\n```python\nprint('<b>')\n```\n\n"
        'Trace:\n\n    File "x"\n      y\n\nint | None, list[int], a_b, 2 * 3 < 4 && 5\n'
    )
    assert block(text) == (
        "**Steps**\n\n- one `a_b`\n  - two\n10. ten\n\n```python\nprint('<b>')\n```\n\n"
        'Trace:\n\n```\nFile "x"\n  y\n```\n\nint | None, list[int], a_b, 2 * 3 < 4 && 5'
    )


def test_an_open_fence_is_closed_and_cannot_be_closed_from_inside():
    assert block("```\na\n") == "```\na\n```"
    assert fence("a\n```\n````x\nb") == "`````\na\n```\n````x\nb\n`````"


def test_long_texts_are_cut_with_a_note():
    assert inline("word " * 100, 20) == "word word word word … (480 more characters)"
    cut = block("```\n" + "x\n" * 5000)
    assert cut.endswith("```\n\n*… cut here: 6003 more characters*")
    assert len(cell("|" * 5000)) < 700


def test_direction_changes_are_dropped_in_prose_and_shown_in_code():
    assert inline("a\u202eb\x1b[31m") == "ab[31m"
    assert fence("a\u202eb\x1b") == "```\na<U+202E>b<U+001B>\n```"


def test_code_shows_backticks_and_nothing_at_all():
    assert code("a`b``c") == "``` a`b``c ```"
    assert code("") == "` `"
    assert code("a\nb") == "`a b`"


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("https://x.example/a b)c", "[T-1](https://x.example/a%20b%29c)"),
        ("file:///home/a%20b/T-1.md", "T-1 (`/home/a b/T-1.md`)"),
        ("javascript:alert(1)", "T-1"),
        ("", "T-1"),
    ],
)
def test_only_web_addresses_are_links(url, written):
    assert link("T-1", url) == written


def test_an_address_is_a_link_or_a_path():
    assert address("https://x.example/>a|b") == "<https://x.example/%3Ea%7Cb>"
    assert address("file:///a/%7C%C3%A4.md") == "`/a/%7Cä.md`"
