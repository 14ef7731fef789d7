"""A run that fails after it has changed something keeps the change, and says why it failed."""

import pytest

from blocks.profile import DeliveryProfile
from flows.standard_dev import standard_dev
from flows.undo import undo
from mergewright.domain.delivery import Outcome
from mergewright.domain.requests import OnFailure
from mergewright.domain.undo import UndoRequest
from mergewright.errors import ChecksFailed
from mergewright.events.projections import report_of
from tests.journeys.places import BRANCH, git

pytestmark = [pytest.mark.engine, pytest.mark.journey]

WIP = f"wip/{BRANCH}"


def fail(shop, **changes):
    """Let a run end with gates that fail: the first change does, and no repair is allowed."""
    with pytest.raises(ChecksFailed) as caught:
        standard_dev(shop.request(max_repair_rounds=0, **changes))
    return str(caught.value)


def told(shop):
    return (shop.home / "tickets" / "TALLY-7.md").read_text()


def test_a_failed_change_is_kept_as_a_branch_and_can_be_undone(shop, messages):
    error = fail(shop)
    assert "still fails after 0 repair rounds" in error
    assert shop.branches() == ["main", WIP]
    assert not shop.pull_requests()
    assert git(shop.repository, "status", "--porcelain") == ""
    report = report_of(shop.events("run_finished"))
    assert git(shop.repository, "rev-parse", f"{WIP}^{{tree}}").strip() == report.changeset.tree
    assert report.hint.endswith(f"The change so far is on the branch {WIP!r}.")
    assert "still fails after 0 repair rounds" in told(shop)
    assert f"`{WIP}`" in told(shop)
    report = undo(UndoRequest(run_id=report.run_id))
    assert {effect.effect: effect.outcome for effect in report.effects} == {
        **dict.fromkeys(["comment", "branch", "progress", "start"], "undone"),
        "message": "impossible",
    }
    assert shop.is_untouched()
    assert "Not delivered" not in told(shop)


def test_what_was_salvaged_stands_in_no_later_runs_way(shop, messages):
    fail(shop)
    delivery = standard_dev(shop.request())
    assert delivery.outcome is Outcome.DELIVERED
    assert shop.branches() == [BRANCH, "main", WIP]


@pytest.mark.parametrize("changes", [{"dry_run": True}, {"on_failure": OnFailure.UNDO}])
def test_a_run_that_is_to_leave_nothing_leaves_nothing(shop, messages, changes):
    fail(shop, **changes)
    assert shop.is_untouched()
    assert "Not delivered" not in told(shop)


def test_a_profile_may_say_no(shop, messages):
    DeliveryProfile(salvage=False).save("tidy", overwrite=True)
    fail(shop, profile="tidy")
    assert shop.is_untouched()


def test_a_change_that_cannot_be_pushed_hides_no_error(shop, messages):
    git(shop.repository, "branch", "wip", "main")
    assert "still fails" in fail(shop)
    assert shop.branches() == ["main", "wip"]
    assert "could not be pushed" in told(shop)
