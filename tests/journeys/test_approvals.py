"""A person decides from another terminal; the run waits, and goes on or ends."""

import subprocess

import pytest
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from tests.journeys.places import json_of

pytestmark = [pytest.mark.engine, pytest.mark.journey]


def start(shop, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        shop.run(*words), env=shop.environment, text=True, cwd=shop.home.parent,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def wait_for_question(shop, process, point):
    def look():
        if process.poll() is not None:
            pytest.fail(f"the run ended with {process.returncode}: {process.communicate()}")
        asked = shop.events("approval_requested") if (shop.home / "events.db").exists() else []
        return next((event for event in asked if event.point == point), None)

    waiting = Retrying(
        wait=wait_fixed(0.3),
        stop=stop_after_delay(90),
        retry=retry_if_result(lambda event: event is None),
    )
    return waiting(look)


def test_plan_and_change_are_approved_by_command(shop, messages):
    process = start(shop, "--approve", "plan,change", "--json")
    asked = wait_for_question(shop, process, "plan")
    assert "Share out" in asked.subject or "hand out what is left over" in asked.subject
    assert len(messages.requests) == 6
    approved = shop.call(shop.command("approve", asked.run_id, "--stage", "plan"))
    assert approved.returncode == 0, approved.stderr
    asked = wait_for_question(shop, process, "change")
    assert "+++ b/src/tally/money.py" in asked.subject
    assert shop.is_untouched()
    approved = shop.call(shop.command("approve", asked.run_id, "--stage", "change"))
    assert approved.returncode == 0, approved.stderr
    output, errors = process.communicate(timeout=90)
    assert process.returncode == 0, errors
    done = subprocess.CompletedProcess(process.args, 0, output, errors)
    assert json_of(done)["outcome"] == "delivered"
    assert len(shop.pull_requests()) == 1


def test_a_rejected_plan_ends_the_run_and_publishes_nothing(shop, messages):
    process = start(shop, "--approve", "plan")
    asked = wait_for_question(shop, process, "plan")
    words = ("reject", asked.run_id, "--stage", "plan", "--comment", "Too risky")
    assert shop.call(shop.command(*words)).returncode == 0
    _, errors = process.communicate(timeout=90)
    assert process.returncode == 3, errors
    assert "Too risky" in errors
    assert shop.is_untouched()
