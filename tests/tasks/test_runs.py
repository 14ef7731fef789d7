"""A run keeps the policy of its workflow as its team has it."""

import pytest

from blocks.profile import DeliveryProfile
from mergewright.domain.workflow_policy import load_policy
from mergewright.safety.policy import ChangePolicy
from tasks.records import policy_kept
from tests.tasks.test_policies import RUN

pytestmark = pytest.mark.engine

ROW = {"workflow": "hotfix", "max_files": 2, "approval": {"needed": 2, "expires_after": "PT1H"}}


def test_a_saved_profile_changes_the_policy_of_its_workflow_and_of_no_other(home):
    profile = DeliveryProfile(workflow_policies=[ROW], change_policy=ChangePolicy(max_files=9))
    profile.save("careful", overwrite=True)
    run = RUN.model_copy(update={"id": "careful-1", "profile": "careful", "workflow": "hotfix"})
    kept, own = policy_kept(run), load_policy("hotfix")
    assert (kept.max_files, kept.approval.needed) == (2, 2)
    assert kept.approval.expires_after.total_seconds() == 3600
    assert kept.approval.remind_after == own.approval.remind_after
    follow_up = run.model_copy(update={"workflow": "follow_up", "policy": "hotfix"})
    assert policy_kept(follow_up) == kept
    other = run.model_copy(update={"workflow": "standard_dev"})
    assert policy_kept(other) == load_policy("standard_dev")
    plain = RUN.model_copy(update={"id": "plain-1", "workflow": "hotfix"})
    assert policy_kept(plain) == own
