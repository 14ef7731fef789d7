"""Pages that people wrote, as Markdown."""

import pytest

from mergewright.clients.storage_format_reading import to_markdown
from mergewright.clients.storage_format_tree import NotStorage, parse


def macro(name, body="", **parameters):
    given = "".join(
        f'<ac:parameter ac:name="{key}">{value}</ac:parameter>' for key, value in parameters.items()
    )
    inside = f"<ac:rich-text-body>{body}</ac:rich-text-body>" if body else ""
    return f'<ac:structured-macro ac:name="{name}">{given}{inside}</ac:structured-macro>'


@pytest.mark.parametrize(
    ("storage", "markdown"),
    [
        ("<p>caf&eacute;&nbsp;&mdash; a</p>", "café\xa0— a"),
        ("<p>not *em* or <code>a`b</code></p>", "not \\*em\\* or `` a`b ``"),
        ("<h3>T <strong>b</strong></h3>", "### T b"),
        ("<p>a<br/>b</p>", "a  \nb"),
        ("<ul><li><p>a</p><ul><li>b</li></ul></li></ul>", "- a\n  - b"),
        ("loose words", "loose words"),
        (macro("info", "<p>x</p>", title="T"), "> [!NOTE]\n> **T**\n>\n> x"),
        (
            macro("expand", "<p>x</p>", title="a &lt; b"),
            "<details>\n<summary>a &lt; b</summary>\n\nx\n\n</details>",
        ),
        (macro("made-by-a-plug-in", "<p>kept</p>", secret="no"), "kept"),
        (macro("toc", maxLevel="3"), ""),
        (f"<p>see {macro('jira', key='A-1')} now</p>", "see [A-1](ticket:A-1) now"),
        (f"<p>{macro('status', title='DONE', colour='Green')}</p>", "DONE"),
        (
            (
                '<p><ac:link><ri:page ri:content-title="A, b" /></ac:link> by '
                '<ac:link><ri:user ri:account-id="acc-1" /></ac:link></p>'
            ),
            "[A, b](page:A%2C%20b) by @acc-1",
        ),
        (
            '<p>a <ac:image ac:alt="x"><ri:attachment ri:filename="b c.png" /></ac:image> d</p>',
            "a ![x](<b%20c.png>) d",
        ),
        (
            '<p><time datetime="2026-11-20" /> <ac:emoticon ac:name="smile" /></p>',
            "2026-11-20 smile",
        ),
        (
            (
                "<table><colgroup><col /></colgroup><tbody><tr><td>a</td><td><p>b</p><p>c | d</p></td>"
                "</tr></tbody></table>"
            ),
            "|  |  |\n| --- | --- |\n| a | b<br>c \\| d |",
        ),
        (
            (
                "<ac:layout><ac:layout-section><ac:layout-cell><p>l</p></ac:layout-cell>"
                "<ac:layout-cell><p>r</p></ac:layout-cell></ac:layout-section></ac:layout>"
            ),
            "l\n\nr",
        ),
        (
            (
                '<ac:structured-macro ac:name="code"><ac:parameter ac:name="language">yml'
                "</ac:parameter><ac:plain-text-body><![CDATA[a: <b>]]></ac:plain-text-body>"
                "</ac:structured-macro>"
            ),
            "```yaml\na: <b>\n```",
        ),
        ("", ""),
    ],
)
def test_each_form(storage, markdown):
    assert to_markdown(storage) == markdown


@pytest.mark.parametrize(
    "storage",
    [
        "<p>",
        "</page><page>",
        "<p a=1></p>",
        "<x:y/>" * 0 + "&#0;",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><p>&b;</p>",
        "<p>" * 300 + "</p>" * 300,
        "\ud800",
    ],
)
def test_what_is_no_page(storage):
    with pytest.raises(NotStorage):
        parse(storage)
