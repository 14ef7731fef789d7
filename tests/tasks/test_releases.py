"""What is told of a release's branch before any work is done for it."""

import pytest

from mergewright.clients.code_host import BranchRules
from mergewright.domain.release import Release
from mergewright.errors import AccessDenied
from tasks.releases import rules_told
from tests.tasks.test_policies import RUN

THERE = Release(name="v1.4.2", commit="c" * 40, branch="release/1.4")
TO_BE_MADE = THERE.model_copy(update={"is_branch_made": True})


def test_what_a_protected_branch_asks_is_told():
    rules = BranchRules(may_be_made=True, asks=("2 approving reviews", "green checks: ci"))
    told = rules_told(RUN, THERE, rules)
    assert told == "release/1.4 is protected: 2 approving reviews; green checks: ci"
    assert rules_told(RUN, THERE, BranchRules(may_be_made=False, asks=())) == ""


def test_a_branch_that_nobody_may_make_is_refused_before_the_work():
    with pytest.raises(AccessDenied, match=r"'release/1\.4'.*let nobody make it") as caught:
        rules_told(RUN, TO_BE_MADE, BranchRules(may_be_made=False, asks=()))
    assert "--base" in caught.value.hint
