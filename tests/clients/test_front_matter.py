import pytest

from mergewright.clients.documents import parse_document
from mergewright.clients.front_matter import replace_list
from mergewright.errors import Rejected


def replaced(text, values, tmp_path, field="links"):
    return replace_list(parse_document(tmp_path / "a.md", text), field, values)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("key: A-1\n", 'key: A-1\nlinks: ["é", "b: c"]\n'),
        ("links: [x]\nkey: A-1 # mine\n", 'links: ["é", "b: c"]\nkey: A-1 # mine\n'),
        ("links:\n  - x\n  - y\nkey: A-1\n", 'links: ["é", "b: c"]\nkey: A-1\n'),
        ("key: A-1\r\n", 'key: A-1\r\nlinks: ["é", "b: c"]\r\n'),
    ],
)
def test_a_list_is_changed_or_added(header, expected, tmp_path):
    newline = "\r\n" if "\r\n" in header else "\n"
    text = f"---{newline}{header}---{newline}Body{newline}"
    assert replaced(text, ["é", "b: c"], tmp_path) == text.replace(header, expected)


def test_an_empty_list_is_taken_out(tmp_path):
    text = "---\nlinks: [x]\nkey: A-1\n---\nBody\n"
    assert replaced(text, [], tmp_path) == "---\nkey: A-1\n---\nBody\n"
    assert replaced("---\nkey: A-1\n---\n", [], tmp_path) == "---\nkey: A-1\n---\n"


def test_a_form_that_cannot_be_changed(tmp_path):
    text = "---\nlinks: &a [x]\nother: *a\n---\nBody\n"
    with pytest.raises(Rejected):
        replaced(text, ["y"], tmp_path)
