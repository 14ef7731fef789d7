import pytest

from mergewright.clients.markdown_sections import with_sections
from mergewright.domain.page import PageSection

BODY = "Intro\n\n# One\n\na\n\n## Sub\n\n```\n# no heading\n```\n\nTwo\n===\n\nb\n"


@pytest.mark.parametrize(
    ("heading", "changed"),
    [
        ("One", "Intro\n\n# One\n\nnew\n\nTwo\n===\n\nb\n"),
        ("Sub", "Intro\n\n# One\n\na\n\n## Sub\n\nnew\n\nTwo\n===\n\nb\n"),
        ("Two", "Intro\n\n# One\n\na\n\n## Sub\n\n```\n# no heading\n```\n\nTwo\n===\n\nnew\n"),
        ("no heading", f"{BODY}\n## no heading\n\nnew\n"),
    ],
)
def test_all_else_stays(heading, changed):
    sections = [PageSection(heading=heading, body="new\n")]
    assert with_sections(BODY, sections) == changed
    assert with_sections(changed, sections) == changed


def test_a_text_that_is_empty():
    assert with_sections("", [PageSection(heading="A", body="b")]) == "## A\n\nb\n"
