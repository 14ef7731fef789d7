"""Addresses in HTML: only those of the web become links, and no text leaves its place."""

import pytest

from mergewright.texts.markup import code_html, is_web_address, link_html


def test_an_address_of_the_web_is_a_link_with_its_label():
    shown = link_html("https://x.org/?a=1&b=2", "#1 <b>")
    assert 'href="https://x.org/?a=1&amp;b=2"' in shown
    assert "#1 &lt;b&gt;</a>" in shown
    assert 'rel="noopener noreferrer"' in shown


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "//x.org", 'https://x.org/"onclick="y', "data:text/html,x", ""]
)
def test_what_is_no_address_of_the_web_is_no_link(url):
    assert not is_web_address(url)
    assert "<a" not in link_html(url, "label")


def test_a_file_is_shown_by_its_path():
    assert ">/pages/a b&lt;.md</code>" in link_html("file:///pages/a%20b<.md")
    assert ">&lt;i&gt;</code>" in code_html("<i>\u202e")
