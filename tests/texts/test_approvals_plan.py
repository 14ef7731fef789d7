"""A plan becomes a document and the same plan again; what cannot be read names its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergewright.domain.plan import Plan, PlannedFile
from mergewright.errors import SettingInvalid
from mergewright.texts.approvals_plan import plan_document, read_plan

PLAN = Plan(
    summary="Split in whole cents.\n\n# Not a heading\n\\# nor this",
    steps=("Use divmod.\n\n- nested\n  deeper", "1. Not a number of ours"),
    files=(
        PlannedFile(path="src/a b.py", action="edit", why="The sum: it is here.\nAll of it."),
        PlannedFile(path="tests/test_a.py", action="create", why=""),
    ),
    acceptance_criteria=("- It adds up",),
    test_plan=("`test_it`",),
)


def test_a_plan_survives_the_document():
    document = plan_document(PLAN)
    assert read_plan(document) == PLAN
    assert read_plan(document.replace("\n", "\r\n")) == PLAN
    assert "1. Use divmod." in document
    assert "- edit `src/a b.py`: The sum: it is here." in document


LINE = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1).filter(
    lambda text: text.strip() == text and len(text.splitlines()) == 1
)
TEXT = st.lists(LINE, min_size=1, max_size=3).map("\n".join)
ITEMS = st.lists(TEXT, min_size=1, max_size=3).map(tuple)


@given(TEXT, ITEMS, ITEMS, ITEMS)
def test_any_plan_survives_the_document(summary, steps, criteria, risks):
    plan = PLAN.model_copy(
        update={
            "summary": summary, "steps": steps, "acceptance_criteria": criteria, "risks": risks,
        }
    )  # fmt: skip
    assert read_plan(plan_document(plan)) == plan


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("# Steps", "# Ideas", 8, "there is no part 'Ideas'"),
        ("# Steps", "# Files", 16, "'Files' is there twice"),
        ("# Summary\n\n", "", 1, "before the first heading"),
        ("edit `src/a b.py`", "move `src/a b.py`", 18, "'move' is none of create, edit, delete"),
        ("edit `src/a b.py`: ", "edit src/a.py: ", 18, "a file is written as"),
        ("- `test_it`", "`test_it`", 28, "begins with '- '"),
        ("- `test_it`", "-", 28, "an item is empty"),
        ("- `test_it`", "", 26, "the part 'Tests' is empty"),
        ("# Tests\n\n- `test_it`\n\n", "", 28, "the part 'Tests' is missing"),
    ],
)
def test_what_cannot_be_read_names_file_line_and_reason(old, new, line, reason):
    document = plan_document(PLAN)
    assert old in document
    with pytest.raises(SettingInvalid) as caught:
        read_plan(document.replace(old, new, 1), "MY.md")
    assert caught.value.message.startswith(f"MY.md, line {line}: ")
    assert reason in caught.value.message
    assert "question RUN --plan" in caught.value.hint
