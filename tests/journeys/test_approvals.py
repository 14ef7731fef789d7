"""People decide about plan, change and publishing; a run that waits has no process, and pays nothing twice."""

import json
import os
import signal
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from flows.standard_dev import standard_dev
from mergewright.domain.changeset import ImplementationSummary
from mergewright.domain.delivery import Outcome
from mergewright.errors import ApprovalDenied
from mergewright.events.sqlite import SqliteEventStore
from mergewright.testing.messages_server import MessagesServer, Reply, ToolUse
from tasks.reminders import look_after_questions
from tests.cli.terminal import Terminal
from tests.journeys.places import json_of
from tests.journeys.tally_answers import reply, turn_of

pytestmark = [pytest.mark.engine, pytest.mark.journey, pytest.mark.timeout(300)]

CALLS = 25
"""Model calls of an undisturbed run."""
CALLS_BEFORE_PLAN = 6
SENT_BACK = "sent it back"
"""What an agent is told whose work a person rejected."""


def answer(shop, *words, **variables):
    """Answer in a process of its own, as a person would."""
    environment = {**shop.environment, **variables}
    return subprocess.run(
        shop.command(*words), env=environment, capture_output=True, text=True, timeout=120,
        check=False, stdin=subprocess.DEVNULL, cwd=shop.home.parent,
    )  # fmt: skip


def asked(shop):
    return shop.events("approval_requested")


def told(shop, about):
    """Return the messages that people were sent about something."""
    return [
        event
        for event in shop.events("effect_done")
        if event.effect == "message" and event.target.startswith(about)
    ]


@pytest.mark.timeout(900)
def test_each_point_is_asked_once_and_the_run_goes_on_with_the_answer(shop, messages):
    words = shop.run("--approve", "plan,change,publish", "--json")
    waits = shop.call(words)
    assert waits.returncode == 9, waits.stderr
    assert json_of(waits)["outcome"] == "waiting"
    assert "mergewright question" in json_of(waits)["hint"]
    assert len(messages.requests) == CALLS_BEFORE_PLAN
    (plan,) = asked(shop)
    assert "hand out what is left over" in plan.subject
    assert "Cost so far" in plan.subject
    assert shop.call(words).returncode == 9
    assert len(asked(shop)) == len(told(shop, "approval wanted plan")) == 1
    for point in ("plan", "change", "publish"):
        question = asked(shop)[-1]
        assert question.point == point
        assert shop.is_untouched()
        done = answer(shop, "approve", plan.run_id, "--digest", question.digest[:12])
        assert done.returncode == 0, done.stderr
        assert f"mergewright resume {plan.run_id}" in done.stdout
        ended = shop.call(shop.command("resume", plan.run_id, "--json"))
        assert ended.returncode == (0 if point == "publish" else 9), ended.stderr
    assert json_of(ended)["outcome"] == "delivered"
    assert "+++ b/src/tally/money.py" in asked(shop)[1].subject
    assert len(shop.pull_requests()) == 1
    assert len(asked(shop)) == len(told(shop, "approval wanted")) == 3
    assert len(messages.requests) == CALLS
    assert {run.run_id for run in shop.events("run_started")} == {plan.run_id}


def test_a_plan_goes_back_with_the_reason_and_ends_when_the_rounds_are_used_up(shop, messages):
    request = shop.request(approve=("plan",))
    assert standard_dev(request).outcome is Outcome.WAITING
    seen = set()
    for comment in ("Keep `split` as it is.", "And name the tests.", "No."):
        question = asked(shop)[-1]
        assert question.digest not in seen
        seen.add(question.digest)
        assert answer(shop, "reject", question.run_id, "--comment", comment).returncode == 0
        if comment != "No.":
            assert standard_dev(request).outcome is Outcome.WAITING
    told_agent = json.dumps(messages.requests[-1])
    assert SENT_BACK in told_agent
    assert "And name the tests." in told_agent
    paid = len(messages.requests)
    with pytest.raises(ApprovalDenied, match=r"No\.\. It went back 2 times before"):
        standard_dev(request)
    assert len(messages.requests) == paid
    assert shop.is_untouched()


def test_an_edited_plan_is_the_one_that_is_done(shop, messages, tmp_path):
    request = shop.request(approve=("plan",))
    run_id = standard_dev(request).run_id
    document = answer(shop, "question", run_id, "--plan").stdout
    path = tmp_path / "PLAN.md"
    path.write_text(document.replace("# Steps\n\n", "# Steps\n\n1. Say hello to Zoe first.\n"))
    assert answer(shop, "approve", run_id, "--edit", str(path)).returncode == 0
    delivered = standard_dev(request)
    assert delivered.outcome is Outcome.DELIVERED
    assert delivered.plan.steps[0] == "Say hello to Zoe first."
    implementing = [
        body for body in messages.requests if "commit_subject" in json.dumps(body["output_config"])
    ]
    assert "Say hello to Zoe first." in json.dumps(implementing[0])
    assert len(asked(shop)) == 1


