import pytest

from mergewright.analysis.documentation_links import Tree, broken_links
from mergewright.analysis.documentation_text import read_document

FILES = (
    "README.md",
    "docs/guide.md",
    "docs/a b.md",
    "docs/api/index.md",
    "src/app.py",
    "docs/x.rst",
)
GUIDE = "# Guide\n\n## Größe & more\n"


def faults(text: str, path: str = "README.md"):
    documents = {path: read_document(path, text), "docs/guide.md": read_document("g.md", GUIDE)}
    return [
        (one.fault.value, one.subject, one.line) for one in broken_links(documents, Tree(FILES))
    ]


@pytest.mark.parametrize(
    "target",
    [
        "docs/guide.md", "docs/guide.md#guide", "./docs/", "docs", "docs/guide", "docs/a%20b.md",
        "docs/guide.html#gr%C3%B6%C3%9Fe--more", "docs/api/", "/docs/guide.md", "/guide.md?raw=1",
        "https://example.org/nowhere", "mailto:ada@example.org", "//example.org/x", "#readme-title",
        "../../issues", "src/app.py#L3-L5", "docs/x", "../docs/guide", "{{ url }}", "docs/guide.md#größe-more",
    ],
)  # fmt: skip
def test_what_leads_somewhere_is_let_be(target):
    path = "docs/more.md" if target == "/guide.md?raw=1" else "README.md"
    assert faults(f"# Readme title\n\n[x](<{target}>)\n", path) == []


def test_what_leads_nowhere_is_found_with_its_line():
    text = "# A\n\n[x](docs/gone.md) and\n[y](docs/guide.md#nothing), [z](#b)\n"
    assert faults(text) == [
        ("broken link", "docs/gone.md", 3),
        ("broken anchor", "docs/guide.md#nothing", 4),
        ("broken anchor", "#b", 4),
    ]


def test_a_link_is_seen_from_its_document():
    assert faults("[x](guide.md) [y](../README.md)", "docs/more.md") == []
    assert faults("[x](guide.md)") == [("broken link", "guide.md", 1)]


@pytest.mark.parametrize("target", ["%", "%zz", "a%00b", "/" * 5000, "../" * 3000, "#" * 3000])
def test_odd_targets_raise_nothing(target):
    faults(f"[x](<{target}>)")
