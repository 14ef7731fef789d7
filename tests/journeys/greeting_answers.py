"""What a Messages API server plays for GREET-1: the smallest ticket that goes through every stage."""

from mergewright.domain.changeset import ImplementationSummary
from mergewright.domain.plan import Plan, PlannedFile, Research
from mergewright.domain.review import CriterionVerdict, Review, ReviewVerdict
from mergewright.domain.value import Value
from mergewright.testing.messages_server import Body, Reply, ToolUse
from tests.journeys.tally_answers import turn_of

CRITERION = "greet('Ada') returns 'Hello, Ada!'"

FILES = {
    "greeting.py": (
        '"""Greets."""\n\n\ndef greet(name: str) -> str:\n'
        '    """Return a greeting."""\n    return f"Hello {name}"\n'
    ),
    "test_greeting.py": (
        "from greeting import greet\n\n\ndef test_greets_by_name():\n"
        '    assert "Ada" in greet("Ada")\n'
    ),
}

TICKET = f"""---
key: GREET-1
title: A greeting has a comma
kind: bug
acceptance_criteria:
  - {CRITERION}
---
The greeting reads `Hello Ada`. It should have a comma and an exclamation mark: `Hello, Ada!`.
"""

NEW_TEST = {
    "old": '    assert "Ada" in greet("Ada")\n',
    "new": (
        '    assert "Ada" in greet("Ada")\n\n\n'
        'def test_a_greeting_has_a_comma():\n    assert greet("Ada") == "Hello, Ada!"\n'
    ),
}

RESEARCH = Research(summary="One function greets.", likely_cause="The text has no comma.")
PLAN = Plan(
    summary="Correct the text.",
    steps=("Correct the text in `greet`.",),
    files=(PlannedFile(path="greeting.py", action="edit", why="The text is here."),),
    acceptance_criteria=(CRITERION,),
    test_plan=("A test with the whole greeting.",),
)
DONE = ImplementationSummary(
    summary="The greeting has a comma.", commit_subject="Put a comma into the greeting"
)
REVIEW = Review(
    verdict=ReviewVerdict.APPROVE,
    summary="As the ticket says.",
    criteria=(CriterionVerdict(criterion=CRITERION, met=True, evidence="test_greeting.py"),),
)


def _say(answer: Value) -> Reply:
    return Reply(answer.model_dump_json())


def _edit(path: str, **replacement: str) -> ToolUse:
    return ToolUse("edit_file", {"path": path, "replacements": [replacement]})


ANSWERS: dict[str, tuple[Reply, ...]] = {
    "research": (_say(RESEARCH),),
    "plan": (_say(PLAN),),
    "implement": (
        Reply(
            tools=(
                _edit("test_greeting.py", **NEW_TEST),
                _edit("greeting.py", old='f"Hello {name}"', new='f"Hello, {name}!"'),
            )
        ),
        Reply(tools=(ToolUse("run_checks", {}),)),
        _say(DONE),
    ),
    "review": (_say(REVIEW),),
}
CALLS = sum(len(turns) for turns in ANSWERS.values())

_STAGES_BY_FIELD = {
    "likely_cause": "research",
    "steps": "plan",
    "commit_subject": "implement",
    "verdict": "review",
}


def place_of(body: Body) -> tuple[str, int]:
    """Return the stage and the turn that a request asks for."""
    fields = body["output_config"]["format"]["schema"]["properties"]
    stage = next(name for field, name in _STAGES_BY_FIELD.items() if field in fields)
    return stage, turn_of(body)


def reply(body: Body, _: int) -> Reply:
    """Return the next message of the agent that asks."""
    stage, turn = place_of(body)
    return ANSWERS[stage][turn]
