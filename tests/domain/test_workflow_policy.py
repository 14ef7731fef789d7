"""One policy per workflow type: as data that is read, or refused by name."""

import pytest

from mergewright.domain.approval_policy import ApprovalPolicy
from mergewright.domain.requests import ApprovalPoint
from mergewright.domain.workflow_policy import (
    WorkflowPolicy,
    load_policy,
    parse_policy,
    policy_in_force,
    workflows,
)
from mergewright.errors import SettingInvalid


def test_standard_dev_is_what_a_policy_is_without_a_word():
    title = load_policy("standard_dev").title
    assert load_policy("standard_dev") == WorkflowPolicy(workflow="standard_dev", title=title)
    assert not load_policy("standard_dev").is_bounded


def test_a_hotfix_is_small_proved_first_and_seen_by_a_second_person():
    policy = load_policy("hotfix")
    assert (policy.research, policy.reproduction, policy.affected_tests_first) == (
        False,
        True,
        True,
    )
    assert (policy.refactoring, policy.dependency_changes) == (False, False)
    assert policy.model_tier == "strong"
    assert policy.stops == (ApprovalPoint.CHANGE,)
    assert policy.approval.never_requester
    assert policy.approval.expires_after < ApprovalPolicy().expires_after
    assert policy.is_bounded
    assert policy.time_limit_minutes
    assert policy.on_call
    assert policy.backport
    assert policy.release is not None


@pytest.mark.parametrize("name", workflows())
def test_every_policy_can_be_read_and_is_of_a_flow(name):
    assert load_policy(name).workflow == name
    assert load_policy(name).title


def test_a_workflow_without_a_policy_is_told_which_there_are():
    with pytest.raises(SettingInvalid, match="'coldfix'") as caught:
        load_policy("coldfix")
    assert "hotfix" in caught.value.hint
    assert "standard_dev" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "problem"),
    [("max_files = 0", "max_files"), ("colour = 'red'", "colour"), ("x = ", "Invalid value")],
)
def test_a_policy_that_is_wrong_names_its_place(text, problem):
    with pytest.raises(SettingInvalid, match=problem) as caught:
        parse_policy("hotfix", text)
    assert "hotfix.toml" in caught.value.hint


def test_what_goes_on_with_a_run_keeps_that_runs_policy():
    assert policy_in_force("follow_up", "hotfix") == load_policy("hotfix")
    assert policy_in_force("follow_up") == load_policy("standard_dev")
    assert policy_in_force("hotfix") == load_policy("hotfix")
