"""The rule by which questions are answered, as data."""

import tomllib
from datetime import timedelta

import pytest
from pydantic import ValidationError

from mergewright.domain.approval_policy import ApprovalPolicy

HOTFIX = """
approvers = ["on-call", "ada@example.org"]
never_requester = true
needed = 2
expires_after = "PT4H"
remind_after = "PT30M"
"""


def test_it_is_read_from_a_file():
    policy = ApprovalPolicy.model_validate(tomllib.loads(HOTFIX))
    assert (policy.needed, policy.never_requester) == (2, True)
    assert (policy.expires_after, policy.remind_after) == (
        timedelta(hours=4),
        timedelta(minutes=30),
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"needed": 0},
        {"needed": 11},
        {"expires_after": timedelta(0)},
        {"expires_after": timedelta(days=-1)},
        {"remind_after": timedelta(seconds=-1)},
        {"rounds": -1},
        {"approvers": ["ada", "ADA"]},
        {"approvers": [" "]},
        {"needs": 2},
    ],
)
def test_what_nobody_could_keep_to_is_refused(wrong):
    with pytest.raises(ValidationError):
        ApprovalPolicy.model_validate(wrong)
