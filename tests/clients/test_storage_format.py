"""Markdown as Confluence's storage format: well-formed whatever it is, and hostile text is text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mergewright.clients.storage_format import to_storage
from mergewright.clients.storage_format_reading import to_markdown
from mergewright.clients.storage_format_tree import canonical, parse

OURS = {
    *("ac:structured-macro", "ac:parameter", "ac:rich-text-body", "ac:plain-text-body"),
    *("ac:link", "ac:link-body", "ac:image", "ri:page", "ri:attachment", "ri:url"),
    *("ac:task-list", "ac:task", "ac:task-id", "ac:task-status", "ac:task-body", "span"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "blockquote", "ul", "ol", "li", "table", "tbody"),
    *("tr", "th", "td", "hr", "br", "strong", "em", "del", "code", "a", "page"),
}
MACROS = {"code", "expand", "info", "tip", "note", "warning", "jira"}


def check_form(element):
    assert element.name in OURS
    if element.name == "ac:structured-macro":
        assert element.attributes["ac:name"] in MACROS
    if element.name == "a":
        assert element.attributes["href"].lower().startswith(("http://", "https://", "mailto:"))
    for child in element.elements:
        check_form(child)


def words_of(storage):
    return " ".join(parse(storage).text.split())


@pytest.mark.parametrize(
    ("markdown", "storage"),
    [
        ("plain", "<p>plain</p>"),
        ("## A *b* & c", "<h2>A <em>b</em> &amp; c</h2>"),
        ("**b** ~~s~~ `a<b`", "<p><strong>b</strong> <del>s</del> <code>a&lt;b</code></p>"),
        ("two\nlines  \nhard<br>er", "<p>two\nlines<br/>hard<br/>er</p>"),
        ("- a\n  1. b\n- c", "<ul><li>a<ol><li>b</li></ol></li><li>c</li></ul>"),
        ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
        ("> q", "<blockquote><p>q</p></blockquote>"),
        ("---", "<hr/>"),
        ("[w](https://x.org/?a=1&b)", '<p><a href="https://x.org/?a=1&amp;b">w</a></p>'),
        ("<https://x.org>", '<p><a href="https://x.org">https://x.org</a></p>'),
        (
            "[t](page:ENG/A%2FB%20c)",
            (
                '<p><ac:link><ri:page ri:space-key="ENG" ri:content-title="A/B c"/>'
                "<ac:link-body>t</ac:link-body></ac:link></p>"
            ),
        ),
        (
            "[t](page:Home)",
            (
                '<p><ac:link><ri:page ri:content-title="Home"/>'
                "<ac:link-body>t</ac:link-body></ac:link></p>"
            ),
        ),
        (
            "[SHOP-7](ticket:shop-7)",
            (
                '<p><ac:structured-macro ac:name="jira"><ac:parameter ac:name="key">SHOP-7'
                "</ac:parameter></ac:structured-macro></p>"
            ),
        ),
        (
            "[spec](open%20api.json)",
            (
                '<p><ac:link><ri:attachment ri:filename="open api.json"/>'
                "<ac:link-body>spec</ac:link-body></ac:link></p>"
            ),
        ),
        (
            "![Flow](flow.png)",
            '<p><ac:image ac:alt="Flow"><ri:attachment ri:filename="flow.png"/></ac:image></p>',
        ),
        (
            '![a"b](https://x.org/p.png)',
            '<p><ac:image ac:alt="a&quot;b"><ri:url ri:value="https://x.org/p.png"/></ac:image></p>',
        ),
        ("[x](../up/file)", "<p>x (../up/file)</p>"),
        ("<ac:note>", "<p>ac:note</p>"),
        (
            "| A | B |\n| - | - |\n| `x\\|y` | **b** |",
            (
                "<table><tbody><tr><th>A</th><th>B</th></tr>"
                "<tr><td><code>x|y</code></td><td><strong>b</strong></td></tr></tbody></table>"
            ),
        ),
        (
            "```python\na]]>b\n```",
            (
                '<ac:structured-macro ac:name="code"><ac:parameter ac:name="language">py</ac:parameter>'
                "<ac:plain-text-body><![CDATA[a]]]]><![CDATA[>b]]></ac:plain-text-body>"
                "</ac:structured-macro>"
            ),
        ),
        (
            "- [ ] a\n- [X] b",
            (
                "<ac:task-list><ac:task><ac:task-id>1</ac:task-id><ac:task-status>incomplete"
                "</ac:task-status><ac:task-body><span>a</span></ac:task-body></ac:task><ac:task>"
                "<ac:task-id>2</ac:task-id><ac:task-status>complete</ac:task-status><ac:task-body>"
                "<span>b</span></ac:task-body></ac:task></ac:task-list>"
            ),
        ),
        (
            "> [!CAUTION]\n> Hot",
            (
                '<ac:structured-macro ac:name="warning"><ac:rich-text-body><p>Hot</p>'
                "</ac:rich-text-body></ac:structured-macro>"
            ),
        ),
        (
            "<details>\n<summary>A &amp; b</summary>\n\n*in*\n\n</details>",
            (
                '<ac:structured-macro ac:name="expand"><ac:parameter ac:name="title">A &amp; b'
                "</ac:parameter><ac:rich-text-body><p><em>in</em></p></ac:rich-text-body>"
                "</ac:structured-macro>"
            ),
        ),
    ],
)
def test_each_form(markdown, storage):
    assert to_storage(markdown) == storage


@pytest.mark.parametrize(
    "hostile",
    [
        "</ac:structured-macro>",
        "]]>",
        '<ac:structured-macro ac:name="html"><ac:plain-text-body>x</ac:plain-text-body>',
        "<script>alert(1)</script>",
        "&nbsp;&unknown;&#0;&#xD800;",
        "a\x00b\x08c\ufffed\ud800e",
        '" onload="alert(1)',
        "{html}x{html}",
        "<!DOCTYPE x [<!ENTITY e 'boom'>]>",
        "<?xml version='1.0'?>",
        "<details>\n<summary>never closed</summary>\n",
        "[x](javascript:alert(1))",
        "![x](data:text/html,boom)",
        "[x](page:a/../b)",
        "[x](file:///etc/passwd)",
        "<details>\n<summary></ac:parameter></summary>\n\n</details>",
    ],
)
@pytest.mark.parametrize(
    "place",
    [
        "{}",
        "# {}",
        "`{}`",
        "```\n{}\n```",
        "```{}\nx\n```",
        "- [ ] {}",
        "| A |\n| - |\n| {} |",
        "[{}](https://x.org)",
        "![{}](a.png)",
        "[l](page:{})",
        "> [!NOTE]\n> {}",
        "<details>\n<summary>{}</summary>\n\nx\n\n</details>",
        "[l](https://x.org/{})",
    ],
)
def test_hostile_text_is_text(hostile, place):
    check_form(parse(to_storage(place.format(hostile))))


def test_look_alikes_are_shown():
    shown = to_storage('</ac:structured-macro> <ac:structured-macro ac:name="html">')
    assert words_of(shown) == '</ac:structured-macro> <ac:structured-macro ac:name="html">'


@given(st.text(alphabet=st.characters(), max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_text_is_well_formed(markdown):
    check_form(parse(to_storage(markdown)))


FRAGMENTS = [
    *("# ", "- ", "1. ", "> ", "- [ ] ", "```", "`", "**", "*", "~~", "|", "\n", "\n\n", "    "),
    *("[a](", "![a](", ")", "page:", "ticket:A-1", "x.png", "<details>\n", "</details>\n\n"),
    *("<summary>a</summary>\n\n", "[!NOTE]", "]]>", "<![CDATA[", "<ac:link>", "</p>", "&amp;"),
    *("| a | b |\n| - | - |\n| c | d |\n", "word ", "<br>", "\\", "https://x.org ", "\x0b", "😀"),
]


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join))
@settings(max_examples=200, deadline=None)
def test_any_markup_is_well_formed(markdown):
    check_form(parse(to_storage(markdown)))


def test_deep_nesting_is_cut_and_its_text_kept():
    storage = to_storage(">" * 60 + " deep")
    assert words_of(storage) == "deep"
    assert storage.count("<blockquote>") == 40
    check_form(parse(to_storage(">" * 5000)))


WORD = st.text(alphabet="abcxyz*_`[]<>&#|!~\\0.:-", min_size=1, max_size=8).filter(
    lambda word: word.strip("`")
)
LINE = st.lists(WORD, min_size=1, max_size=4).map(" ".join)


def escaped(line):
    return "".join(
        f"\\{letter}" if not letter.isalnum() and letter != " " else letter for letter in line
    )


PLAIN = LINE.map(escaped)
INLINE = st.one_of(
    PLAIN,
    st.sampled_from(["*em*", "**strong**", "`code`", "[web](https://x.org)", "![p](p.png)"]),
    st.sampled_from(["[page](page:ENG/Home)", "[A-1](ticket:A-1)", "a **b** c"]),
)
BLOCK = st.one_of(
    INLINE,
    PLAIN.map("## {}".format),
    st.lists(INLINE, min_size=1, max_size=3).map(lambda some: "\n".join(f"- {i}" for i in some)),
    st.lists(INLINE, min_size=1, max_size=3).map(
        lambda some: "\n".join(f"{n}. {i}" for n, i in enumerate(some, 1))
    ),
    st.lists(PLAIN, min_size=1, max_size=3).map(lambda some: "\n".join(f"- [x] {i}" for i in some)),
    INLINE.map("- outer\n  - {}".format),
    INLINE.map("> {}".format),
    INLINE.map("> [!TIP]\n> {}".format),
    INLINE.map("<details>\n<summary>Title</summary>\n\n{}\n\n</details>".format),
    PLAIN.map("| A | B |\n| --- | --- |\n| x | {} |".format),
    LINE.map("~~~python\n{}\n~~~".format),
    st.just("---"),
)


@given(st.lists(BLOCK, min_size=1, max_size=5))
@settings(max_examples=150, deadline=None)
def test_documents_come_back_as_they_were(blocks):
    storage = to_storage("\n\nbetween\n\n".join(blocks))
    again = to_storage(to_markdown(storage))
    assert canonical(again) == canonical(storage)
