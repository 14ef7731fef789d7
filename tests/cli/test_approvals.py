import json

import pytest

from mergewright.cli.approvals import read_answer
from mergewright.domain.approval_events import (
    ApprovalAwaited,
    ApprovalDecided,
    ApprovalRequested,
)
from mergewright.domain.approval_identity import Identity
from mergewright.domain.approval_question import Verdict
from mergewright.domain.approval_standing import open_question
from mergewright.domain.delivery import Outcome
from mergewright.domain.events import RunStarted, StageStarted
from mergewright.domain.plan import Plan, PlannedFile
from mergewright.events.sqlite import SqliteEventStore
from tests.cli import example_log

RUN = "tally-7-dddddd"


PLAN = Plan(
    summary="Split in whole cents.",
    steps=("Use divmod.",),
    files=(PlannedFile(path="split.py", action="edit", why="It is here."),),
    acceptance_criteria=("The parts add up.",),
    test_plan=("A sum.",),
)


@pytest.mark.parametrize(
    ("text", "verdict", "comment"),
    [
        ("y\n", Verdict.APPROVE, ""),
        ("YES\n", Verdict.APPROVE, ""),
        ("yes, but mind the tests\n", Verdict.APPROVE, "but mind the tests"),
        ("\n", Verdict.END, ""),
        ("n\n", Verdict.END, ""),
        ("n too risky\n", Verdict.SEND_BACK, "too risky"),
        ("do not touch split.py\n", Verdict.SEND_BACK, "do not touch split.py"),
        ("yesterday was better\n", Verdict.SEND_BACK, "yesterday was better"),
    ],
)
def test_only_a_yes_approves(text, verdict, comment):
    assert read_answer(text) == (verdict, comment)


def test_a_question_is_open_until_it_is_decided():
    events = example_log.asking(subject="text")
    request = open_question(events)
    assert request is not None
    assert open_question(events, "change") is None
    decided = ApprovalDecided(
        run_id=RUN,
        at=request.at,
        point="plan",
        digest=request.digest,
        approved=True,
        by="ann",
        door="command",
    )
    other_text = decided.model_copy(update={"digest": "0" * 64})
    assert open_question([*events, other_text]) == request
    assert open_question([*events, decided]) is None


def test_a_resumed_run_asks_when_it_is_back_in_the_stage():
    events = example_log.asking(subject="text")
    started = next(event for event in events if isinstance(event, RunStarted))
    again = [*events, started]
    assert open_question(again) is None
    back = StageStarted(run_id=RUN, stage="approve-plan", at=started.at, title="Ask")
    assert open_question([*again, back]) is not None


def decisions(home):
    store = SqliteEventStore(home / "events.db")
    try:
        return [stored.event for stored in store.read(types=("approval_decided",))]
    finally:
        store.close()


def test_approving_writes_the_decision(home, mergewright):
    events = example_log.asking(subject="text")
    example_log.write(home, events)
    done = mergewright("approve", "tally", "--comment", "good")
    assert (done.returncode, done.stdout) == (0, f"The plan of {RUN} is approved.\n")
    (decision,) = decisions(home)
    assert (decision.approved, decision.door, decision.comment) == (True, "command", "good")
    assert decision.digest == events[-1].digest
    assert decision.question == events[-1].key
    assert decision.by == decision.person.label

    again = mergewright("reject", RUN, "--json")
    assert again.returncode == 8
    assert "does not ask for an approval" in json.loads(again.stdout)["error"]["message"]
    assert len(decisions(home)) == 1


