"""What a Messages server plays for GREET-1 when others have something to say about its pull request.

Each complaint has the agent add one test that its words name, so that every round makes another change.
"""

import json

from mergewright.domain.changeset import ImplementationSummary
from mergewright.domain.review import CriterionVerdict, Review, ReviewVerdict
from mergewright.testing.messages_server import Body, Reply, ToolUse
from tests.journeys import greeting_answers
from tests.journeys.greeting_answers import turn_of

ADDED = '\n\ndef test_{name}():\n    assert greet("{value}") == "Hello, {value}!"\n'
COMPLAINTS = {"wants_grace": "Grace", "wants_ada": "Ada Lovelace", "fails_elsewhere": "Bo"}
"""A word that a complaint holds, and whom the test greets that the agent adds for it."""
NOTHING = ImplementationSummary(
    summary="It greets people by name.", commit_subject="Nothing has to be changed"
)
LAST_TEST = 'def test_a_greeting_has_a_comma():\n    assert greet("Ada") == "Hello, Ada!"\n'


def reply(body: Body, number: int) -> Reply:
    """Answer as for the ticket, but for a complaint with a word of ours."""
    fields = body["output_config"]["format"]["schema"]["properties"]
    opening = json.dumps(body["messages"][0], ensure_ascii=False)
    if "verdict" in fields:
        return Reply(_review(opening).model_dump_json())
    if "say: only_asks" in opening:
        return Reply(NOTHING.model_dump_json())
    word = next((word for word in COMPLAINTS if f"say: {word}" in opening), "")
    if "commit_subject" not in fields or not word:
        return greeting_answers.reply(body, number)
    if turn_of(body) == 0:
        value = COMPLAINTS[word]
        edit = {"old": LAST_TEST, "new": LAST_TEST + ADDED.format(name=word, value=value)}
        arguments = {"path": "test_greeting.py", "replacements": [edit]}
        return Reply(tools=(ToolUse("edit_file", arguments),))
    done = ImplementationSummary(
        summary=f"There is a test for {COMPLAINTS[word]}.",
        commit_subject=f"Test the greeting of {COMPLAINTS[word]}",
    )
    return Reply(done.model_dump_json())


def _review(opening: str) -> Review:
    met = [CriterionVerdict(criterion=greeting_answers.CRITERION, met=True, evidence="tests")]
    if "review comment of" in opening:
        met.append(CriterionVerdict(criterion="the comment", met=True, evidence="tests"))
    return Review(verdict=ReviewVerdict.APPROVE, summary="As asked for.", criteria=tuple(met))