def test_ending_the_run_leaves_nothing_behind(shop, messages):
    request = shop.request(approve=("plan",))
    run_id = standard_dev(request).run_id
    ended = answer(shop, "reject", run_id, "--end", "--reason", "Too risky", MERGEWRIGHT_USER="bo")
    assert ended.returncode == 0
    done = shop.call(shop.command("resume", run_id))
    assert done.returncode == 3
    assert "The plan was rejected by bo: Too risky." in " ".join(done.stderr.split())
    assert shop.is_untouched()


def mend(body, number):
    """Answer as recorded; what a person sent back is mended by one more line of the changelog."""
    opening = json.dumps(body["messages"][0])
    if SENT_BACK not in opening or "commit_subject" not in json.dumps(body["output_config"]):
        return reply(body, number)
    if turn_of(body) == 0:
        line = {"old": "# Changelog\n", "new": "# Changelog\n\nHello, Zoe.\n"}
        edit = {"path": "CHANGELOG.md", "replacements": [line]}
        return Reply(tools=(ToolUse("edit_file", edit),))
    summary = ImplementationSummary(summary="Zoe is greeted.", commit_subject="Greet Zoe as well")
    return Reply(summary.model_dump_json())


def test_a_change_goes_back_is_repaired_and_passes_all_gates_again(shop, monkeypatch):
    with MessagesServer(mend) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-0123456789")
        request = shop.request(approve=("change",))
        assert standard_dev(request).outcome is Outcome.WAITING
        first = asked(shop)[-1]
        assert answer(shop, "reject", first.run_id, "--comment", "Greet Zoe.").returncode == 0
        assert standard_dev(request).outcome is Outcome.WAITING
        second = asked(shop)[-1]
        assert "+Hello, Zoe." in second.subject
        stale = answer(shop, "approve", first.run_id, "--digest", first.digest[:12])
        assert stale.returncode == 3
        assert "has changed since" in " ".join(stale.stderr.split())
        assert answer(shop, "approve", first.run_id).returncode == 0
        delivered = standard_dev(request)
    assert delivered.outcome is Outcome.DELIVERED
    assert "Hello, Zoe." in delivered.changeset.diff
    assert [event.approved for event in shop.events("approval_decided")] == [False, True]


def test_a_run_that_is_killed_while_it_asks_asks_once(shop, messages):
    words = shop.run("--approve", "plan")
    process = subprocess.Popen(
        words, env=shop.environment, cwd=shop.home.parent, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    waiting = Retrying(
        wait=wait_fixed(0.02),
        stop=stop_after_delay(120),
        retry=retry_if_result(lambda found: not found),
    )
    waiting(lambda: (shop.home / "events.db").exists() and asked(shop))
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(30)
    again = shop.call(words)
    assert again.returncode == 9, again.stderr
    assert len(asked(shop)) == len(told(shop, "approval wanted plan")) == 1
    assert len(messages.requests) == CALLS_BEFORE_PLAN


def test_the_person_at_the_terminal_is_asked_there(shop, messages):
    words = shop.run("--approve", "plan", "--dry-run")[3:]
    with Terminal(
        *words, environment=shop.environment, folder=shop.home.parent, columns=100
    ) as terminal:
        terminal.expect("Approve? [y/N, or say what is wrong]")
        terminal.type("y\n")
        terminal.expect("Approved by")
        terminal.expect("rehearsed")
        assert terminal.end() == 0, terminal.text
    (decision,) = shop.events("approval_decided")
    assert decision.door == "terminal"
    assert shop.events("approval_awaited") == []


def test_a_cost_that_changed_while_it_waited_voids_the_answer(shop, messages):
    request = shop.request(approve=("plan",))
    run_id = standard_dev(request).run_id
    assert answer(shop, "approve", run_id).returncode == 0
    spend_more(shop, run_id)
    assert standard_dev(request).outcome is Outcome.WAITING
    first, second = asked(shop)
    assert first.digest != second.digest


def spend_more(shop, run_id):
    store = SqliteEventStore(shop.home / "events.db")
    try:
        settled = [one.event for one in store.read(run_id=run_id, types=("call_settled",))][-1]
        reserved = [one.event for one in store.read(run_id=run_id, types=("call_reserved",))][-1]
        other = {"reservation_id": "one-more", "key": "one-more"}
        store.append([reserved.model_copy(update=other), settled.model_copy(update=other)])
    finally:
        store.close()


def test_nobody_answering_in_time_is_no_end_for_ever(shop, messages):
    """The question is asked once more of whoever goes on with the run."""
    request = shop.request(approve=("plan",))
    run_id = standard_dev(request).run_id
    (came,) = look_after_questions(datetime.now(UTC) + timedelta(days=8))
    assert (came.run_id, came.outcome) == (run_id, "done")
    late = answer(shop, "approve", run_id)
    assert late.returncode == 8
    assert "finished (failed)" in " ".join(late.stderr.split())
    assert standard_dev(request).outcome is Outcome.WAITING
    first, second = asked(shop)
    assert (first.digest, second.number) == (second.digest, 1)
    assert answer(shop, "approve", run_id).returncode == 0
    assert standard_dev(request).outcome is Outcome.DELIVERED
    assert len(messages.requests) == CALLS
