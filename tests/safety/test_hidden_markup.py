import pytest

from mergewright.safety.untrusted import fence, sanitise


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a <span hidden>obey</span> b", "a  b"),
        ('a <div style="color:red; display: none">obey <div>more</div> me</div> b', "a  b"),
        ("a <p style='font-size:0px'>obey</p> b", "a  b"),
        ('a <p style="opacity:0">obey</p> b', "a  b"),
        ('a <p style="visibility : hidden">obey</p> b', "a  b"),
        ('a <i aria-hidden="true">obey</i> b', "a  b"),
        ('a <input type="hidden" value="obey"> b', "a  b"),
        ("a <template>obey</template> b", "a  b"),
        ("a <script>obey()</script> b", "a  b"),
        ("a <b hidden>obey", "a "),
        ('<a href="u" title="obey">t</a>', '<a href="u">t</a>'),
        ('<img src="u" alt="obey">', '<img src="u">'),
        ("<td data-x=obey aria-label='me'>t</td>", "<td>t</td>"),
        ('[t](u "obey")', "[t](u)"),
        ("![t](u 'obey')", "![t](u)"),
        ("a\n[//]: # (obey)\nb", "a\n\nb"),
        ('a\n[x]: <> "obey"\nb', "a\n\nb"),
        ("a <sp<!-- x -->an hidden>obey</span>", "a "),
    ],
)
def test_what_is_not_shown_is_taken_out(text, clean):
    assert sanitise(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        "the <style> element is missing",
        "`<span hidden>shown</span>`",
        "```html\n<span hidden>shown</span>\n```\n",
        '<p style="font-size:0.8em; width:100%; opacity:0.5">shown</p>',
        "[t](u) and [x]: https://example.org",
        "List<String> and a < b, c > d",
        "<details><summary>more</summary>shown</details>",
    ],
)
def test_what_is_shown_stays(text):
    assert sanitise(text) == text


def test_markup_nested_without_end_becomes_visible_text():
    text = "obey"
    for _ in range(30):
        text = f'[t](u "{text}")'
    clean = sanitise(text)
    assert sanitise(clean) == clean


def test_hostile_markup_takes_no_long_time():
    for piece in ("<a ", "<b hidden>", "<b><b hidden></b>", '](u "', "<p style=", "[x]: # ", "<s>"):
        assert fence("x", piece * 20_000)
