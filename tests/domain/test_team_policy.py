"""What a team changes of a policy: it holds, what is laxer is named, and each value tells its source."""

import pytest
from pydantic import ValidationError

from mergewright.domain.requests import ApprovalPoint
from mergewright.domain.team_policy import TeamPolicy, flat_values, policy_values
from mergewright.domain.workflow_policy import load_policy

HOTFIX = load_policy("hotfix")


def refused(**fields):
    with pytest.raises(ValidationError) as caught:
        TeamPolicy(**{"workflow": "hotfix", **fields})
    (error,) = caught.value.errors()
    return ".".join(map(str, error["loc"])), error["msg"]


def test_what_is_empty_is_as_the_workflow_has_it():
    assert TeamPolicy(workflow="hotfix").applied_to(HOTFIX) == HOTFIX


def test_what_a_team_says_holds_and_nothing_else_changes():
    row = TeamPolicy(
        workflow="hotfix",
        max_files=3,
        stops=("change", "publish"),
        approval={"approvers": ("leads",), "needed": 2},
    )
    held = row.applied_to(HOTFIX)
    assert held.approval.needed == 2
    assert held.approval.never_requester
    assert held.approval.expires_after == HOTFIX.approval.expires_after
    assert held.stops == (ApprovalPoint.CHANGE, ApprovalPoint.PUBLISH)
    before, after = flat_values(HOTFIX), flat_values(held)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"max_files", "stops", "approval.approvers", "approval.needed"}
    again = TeamPolicy.model_validate_json(row.model_dump_json())
    assert again.applied_to(HOTFIX) == held


@pytest.mark.parametrize(
    "lax",
    [
        {"max_files": 7},
        {"max_changed_lines": 201},
        {"time_limit_minutes": 121},
        {"dependency_changes": True},
        {"refactoring": True},
        {"affected_tests_first": False},
        {"one_run_per_ticket": False},
        {"stops": ("plan",)},
        {"approval": {"never_requester": False}},
    ],
)
def test_what_is_laxer_has_to_be_named(lax):
    place, told = refused(**lax)
    name = next(iter(lax))
    assert place.startswith(name)
    assert f"add {place!r} to `laxer`" in told
    row = TeamPolicy(workflow="hotfix", laxer=(place,), **lax)
    (one,) = (one for one in policy_values(HOTFIX, row, "team") if one.name == place)
    assert (one.source, one.is_laxer) == ("profile team", True)


def test_fewer_people_than_the_workflow_wants_are_laxer():
    strict = HOTFIX.model_copy(
        update={"approval": HOTFIX.approval.model_copy(update={"needed": 2})}
    )
    row = TeamPolicy(workflow="hotfix", approval={"needed": 1})
    assert {one.name for one in policy_values(strict, row, "t") if one.is_laxer} == {
        "approval.needed"
    }


@pytest.mark.parametrize(
    ("wrong", "place", "told"),
    [
        ({"max_files": 0}, "max_files", "greater than or equal to 1"),
        ({"approval": {"needed": 11}}, "approval.needed", "less than or equal to 10"),
        ({"approval": {"approvers": ("a", "A")}}, "approval", "named twice"),
        ({"laxer": ("agents",)}, "laxer", "'agents' is not among what can be lax"),
        ({"workflow": "coldfix"}, "workflow", "'coldfix'; there are: docstrings"),
        ({"workflow": "standard_dev", "release": {}}, "release", "not about a release"),
        ({"reproduction": False}, "reproduction", "Extra inputs"),
    ],
)
def test_a_wrong_row_is_refused_with_its_place(wrong, place, told):
    where, said = refused(**wrong)
    assert where == place
    assert told in said


def test_each_value_tells_where_it_came_from():
    row = TeamPolicy(workflow="hotfix", on_call=("night shift",))
    limits = {"max_files": 4, "max_changed_lines": 900}
    told = {one.name: one for one in policy_values(HOTFIX, row, "team", limits)}
    assert (told["on_call"].value, told["on_call"].source) == ("night shift", "profile team")
    assert (told["max_files"].value, told["max_files"].source) == (
        "4",
        "profile team, change_policy",
    )
    assert told["max_changed_lines"].source == "workflow"
    assert told["approval.remind_after"].source == told["release.branch"].source == "workflow"
    assert (told["ticket"].value, told["ticket"].source) == ("yes", "default")
    assert told["writable_paths"].value == "none"
    assert not any(one.is_laxer for one in told.values())