def test_rejecting_names_the_stage(home, mergewright):
    example_log.write(home, example_log.asking(subject="text"))
    other = mergewright("reject", "last", "--stage", "change")
    assert other.returncode == 8
    assert "It asks for the plan: --stage plan" in other.stderr
    silent = mergewright("reject", "last")
    assert silent.returncode == 3
    assert "without a reason" in silent.stderr
    done = mergewright("reject", "last", "--stage", "plan", "--reason", "no", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["approved"] is False
    (decision,) = decisions(home)
    assert (decision.comment, decision.ends) == ("no", False)


def test_rejecting_can_end_the_run(home, mergewright):
    example_log.write(home, example_log.asking(subject="text"))
    assert mergewright("reject", "last", "--end").returncode == 0
    assert decisions(home)[0].ends


def asking(home, **rules):
    """Write a run that asks about a plan, by other rules, and has let go of its process."""
    run = example_log.ExampleRun(RUN)
    run.ask("plan", "# A plan\n")
    question = run.events[-1].model_copy(update={"plan": PLAN.model_dump(mode="json"), **rules})
    assert isinstance(question, ApprovalRequested)
    run.events[-1] = question
    run.add(ApprovalAwaited, stage="approve-plan", point="plan", digest=question.digest)
    run.finish(run.report(Outcome.WAITING), resumable=True)
    example_log.write(home, run.events)
    return question


def test_what_is_asked_can_be_read_and_its_plan_edited(home, mergewright, tmp_path):
    asking(home)
    assert mergewright("question", RUN).stdout == "# A plan\n"
    document = mergewright("question", RUN, "--plan").stdout
    path = tmp_path / "PLAN.md"
    path.write_text(document.replace("Use divmod.", "Use `divmod`, once."))
    done = mergewright("approve", RUN, "--edit", str(path))
    assert done.returncode == 0
    assert f"Go on with it: mergewright resume {RUN}" in done.stdout
    (decision,) = decisions(home)
    assert decision.plan["steps"] == ["Use `divmod`, once."]


def test_a_plan_that_is_not_edited_is_no_other_plan(home, mergewright, tmp_path):
    asking(home)
    path = tmp_path / "PLAN.md"
    path.write_text(mergewright("question", RUN, "--plan").stdout)
    assert mergewright("approve", RUN, "--edit", str(path)).returncode == 0
    assert decisions(home)[0].plan == {}


def test_an_edited_plan_that_cannot_be_read_is_refused_by_its_line(home, mergewright, tmp_path):
    asking(home)
    path = tmp_path / "PLAN.md"
    path.write_text(mergewright("question", RUN, "--plan").stdout.replace("edit `", "move `"))
    refused = mergewright("approve", RUN, "--edit", str(path))
    assert refused.returncode == 2
    assert f"{path}, line 11: 'move' is none of" in refused.stderr.replace("\n", " ")
    assert decisions(home) == []
    missing = mergewright("approve", RUN, "--edit", str(tmp_path / "none.md"))
    assert missing.returncode == 2


def test_a_stale_digest_is_refused(home, mergewright):
    question = asking(home)
    stale = mergewright("approve", RUN, "--digest", "00" * 6)
    assert stale.returncode == 3
    assert "has changed since" in " ".join(stale.stderr.split())
    assert decisions(home) == []
    assert mergewright("approve", RUN, "--digest", question.digest[:12]).returncode == 0


def test_who_may_not_approve_is_told_who_may(home, mergewright):
    ada = Identity(name="ada", mail="ada@example.org")
    asking(home, approvers=(ada, Identity(name="bo")), excluded=(ada,))
    stranger = mergewright("approve", RUN, MERGEWRIGHT_USER="zoe")
    assert stranger.returncode == 3
    assert "These may: ada <ada@example.org>, bo." in " ".join(stranger.stderr.split())
    requester = mergewright("approve", RUN, MERGEWRIGHT_USER="ada@example.org")
    assert "asked for the run" in requester.stderr
    assert decisions(home) == []
    assert mergewright("approve", RUN, MERGEWRIGHT_USER="Bo").returncode == 0


def test_two_people_must_approve_where_it_takes_two(home, mergewright):
    asking(home, needed=2)
    first = mergewright("approve", RUN, MERGEWRIGHT_USER="ada")
    assert "it takes 1 more" in " ".join(first.stdout.split())
    again = mergewright("approve", RUN, MERGEWRIGHT_USER="ADA")
    assert again.returncode == 3
    second = json.loads(mergewright("approve", RUN, "--json", MERGEWRIGHT_USER="bo").stdout)
    assert second["settled"] is True
    assert [one.by for one in decisions(home)] == ["ada", "bo"]


def test_a_finished_run_takes_no_decision(home, mergewright):
    example_log.write(home, example_log.delivered())
    done = mergewright("approve", "last")
    assert done.returncode == 8
    assert "is finished (delivered)" in done.stderr
    assert decisions(home) == []
