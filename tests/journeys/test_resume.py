"""An interrupted run goes on by its id, by its request and by Prefect's retry, with what it began with."""

import os
import signal
import subprocess

import pytest

from blocks.profile import DeliveryProfile
from flows.standard_dev import standard_dev
from mergewright.domain.delivery import Outcome
from mergewright.errors import BudgetExceeded, Rejected, RunInterrupted, SettingInvalid
from mergewright.events.sqlite import SqliteEventStore
from mergewright.safety.policy import ChangePolicy
from mergewright.testing.messages_server import MessagesServer, Reply
from tests.journeys.places import BRANCH, json_of
from tests.journeys.tally_answers import reply, stage_of, turn_of

pytestmark = [pytest.mark.engine, pytest.mark.journey]

CALLS = 25


def run_ids(shop) -> list[str]:
    return list(dict.fromkeys(event.run_id for event in shop.events("run_started")))


@pytest.fixture
def interrupted(shop, messages):
    """A run that has done all that costs nothing, and goes on with a larger budget."""
    with pytest.raises(BudgetExceeded):
        standard_dev(shop.request(budget_usd=0.01))
    (run_id,) = run_ids(shop)
    return run_id


@pytest.fixture
def stricter_policy():
    """Another change policy in the profile than the run began with."""
    DeliveryProfile(change_policy=ChangePolicy(max_files=29)).save("local", overwrite=True)
    yield
    DeliveryProfile().save("local", overwrite=True)


def test_a_killed_run_goes_on_by_its_id(shop, monkeypatch):
    started: list[subprocess.Popen[str]] = []

    def kill_once(body, number):
        if (stage_of(body), turn_of(body)) == ("implement", 5) and started:
            os.killpg(started.pop().pid, signal.SIGKILL)
        return reply(body, number)

    with MessagesServer(kill_once) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-0123456789")
        process = subprocess.Popen(
            shop.run("--budget-usd", "2"), env=shop.environment, text=True, cwd=shop.home.parent,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True,
        )  # fmt: skip
        started.append(process)
        _, errors = process.communicate(timeout=120)
        assert process.returncode == -signal.SIGKILL, errors
        (run_id,) = run_ids(shop)
        listed = shop.call(shop.command("runs")).stdout
        assert "interrupted: implement" in listed
        assert f"mergewright resume {run_id}" in listed
        done = shop.call(shop.command("resume", run_id, "--json"))
        assert done.returncode == 0, done.stderr
        assert len(server.requests) == CALLS + 1
    report = json_of(done)
    assert report["run_id"] == run_id
    assert report["costs"]["replayed"] == 5
    assert BRANCH in shop.branches()
    assert len(shop.pull_requests()) == 1
    starts = [event for event in shop.events("run_started") if event.run_id == run_id]
    assert [start.request["budget_usd"] for start in starts] == [2, 2]
    assert starts[0].pins == starts[1].pins != {}


def test_what_has_changed_is_told_and_must_be_accepted(
    shop, messages, interrupted, stricter_policy
):
    before = len(shop.events())
    with pytest.raises(RunInterrupted, match=r"change policy: [0-9a-f]{12} -> [0-9a-f]{12}\."):
        standard_dev(shop.request())
    refused = shop.call(shop.command("resume", interrupted, "--json"))
    assert refused.returncode == 5
    error = json_of(refused)["error"]
    assert "change policy" in error["message"]
    assert "--accept-drift" in error["hint"]
    assert error["run_id"] == interrupted
    assert len(shop.events()) == before
    assert not messages.requests
    delivery = standard_dev(shop.request(accept_drift=True))
    assert (delivery.run_id, delivery.outcome) == (interrupted, Outcome.DELIVERED)
    told = [event.text for event in shop.events("noted") if not event.stage]
    assert any("changed since the run began: change policy" in text for text in told)


def test_a_named_run_must_be_about_the_request_and_free(shop, messages, interrupted):
    with pytest.raises(SettingInvalid, match="base 'main' and not 'other'"):
        standard_dev(shop.request(base="other"), run_id=interrupted)
    with (
        SqliteEventStore(shop.home / "events.db").hold(interrupted),
        pytest.raises(RunInterrupted, match="Another process"),
    ):
        standard_dev(shop.request(), run_id=interrupted)
    assert not messages.requests
    delivery = standard_dev(shop.request(fresh=True), run_id=interrupted)
    assert (delivery.run_id, delivery.outcome) == (interrupted, Outcome.DELIVERED)
    with pytest.raises(Rejected, match="finished"):
        standard_dev(shop.request(), run_id=interrupted)


def test_a_fresh_run_that_prefect_retries_stays_one_run(shop, messages):
    refusals = [Reply(status=401)]

    def refuse_once(body, number):
        return refusals.pop() if refusals else reply(body, number)

    messages._script = refuse_once
    flow = standard_dev.with_options(retries=1, retry_delay_seconds=0)
    delivery = flow(shop.request(fresh=True))
    assert delivery.outcome is Outcome.DELIVERED
    assert not refusals
    assert run_ids(shop) == [delivery.run_id]
    assert len(messages.requests) == CALLS + 1
