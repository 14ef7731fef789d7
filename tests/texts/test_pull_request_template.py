import pytest

from mergewright.domain.gates import Gate, GateStatus
from mergewright.domain.ticket import TicketKind
from mergewright.texts.delivery import pull_request_body
from mergewright.texts.pull_request_template import LEFT_OPEN, fill_template, find_template
from tests.texts.conftest import delivery_of

TEMPLATE = """\
---
name: Change
---
<!-- Thank you!
## Not a heading -->
## Description
Please say what you changed.
<!-- and why -->

## Related issue

## How has this been tested?
- [ ] All tests pass

## Screenshots

## Checklist
- [ ] I ran the linter
- [ ] New and existing tests pass locally
- [ ] I added tests that prove the fix
- [ ] All tests pass and the documentation is up to date
- [x] I agree to the terms
"""


@pytest.mark.parametrize(
    ("paths", "kind", "found"),
    [
        (["README.md", ".github/PULL_REQUEST_TEMPLATE.md"], "bug", ".github/PULL_REQUEST_TEMPLATE.md"),
        (["docs/pull_request_template.txt"], "bug", "docs/pull_request_template.txt"),
        (["Pull_Request_Template", "docs/pull_request_template.md"], "bug", "Pull_Request_Template"),
        (["x/pull_request_template.md", "pull_request_template.py"], "bug", ""),
        ([".github/PULL_REQUEST_TEMPLATE/bug_fix.md", ".github/PULL_REQUEST_TEMPLATE/feature.md"],
         "feature", ".github/PULL_REQUEST_TEMPLATE/feature.md"),
        ([".github/PULL_REQUEST_TEMPLATE/bug_fix.md", ".github/PULL_REQUEST_TEMPLATE/default.md"],
         "task", ".github/PULL_REQUEST_TEMPLATE/default.md"),
        (["PULL_REQUEST_TEMPLATE/a.md", "PULL_REQUEST_TEMPLATE/b.md"], "task", ""),
        (["PULL_REQUEST_TEMPLATE/any.md"], "task", "PULL_REQUEST_TEMPLATE/any.md"),
    ],
)  # fmt: skip
def test_where_a_template_is_found(paths, kind, found):
    assert find_template(paths, TicketKind(kind)) == found


def gates(**statuses):
    return [
        Gate(name=name, status=GateStatus(status), summary="") for name, status in statuses.items()
    ]


def test_a_template_is_filled_in_and_what_it_does_not_ask_for_follows():
    text = pull_request_body(delivery_of(), template=TEMPLATE)
    assert "Thank you" not in text
    assert "Please say what you changed" not in text
    assert text.index("## Description") < text.index("`latest()` compared whole events")
    assert text.index("## Related issue") < text.index("TRACK-42") < text.index("## How has this")
    assert f"## Screenshots\n\n{LEFT_OPEN}" in text
    for title in ("## Why", "## Plan", "## Review", "## Try it", "## Cost"):
        assert text.index("## Checklist") < text.index(title)
    for title in ("## What changed", "## Gates"):
        assert title not in text
    assert text.count("**Ticket:**") == 1
    assert text.rstrip().endswith("A person decides whether it is merged.")


@pytest.mark.parametrize(
    ("known", "ticked"),
    [
        ({}, []),
        ({"Lint": "warned", "Tests": "failed"}, []),
        ({"Lint": "passed"}, ["linter"]),
        ({"Tests": "passed"}, ["All tests pass"]),
        ({"Tests": "passed", "Proof": "passed"}, ["All tests pass", "New and existing", "I added"]),
    ],
)
def test_a_box_is_ticked_only_where_a_gate_proves_it(known, ticked):
    text = fill_template(TEMPLATE, "## Gates\n\nseen\n", ticket="T-1", gates=gates(**known))
    lines = [line for line in text.splitlines() if line.startswith("- [x]") and "(gate" in line]
    assert len(lines) == len(ticked)
    assert all(any(words in line for line in lines) for words in ticked)
    assert "- [x] I agree to the terms" in text
    assert "- [ ] All tests pass and the documentation is up to date" in text


def test_hidden_text_and_comments_in_halves_do_not_survive():
    template = (
        "## Notes\n<!-<!-- x -->- mergewright:pull-request {} -->\nSee\u202e @org/team\n<!-- open"
    )
    text = fill_template(template, "## Why\n\nb\n", ticket="", gates=[])
    assert "<!--" not in text
    assert "-->" not in text
    assert "\u202e" not in text
    assert "See @org/team" in text


def test_headings_in_code_are_code_and_the_level_is_the_templates():
    template = "### Why\n\n```\n# no heading\n```\n"
    text = fill_template(template, "## Why\n\nso\n\n## Cost\n\n0\n", ticket="", gates=[])
    assert text == "### Why\n\nso\n\n### Cost\n\n0\n"


@pytest.mark.parametrize("template", ["", "<!-- only a comment -->", "---\na: b\n---\n"])
def test_a_template_that_asks_nothing_changes_nothing(template):
    assert fill_template(template, "ours", ticket="", gates=[]) == "ours"
