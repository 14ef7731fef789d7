"""A run's model answers kept as a file, and a chat model that plays them back.

An answer is found by its stage and its turn, so that a recording survives a reworded prompt; an
answer to another request than the one recorded is counted as drift and still played.
"""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import Field, ValidationError

from mergewright.agents.exchange import decode_answer, request_digest, turn_of
from mergewright.domain.events import Event, ModelAnswered
from mergewright.domain.logged_event import Json
from mergewright.domain.value import Value
from mergewright.errors import AnswerUnusable, SettingInvalid
from mergewright.testing.unbound_model import UnboundModel

DRIFT = "Recorded answer to another request than this one"
"""How every note about drift begins."""


class CassetteEntry(Value):
    """One recorded answer and its place."""

    stage: str
    turn: int = Field(ge=0)
    """How many answers the conversation already held."""
    model: str
    """Who gave it, as `provider:name`."""
    request_digest: str
    answer: Json


class Cassette(Value):
    """The model answers of one run."""

    format: Literal[1] = 1
    title: str
    entries: tuple[CassetteEntry, ...] = Field(min_length=1)

    @property
    def models(self) -> tuple[str, ...]:
        """Who answered, in order of appearance."""
        return tuple(dict.fromkeys(entry.model for entry in self.entries))

    def model_of(self, stage: str) -> str:
        """Return whose answers a stage has; of a stage without answers, whose the first are."""
        models = [entry.model for entry in self.entries if entry.stage == stage]
        return models[0] if models else self.entries[0].model

    def entry(self, stage: str, turn: int) -> CassetteEntry | None:
        """Return the answer at a place, if there is one."""
        here = (entry for entry in self.entries if (entry.stage, entry.turn) == (stage, turn))
        return next(here, None)


def load_cassette(path: Path) -> Cassette:
    """Read a recording.

    Raises:
        SettingInvalid: There is no such file, or it is not a recording.
    """
    try:
        return Cassette.model_validate_json(path.read_bytes())
    except OSError as error:
        raise SettingInvalid(
            f"The recording {str(path)!r} cannot be read: {error.strerror}.",
            hint="Write recorded:PATH with the path of a file that `mergewright record` made.",
        ) from error
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in fault["loc"]) or "the file"
        raise SettingInvalid(
            f"{str(path)!r} is not a recording: {place}: {fault['msg']}.",
            hint="Record it again with `mergewright record`.",
        ) from error


def cassette_of(events: Iterable[Event], title: str) -> Cassette:
    """Make a recording of a run's answers; of several at one place, the last was the one used.

    Raises:
        SettingInvalid: The run has no answers.
    """
    answers = [event for event in events if isinstance(event, ModelAnswered)]
    if not answers:
        raise SettingInvalid(
            "The run has no model answers to record.",
            hint="Choose a run that got at least as far as research.",
        )
    entries = {
        (answered.stage, answered.turn): CassetteEntry(
            stage=answered.stage,
            turn=answered.turn,
            model=answered.model,
            request_digest=answered.request_digest,
            answer=answered.answer,
        )
        for answered in answers
    }
    return Cassette(title=title, entries=tuple(entries.values()))


def save_cassette(cassette: Cassette, path: Path) -> None:
    """Write a recording as JSON that a person can read and compare.

    Raises:
        SettingInvalid: The file cannot be written.
    """
    text = json.dumps(cassette.model_dump(mode="json"), indent=1, ensure_ascii=False)
    try:
        path.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise SettingInvalid(
            f"The recording {str(path)!r} cannot be written: {error.strerror}.",
            hint="Choose a folder that exists and may be written.",
        ) from error


class RecordedModel(UnboundModel):
    """Plays the answers of one stage of a recording; keeps no state."""

    cassette: Cassette
    stage: str
    on_drift: Callable[[str], None] | None = None
    """Told in words about each answer whose request is not the recorded one."""

    @property
    def _llm_type(self) -> str:
        return "recorded"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 - part of LangChain's signature
        **kwargs: Any,  # noqa: ANN401 - LangChain's own signature
    ) -> ChatResult:
        """Return the recorded answer at this place.

        Raises:
            AnswerUnusable: The recording has none.
        """
        turn = turn_of(messages)
        entry = self.cassette.entry(self.stage, turn)
        if entry is None:
            raise AnswerUnusable(
                f"The recording {self.cassette.title!r} has no answer for stage {self.stage!r}, "
                f"turn {turn}: it does not fit this repository or ticket.",
                hint="Use the repository and ticket it was recorded with, or a real model: "
                "--model anthropic:claude-opus-5-5.",
            )
        settings = {**kwargs, "stop": stop} if stop else kwargs
        if self.on_drift and request_digest(messages, settings) != entry.request_digest:
            self.on_drift(f"{DRIFT}: {self.stage!r}, turn {turn}")
        return ChatResult(generations=[ChatGeneration(message=decode_answer(entry.answer))])
