"""What a Messages API server plays for a hotfix of GREET-1, and the repository that it is about."""

import json
from collections.abc import Callable
from pathlib import Path

from mergewright.domain.changeset import ImplementationSummary
from mergewright.domain.reproduction import ReproductionAnswer
from mergewright.testing.messages_server import Body, Reply, ToolUse
from tests.journeys import greeting_answers
from tests.journeys.greeting_answers import DONE, FILES, NEW_TEST, PLAN, REVIEW, TICKET
from tests.journeys.places import commit_all, git
from tests.journeys.tally_answers import turn_of

SHOWN = ReproductionAnswer(
    reproduced=True,
    summary="`greet` joins the words without a comma.",
    likely_cause="greeting.py, the text of `greet`.",
)
RED = "test_greeting.py::test_a_greeting_has_a_comma"
NOT_SHOWN = ReproductionAnswer(
    reproduced=False,
    summary="The greeting has what the ticket asks for.",
    tried=("Greeted Ada, who was greeted with a comma.", "Greeted nobody."),
    questions=("Who was greeted, and in which version?",),
)
RESOLVED = ImplementationSummary(
    summary="Kept the good day, and put the comma into it.", commit_subject="Resolve the conflict"
)
FIX = {"old": 'f"Hello {name}"', "new": 'f"Hello, {name}!"'}
OTHER_LINE = ('"""Greets."""', '"""Greets people."""')
SAME_LINE = ('return f"Hello {name}"', 'return f"Hello {name}"  # politely')


def _say(answer: object) -> Reply:
    return Reply(answer.model_dump_json())  # type: ignore[attr-defined]  # any answer of an agent


def _edit(path: str, **replacement: str) -> ToolUse:
    return ToolUse("edit_file", {"path": path, "replacements": [replacement]})


RUN_CHECKS = Reply(tools=(ToolUse("run_checks", {}),))
MERGED = FILES["greeting.py"].replace(
    'return f"Hello {name}"', 'return f"Hello, {name}!"  # politely'
)
ANSWERS: dict[str, tuple[Reply, ...]] = {
    "reproduce": (Reply(tools=(_edit("test_greeting.py", **NEW_TEST),)), RUN_CHECKS, _say(SHOWN)),
    "plan": (_say(PLAN),),
    "implement": (Reply(tools=(_edit("greeting.py", **FIX),)), RUN_CHECKS, _say(DONE)),
    "repair": (
        Reply(
            tools=(
                ToolUse(
                    "create_file", {"path": "greeting.py", "content": MERGED, "overwrite": True}
                ),
            )
        ),
        _say(RESOLVED),
    ),
    "review": (_say(REVIEW),),
}
CALLS = 3 + 1 + 3 + 1
"""Until the pull request to the release is open."""


def place_of(body: Body) -> tuple[str, int]:
    """Return the stage and the turn that a request asks for."""
    if "reproduced" in body["output_config"]["format"]["schema"]["properties"]:
        return "reproduce", turn_of(body)
    stage, turn = greeting_answers.place_of(body)
    asked_again = "Your change is not good enough yet" in json.dumps(body["messages"][0])
    return ("repair" if asked_again and stage == "implement" else stage), turn


def playing(**other: tuple[Reply, ...]) -> Callable[[Body, int], Reply]:
    """Return what answers as the agents do, but for the stages that are given."""
    answers = ANSWERS | other

    def reply(body: Body, _: int) -> Reply:
        stage, turn = place_of(body)
        return answers[stage][turn]

    return reply


def make_repository(folder: Path, moved: tuple[str, str] = OTHER_LINE) -> str:
    """Make a repository whose release v1.4.2 has the fault, and whose main branch has gone on.

    Args:
        folder: Where.
        moved: A text of greeting.py, and what it became on the main branch.

    Returns:
        The commit of the release.
    """
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch", "main")
    for name, text in FILES.items():
        (folder / name).write_text(text)
    commit_all(folder, "Greet")
    git(folder, "tag", "v1.4.2")
    released = git(folder, "rev-parse", "v1.4.2^{commit}").strip()
    path = folder / "greeting.py"
    path.write_text(path.read_text().replace(*moved))
    commit_all(folder, "Go on")
    return released


def make_ticket(path: Path) -> Path:
    """Write the ticket."""
    path.write_text(TICKET)
    return path
