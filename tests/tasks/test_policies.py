"""The identity of a stage's result: what must change it, and what must not."""

import ast
import importlib
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from prefect import Task

from mergewright.domain.delivery import Run
from mergewright.domain.ticket import Ticket
from mergewright.domain.workspace import Workspace
from mergewright.errors import AnswerUnusable, ServiceUnavailable
from mergewright.events.journal import utc_now
from tasks._policies import cache_key, is_paid, is_retryable
from tasks.checks import check_base

RUN = Run(
    id="tally-7-abc",
    workflow="standard_dev",
    profile="local",
    ticket="T-1",
    repository="/r",
    base="main",
    model=None,
    budget_usd=Decimal(1),
    started_at=utc_now(),
)
TICKET = Ticket(key="T-1", title="t", description="d")


def key(name="Plan", **parameters):
    context = SimpleNamespace(task=SimpleNamespace(name=name, task_key=f"tasks.{name}"))
    return cache_key(context, {"run": RUN, "ticket": TICKET, **parameters})


def test_equal_work_has_one_key_and_other_work_another():
    assert key() == key()
    others = [
        key(name="Research"),
        key(ticket=TICKET.model_copy(update={"title": "u"})),
        key(run=RUN.model_copy(update={"id": "tally-7-def"})),
        key(attempt=1),
        key(files=("a",)),
    ]
    assert len({key(), *others}) == len(others) + 1


def test_more_money_and_other_approvals_are_the_same_work():
    richer = RUN.model_copy(update={"budget_usd": Decimal(9), "approve": ("plan",)})
    assert key(run=richer) == key()


def test_a_workspace_is_the_same_wherever_it_lies():
    here = Workspace(
        repository="/r",
        mirror=Path("/home/ada/mirror"),
        path=Path("/home/ada/worktree"),
        branch="fix/t-1",
        base="main",
        base_commit="1" * 40,
        base_tree="2" * 40,
        committed_at=RUN.started_at,
    )
    there = here.model_copy(update={"mirror": Path("/m"), "path": Path("/w")})
    assert key(workspace=here) == key(workspace=there)
    assert key(workspace=here) != key(workspace=here.model_copy(update={"base_tree": "3" * 40}))


def test_what_has_no_stable_form_is_refused():
    with pytest.raises(TypeError, match="set"):
        key(names={"a", "b"})


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (ServiceUnavailable("down"), True),
        (AnswerUnusable("nonsense"), False),
        (ValueError("a fault"), False),
    ],
)
def test_only_errors_that_say_so_are_tried_again(error, again):
    state = SimpleNamespace(result=lambda raise_on_failure: error)
    assert is_retryable(None, None, state) is again


def test_a_stage_in_which_an_agent_works_is_known_to_cost_money():
    found = {}
    for path in sorted((Path(__file__).parents[2] / "tasks").glob("[a-z]*.py")):
        functions = {
            node.name: node
            for node in ast.parse(path.read_text()).body
            if isinstance(node, ast.FunctionDef)
        }
        asking = {"ask_agent", "change_files"}
        for _ in functions:
            asking |= {name for name, node in functions.items() if asking & called_in(node)}
        for name in asking & functions.keys():
            made = getattr(importlib.import_module(f"tasks.{path.stem}"), name)
            if isinstance(made, Task):
                found[made.name] = is_paid(made)
    assert {"Research", "Plan", "Implement", "Repair", "Reproduce the fault"} <= found.keys()
    assert set(found.values()) == {True}
    assert not is_paid(check_base)


def called_in(node):
    calls = (one.func for one in ast.walk(node) if isinstance(one, ast.Call))
    return {call.id for call in calls if isinstance(call, ast.Name)}
