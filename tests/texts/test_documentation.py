from mergewright.domain.documentation import (
    ApiChange,
    DocumentationFault,
    DocumentationFinding,
    DocumentationState,
)
from mergewright.texts.documentation import (
    MAX_TOLD,
    changes_told,
    documentation_plan,
    documentation_state,
    documentation_ticket,
    findings_told,
)

LINK = DocumentationFinding(
    fault=DocumentationFault.BROKEN_LINK, path="README.md", line=3, subject="x",
    message="The link leads to no file: 'x|y'.",
)  # fmt: skip
NEW = DocumentationFinding(
    fault=DocumentationFault.UNDOCUMENTED, path="tally.py", subject="settle", message="New.",
)  # fmt: skip
STATE = DocumentationState(
    commit="1234567" + "0" * 33,
    documented_commit="a" * 40,
    documented_by="history",
    commits_since=2,
    subjects=("Settle debts",),
    documents=("README.md",),
    api=(ApiChange(action="changed", path="tally.py", name="f", before="f(a)", after="f(a, b)"),),
    findings=(LINK, NEW),
    unseen=("the code blocks of a.md: not ended",),
)


def test_the_ticket_is_one_for_each_commit():
    ticket = documentation_ticket("https://user:pw@example.org/o/tally.git", STATE.commit, STATE)
    assert ticket.key == f"DOCS-{0x1234567}"
    assert ticket.title == "Bring the documentation of tally up to date"
    assert "pw" not in ticket.title
    assert ticket.acceptance_criteria == (LINK.told(), NEW.told())
    before = documentation_ticket("/srv/tally", STATE.commit, None)
    assert (before.key, before.title) == (ticket.key, ticket.title)
    assert documentation_ticket("/srv/tally", "f" * 40, None).key == "DOCS-268435455"


def test_the_plan_names_every_place_and_a_document_for_what_is_new():
    plan = documentation_plan(STATE)
    assert plan.steps == (LINK.told(), NEW.told())
    assert [(file.path, file.action) for file in plan.files] == [
        ("README.md", "edit"), ("README.md", "edit"),
    ]  # fmt: skip
    bare = STATE.model_copy(update={"documents": (), "findings": (NEW,)})
    assert [(file.path, file.action) for file in documentation_plan(bare).files] == [
        ("README.md", "create")
    ]


def test_people_read_what_was_found_and_what_was_not_looked_at():
    text = documentation_state("/srv/tally", STATE)
    assert "2 commits since" in text
    assert "`README.md:3`" in text
    assert r"x\|y" in text
    assert "changed `f` in `tally.py`" in text
    assert "the code blocks of a.md: not ended" in text
    assert "Nothing to do" in documentation_state("/x", STATE.model_copy(update={"findings": ()}))


def test_the_agent_reads_no_more_than_it_can_mend():
    assert findings_told("Wrong", ()) == ""
    many = findings_told("Wrong", (LINK,) * (MAX_TOLD + 2))
    assert many.endswith("- … and 2 more")
    assert "f(a) -> f(a, b)" in changes_told(STATE)
