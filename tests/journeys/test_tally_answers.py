import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from langchain.agents.structured_output import ProviderStrategy
from langchain_core.messages import HumanMessage
from pydantic import SecretStr

from mergewright.agents.limits import AgentLimits
from mergewright.agents.models import connect_model
from mergewright.agents.tools import editing_tools, reading_tools
from mergewright.clients.documents import read_document
from mergewright.clients.ticket_file import read_ticket
from mergewright.domain.plan import Plan, Research
from mergewright.domain.review import Review
from mergewright.testing.messages_server import MessagesServer
from tests.journeys.tally_answers import SECOND_ROUND_MARKS, STAGES, reply
from tests.journeys.tally_edits import SPLITTING_TESTS

DEMO = Path(__file__).parents[2] / "mergewright" / "demo"
RUFF = Path(sys.executable).with_name("ruff")
REFUND_TEST = "tests/test_ledger.py::test_a_refund_undoes_its_expense"
REFUND_BY_SHARES_TEST = f"{SPLITTING_TESTS}::test_a_refund_by_shares_is_split_like_its_expense"

pytestmark = pytest.mark.journey


def run(folder, *argv):
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        argv, cwd=folder, env=os.environ | alone, capture_output=True, text=True, check=False
    )


def red_tests(folder):
    """Run the repository's tests and return the ids of those that are red."""
    tests = run(folder, sys.executable, "-m", "pytest", "-q", "--tb=no", "-p", "no:cacheprovider")
    assert tests.returncode in {0, 1}, tests.stdout
    return set(re.findall(r"^FAILED (\S+)", tests.stdout, re.MULTILINE))


def complaints(folder):
    """Run the linter as the repository's README says."""
    commands = (("check", "--quiet"), ("format", "--check", "--quiet"))
    lints = [run(folder, RUFF, *command, "--no-cache", ".") for command in commands]
    return "".join(lint.stdout + lint.stderr for lint in lints if lint.returncode)


def play(folder, stage):
    """Use the tools as the recorded agent does; return the red tests of each run of the checks."""
    tools = {tool.name: tool for tool in (*reading_tools(folder), *editing_tools(folder))}
    outcomes = []
    for turn in STAGES[stage]:
        for call in turn.calls:
            if call.tool == "run_checks":
                outcomes.append(red_tests(folder))
            else:
                tools[call.tool].invoke(call.arguments)
    return outcomes


def answer_of(stage):
    return STAGES[stage][-1].answer


@pytest.fixture
def tally(tmp_path):
    folder = tmp_path / "tally"
    clone = run(tmp_path, "git", "clone", "--quiet", str(DEMO / "tally.bundle"), str(folder))
    assert clone.returncode == 0, clone.stderr
    return folder


def test_the_bundle_is_a_green_repository_with_a_history(tally):
    assert run(tally, "git", "branch", "--show-current").stdout == "main\n"
    assert run(tally, "git", "tag").stdout == "v0.3.0\n"
    assert len(run(tally, "git", "log", "--format=%h").stdout.split()) == 17
    assert red_tests(tally) == set()
    assert complaints(tally) == ""


def test_the_stages_go_from_red_to_green_in_a_real_clone(tally):
    for stage in ("research", "plan"):
        assert play(tally, stage) == []
    reproduced, first_try, mended = play(tally, "implement")
    assert len(reproduced) == 11
    assert {name.split("::")[0] for name in reproduced} == {SPLITTING_TESTS}
    assert first_try == {REFUND_TEST}
    assert mended == set()
    assert complaints(tally) == ""

    assert play(tally, "review-0") == []
    missing, repaired = play(tally, "repair-1")
    assert missing == {REFUND_BY_SHARES_TEST}
    assert repaired == set()
    assert play(tally, "review-1") == []
    assert complaints(tally) == ""

    changed = run(tally, "git", "status", "--porcelain", "--untracked-files=all").stdout.split()
    assert changed[1::2] == ["CHANGELOG.md", "src/tally/money.py", SPLITTING_TESTS]
    run(tally, "git", "restore", "src")
    assert len(red_tests(tally)) == 13


def test_the_findings_name_lines_that_are_there(tally):
    research = answer_of("research")
    assert isinstance(research, Research)
    named = [source for finding in research.findings for source in finding.sources]
    lines = {
        (source.path, source.line): (tally / source.path).read_text().splitlines()[source.line - 1]
        for source in named
        if source.line
    }
    assert [text.strip().split("(")[0] for text in lines.values()] == [
        "return [Money",
        "return [Money",
        "balances[expense.payer] = paid + expense.amount",
        "assert Money",
        "def test_a_refund_undoes_its_expense",
        "A negative number is rounded like the positive one.",
        "Every change that a user notices has a line in `CHANGELOG.md`.",
    ]


def test_plan_and_reviews_judge_the_criteria_of_the_ticket():
    ticket = read_ticket(read_document(DEMO / "TALLY-7.md"), url="")
    plan, first, second = answer_of("plan"), answer_of("review-0"), answer_of("review-1")
    assert isinstance(plan, Plan)
    assert plan.acceptance_criteria == ticket.acceptance_criteria
    for review in (first, second):
        assert isinstance(review, Review)
        judged = {verdict.criterion for verdict in review.criteria}
        assert judged == set(ticket.acceptance_criteria)
    assert not first.approves
    assert second.approves


@pytest.mark.parametrize("stage", STAGES)
def test_a_request_gets_the_turn_of_its_stage_through_the_real_client(tmp_path, stage):
    first = STAGES[stage][0]
    opening = HumanMessage(SECOND_ROUND_MARKS[0] if stage.endswith("-1") else "the ticket")
    with MessagesServer(reply) as server:
        model = connect_model(
            "anthropic:claude-opus-5-5",
            limits=AgentLimits(),
            api_key=SecretStr("unused"),
            base_url=server.url,
        )
        form = ProviderStrategy(type(answer_of(stage))).to_model_kwargs()
        answer = model.bind_tools(reading_tools(tmp_path), **form).invoke([opening])
    assert answer.text == first.text
    assert [(call["name"], call["args"]) for call in answer.tool_calls] == list(first.calls)
    assert answer.usage_metadata["input_tokens"] > 530
