"""Parts of a page: cut, replaced and merged without touching any other byte."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mergewright.clients.storage_format_sections import (
    MergeConflict,
    merge,
    parts_of,
    replace_section,
    section_of,
)

PAGE = (
    "<p>intro &nbsp;</p><h1  class='x'>One &amp; only</h1><p>a</p><h2>Sub</h2>\n<p>b ü</p>"
    '<ac:structured-macro ac:name="x"><ac:rich-text-body><h1>Inside</h1></ac:rich-text-body>'
    "</ac:structured-macro><h1>Two</h1 ><p>c</p><table><tbody><tr><td><h1>Cell</h1></td></tr>"
    "</tbody></table>"
)


def test_headings_of_the_page_and_not_those_in_macros_and_tables():
    titles = [key.title for key in parts_of(PAGE)]
    assert titles == ["", "One & only", "Sub", "Two"]


def test_a_section_has_what_is_below_its_heading():
    below = PAGE[PAGE.index("<p>a</p>") : PAGE.index("<h1>Two")]
    assert section_of(PAGE, "One  & only") == below
    assert section_of(PAGE, "Sub") == below[below.index("\n") :]
    assert section_of(PAGE, "Two") == PAGE[PAGE.index("<p>c</p>") :]
    assert section_of(PAGE, "Three") is None


def test_all_other_bytes_stay():
    below = section_of(PAGE, "Sub")
    assert replace_section(PAGE, "Sub", "<p>n</p>") == PAGE.replace(below, "<p>n</p>")
    with pytest.raises(KeyError):
        replace_section(PAGE, "Three", "x")


@given(st.text(max_size=20), st.integers(1, 6), st.integers(1, 6))
@settings(max_examples=60, deadline=None)
def test_parts_together_are_the_page(words, first, second):
    clean = "".join(letter for letter in words if letter.isalnum())
    page = f"<p>{clean}</p><h{first}>{clean}</h{first}>é<h{second}>b!</h{second}><p>{clean}</p>"
    assert "".join(parts_of(page).values()) == page
    assert replace_section(page, "b!", "new").endswith(f"<h{second}>b!</h{second}>new")


def page_of(**parts):
    return "".join(f"<h2>{name}</h2><p>{text}</p>" for name, text in parts.items())


BASE = page_of(a="1", b="2", c="3")


@pytest.mark.parametrize(
    ("ours", "theirs", "merged"),
    [
        (
            page_of(a="1x", b="2", c="3"),
            page_of(a="1", b="2", c="3y"),
            page_of(a="1x", b="2", c="3y"),
        ),
        (page_of(a="1", c="3"), page_of(a="1y", b="2", c="3"), page_of(a="1y", c="3")),
        (
            page_of(a="1", b="2", n="4", c="3"),
            page_of(m="5", a="1", b="2", c="3"),
            page_of(m="5", a="1", b="2", n="4", c="3"),
        ),
        (page_of(a="9", b="2", c="3"), page_of(a="9", b="2", c="3"), page_of(a="9", b="2", c="3")),
        (page_of(a="1", b="2", c="3"), page_of(a="1", c="3"), page_of(a="1", c="3")),
        (page_of(a="1", c="3"), page_of(a="1", c="3"), page_of(a="1", c="3")),
    ],
    ids=["elsewhere", "we removed", "both added", "the same", "they removed", "both removed"],
)
def test_both_changes_are_there(ours, theirs, merged):
    assert merge(BASE, ours, theirs).storage == merged


@pytest.mark.parametrize(
    ("ours", "theirs", "part"),
    [
        (page_of(a="8", b="2", c="3"), page_of(a="9", b="2", c="3"), "'a'"),
        (page_of(b="2", c="3"), page_of(a="9", b="2", c="3"), "'a'"),
        (page_of(a="8", b="2", c="3"), page_of(b="2", c="3"), "'a'"),
        (page_of(a="1", b="2", c="3", n="4"), page_of(a="1", b="2", c="3", n="5"), "'n'"),
        (f"<p>x</p>{BASE}", f"<p>y</p>{BASE}", "the text before the first heading"),
    ],
)
def test_changes_of_the_same_part_are_told(ours, theirs, part):
    with pytest.raises(MergeConflict) as caught:
        merge(BASE, ours, theirs)
    assert caught.value.parts == (part,)


def test_what_only_looks_different_is_no_change():
    kept = BASE.replace("<h2>a</h2>", "<h2>a</h2>\n").replace("<p>1</p>", '<p local-id="7">1</p>')
    assert merge(BASE, page_of(a="9", b="2", c="3"), kept).kept == ()
