"""What a comparison is asked for, and what it is refused."""

import pytest
from pydantic import ValidationError

from mergewright.domain.compare_request import ComparedWorkflow, CompareRequest

ASKED = {"ticket": "T-1", "script": "/opt/old.sh"}


def test_it_begins_from_main_or_for_a_hotfix_from_a_release():
    assert CompareRequest(**ASKED).base == "main"
    assert CompareRequest(**ASKED, base="").base == "main"
    hotfix = CompareRequest(**ASKED, compared=ComparedWorkflow.HOTFIX)
    assert hotfix.base == ""
    assert hotfix.with_table_base("trunk") == {}
    assert CompareRequest(**ASKED).with_table_base("trunk") == {"base": "trunk"}
    assert CompareRequest.model_validate(hotfix.model_dump(mode="json")) == hotfix


def test_another_script_or_workflow_is_another_comparison():
    one = CompareRequest(**ASKED)
    others = (
        one.model_copy(update={"script": "/opt/new.sh"}),
        one.model_copy(update={"compared": ComparedWorkflow.HOTFIX}),
    )
    assert all(one.identity() != other.identity() for other in others)
    assert one.identity() == one.model_copy(update={"network": True}).identity()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"variables": ("MERGEWRIGHT_HOME",)}, "one of ours"),
        ({"variables": ("prefect_api_key",)}, "one of ours"),
        ({"variables": ("A=B",)}, "no name of a variable"),
        ({"dry_run": False}, "publishes nothing"),
        ({"time_limit_minutes": 0}, "greater than 0"),
        ({"time_limit_minutes": 241}, "less than or equal to 240"),
    ],
)
def test_what_it_cannot_be_is_refused(fields, told):
    with pytest.raises(ValidationError, match=told):
        CompareRequest(**ASKED, **fields)
