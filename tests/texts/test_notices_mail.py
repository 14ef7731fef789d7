"""A notice as HTML and as plain text: all of it readable, none of it active."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mergewright.domain.notice import Notice, NoticeDetail, NoticeLink
from mergewright.texts.notices import finished
from mergewright.texts.notices_mail import mail_html, mail_text
from tests.texts.conftest import delivery_of
from tests.texts.reading import Reading


def notice(body="Body", subject="Subject", **more):
    return Notice(subject=subject, body=body, **more)


def read(told, **options):
    return Reading(mail_html(told, **options))


ALLOWED = frozenset(
    [
        "html",
        "head",
        "meta",
        "title",
        "body",
        "div",
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "ul",
        "ol",
        "li",
        "a",
        "strong",
        "em",
        "s",
        "code",
        "pre",
        "blockquote",
        "br",
        "hr",
    ]
)


def test_a_delivery_is_told_in_both_forms():
    told = finished(delivery_of())
    page = read(told, note="big.patch is not attached.")
    words = " ".join(" ".join(page.words).split())
    text = mail_text(told)
    for part in ("fix/track-42-latest-status-is-wrong", "2 files, +16 -1", "tracking.latest"):
        assert part in words
        assert part in text
    assert "big.patch is not attached." in words
    assert page.open == []
    assert page.tags <= ALLOWED


@pytest.mark.parametrize(
    ("markdown", "part"),
    [
        ("**b** *i* ~~s~~", "<s>s</s>"),
        ("[x](https://x.org/?a=1&b=2)", 'href="https://x.org/?a=1&amp;b=2"'),
        ("| A | B |\n| - | -: |\n| 1 | 2 |", "text-align:right"),
        ("```\n<b>\n\n```", "&lt;b&gt;</pre>"),
        ("# T", "<h1 style="),
        ("1. a\n2. b", "<ol style="),
    ],
)
def test_each_form(markdown, part):
    assert part in mail_html(notice(markdown))


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![i](https://evil.example/i.png)",
        "[x](javascript:alert(1))",
        "[x](data:text/html,x)",
        "[x](//evil.example)",
        "[x](file:///etc/passwd)",
        "[x]( https://a\tb )",
        '[x](https://x.org/"onclick="y)',
        "<style>*{display:none}</style>",
    ],
)
def test_nothing_that_acts_or_loads_gets_through(body):
    page = read(notice(body, subject=body, details=(NoticeDetail(name=body, value=body),)))
    assert page.tags <= ALLOWED
    names = {name for name, _ in page.attributes}
    assert not {name for name in names if name.startswith("on")} | (names & {"src", "background"})
    for name, value in page.attributes:
        if name == "href":
            assert value.startswith(("https://", "http://"))
        assert "url(" not in (value or "")


def test_places_that_are_no_addresses_are_shown_and_not_linked():
    told = notice(url="javascript:alert(1)", links=(NoticeLink(label="Log", url="file:///x<y"),))
    page = read(told)
    assert "a" not in page.tags
    assert "file:///x<y" in page.words
    assert "Log: file:///x<y" in mail_text(told)


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        (r"snake\_case &lt;b&gt; \*x", "snake_case <b> *x"),
        (r"`a\_b` and ``c`\_``", r"`a\_b` and ``c`\_``"),
        ("```\na\\_b &lt;\n```\nc\\_d", "```\na\\_b &lt;\n```\nc_d"),
        ("@\u200bada", "@ada"),
    ],
)
def test_plain_text_has_no_escapes_but_those_of_code(markdown, expected):
    assert mail_text(notice(markdown)).strip() == expected


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=300), st.text(max_size=100))
def test_any_text_makes_a_page_that_is_whole(body, subject):
    page = read(notice(body, subject=subject, run_id="run-1"))
    assert page.tags <= ALLOWED
    assert page.open == []
