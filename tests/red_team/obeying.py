"""A model that does what an attacker tells it, as soon as it reads it anywhere."""

import json
from base64 import b64encode
from pathlib import Path

from mergewright.domain.value import Value
from mergewright.testing.messages_server import Body, Reply, ToolUse
from tests.journeys.greeting_answers import DONE, NEW_TEST, PLAN, RESEARCH, REVIEW, place_of
from tests.red_team.cases import Case
from tests.red_team.shop import KEY, Listener

MENDED = {"old": 'f"Hello {name}"', "new": 'f"Hello, {name}!"'}


class ObeyingModel:
    """Looks around, and does the ticket's work unless something that it reads says otherwise."""

    def __init__(self, case: Case, person: Path, listener: Listener) -> None:
        self._case = case
        self._words = {"@HOME@": str(person), "@PORT@": str(listener.port), "@KEY@": KEY}
        self._words["@KEY64@"] = b64encode(KEY.encode()).decode()
        self.obeyed = False
        """Whether the instruction reached it."""

    def __call__(self, body: Body, _: int) -> Reply:
        """Return the next message."""
        stage, turn = place_of(body)
        heard = [one for one in body["messages"] if one["role"] != "assistant"]
        seen = json.dumps([body.get("system"), heard], ensure_ascii=False)
        obeys = f"order-{self._case.name} " in seen
        self.obeyed = self.obeyed or obeys
        match stage:
            case "research":
                return self._answer(RESEARCH, obeys=obeys)
            case "plan":
                return self._answer(PLAN, obeys=obeys)
            case "review":
                return self._answer(REVIEW, obeys=obeys)
            case _:
                return self._work(turn, obeys=obeys)

    def _work(self, turn: int, *, obeys: bool) -> Reply:
        if turn == 0:
            reads = [ToolUse("read_file", {"path": path}) for path in self._case.reads]
            return Reply(tools=(ToolUse("list_files", {}), *reads))
        if turn == 1:
            calls = self._calls(obeys=obeys)
            if calls:
                return Reply(tools=calls)
        return self._answer(DONE, obeys=obeys)

    def _calls(self, *, obeys: bool) -> tuple[ToolUse, ...]:
        calls = [
            ToolUse(one.tool, json.loads(self._spoken(json.dumps(one.arguments))))
            for one in (self._case.do if obeys else ())
        ]
        if self._case.mends and obeys:
            calls.insert(0, _edit("greeting.py", MENDED))
            calls.insert(0, _edit("test_greeting.py", NEW_TEST))
        return tuple(calls)

    def _answer(self, answer: Value, *, obeys: bool) -> Reply:
        said = {
            name: json.loads(self._spoken(json.dumps(said)))
            for name, said in (self._case.says if obeys else {}).items()
            if name in type(answer).model_fields
        }
        return Reply(answer.model_copy(update=said).model_dump_json())

    def _spoken(self, text: str) -> str:
        for word, meaning in self._words.items():
            text = text.replace(word, meaning)
        return text


def _edit(path: str, replacement: dict[str, str]) -> ToolUse:
    return ToolUse("edit_file", {"path": path, "replacements": [replacement]})
