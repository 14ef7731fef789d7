"""Outside effects: the intent is written first, then the client looks and acts, then the outcome.

An effect whose outcome is in the log is not tried again; one that was interrupted in between is found
by the client's own look (every port method looks first). The first intent holds what was there before,
and the last one what was wanted, so that undoing needs nothing but the log. An effect that was undone is
a new one when it is wanted again. One that could not even be looked at is put off: its intent holds all
that doing it later needs.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter

from mergewright.clients.ports import Effect
from mergewright.domain.events import EffectDone, EffectIntended
from mergewright.errors import (
    AccessDenied,
    NotFound,
    RateLimited,
    Rejected,
    ServiceError,
    ServiceUnavailable,
)
from mergewright.events.journal import Journal
from mergewright.events.undo_list import intent_key, undone_key
from mergewright.safety.outgoing import refuse_secrets, texts_of
from mergewright.safety.redaction import redact

V = TypeVar("V")

TOLD = frozenset({"message", "status message"})
"""Effects that go without what they must not hold, and are never refused for it."""


def perform(
    journal: Journal,
    *,
    effect: str,
    target: str,
    form: type[V],
    wanted: BaseModel,
    act: Callable[[], Effect[V]],
    reference: Callable[[V], str],
    before: Callable[[], BaseModel] | None = None,
) -> V:
    """Change something outside once, and return what is there afterwards.

    Args:
        journal: Journal of the stage.
        effect: What kind of change: `branch`, `pull request`, `comment` ...
        target: What it is done to; with `effect` its natural key in the run.
        form: Type of the value.
        wanted: What is to be there, by which undoing tells ours from others'.
        act: Looks and acts.
        reference: By what the result is found again: URL, commit or number.
        before: Looks what is there before anything is done; asked once, however often it is tried.

    Raises:
        SecretFound: The name or the text of it holds what looks like a secret; nothing was done.
        ServiceError: It was refused, or nobody answered.
    """
    adapter = TypeAdapter(form)
    key = effect_key(journal, effect, target)
    done = journal.store.find(journal.run_id, "effect_done", key)
    if done is not None and isinstance(done.event, EffectDone):
        return adapter.validate_python(done.event.result["value"])
    if effect not in TOLD:
        refuse_secrets(effect, target, *texts_of(wanted))
    _intend(journal, key, effect, target, wanted, before)
    try:
        outcome = act()
    except ServiceError as error:
        _note_refusal(journal, key, error)
        raise
    plain = outcome.value
    journal.append(
        journal.make(
            EffectDone,
            key=key,
            effect=effect,
            target=target,
            found=outcome.found,
            reference=reference(plain),
            result={
                "value": plain.model_dump(mode="json") if isinstance(plain, BaseModel) else plain
            },
        )
    )
    return plain


def or_note(journal: Journal, what: str, act: Callable[[], V]) -> V | None:
    """Do what a run goes on without; what is refused is noted, with what would help.

    Args:
        journal: Journal of the stage.
        what: What is not so when it is refused, as `Nobody was asked for a review`.
        act: Does it.

    Raises:
        ServiceUnavailable: The service did not answer.
        RateLimited: It asks to wait.
    """
    try:
        return act()
    except (AccessDenied, NotFound, Rejected) as error:
        journal.note(f"{what}: {error.message} {error.hint}".strip())
        return None


def effect_key(journal: Journal, effect: str, target: str) -> str:
    """Return the natural key of an effect that is wanted now: another one after each undoing."""
    key, undone = f"{effect}:{target}", 0
    while journal.store.find(journal.run_id, "effect_undone", undone_key(key)) is not None:
        undone += 1
        key = f"{effect}:{target}#{undone + 1}"
    return key


def _intend(
    journal: Journal,
    key: str,
    effect: str,
    target: str,
    wanted: BaseModel,
    before: Callable[[], BaseModel] | None,
) -> None:
    """Write the intent down, if it is not what was intended last."""
    plain = wanted.model_dump(mode="json")
    intents = _intents(journal, key)
    # The first intent has the key; one that takes its place names it.
    fields: dict[str, object] = {"effect": effect, "target": target, "wanted": plain}
    fields |= {"effect_key" if intents else "key": key}
    is_begun = any(not intent.put_off for intent in intents)
    if not is_begun:
        try:
            fields["before"] = before().model_dump(mode="json") if before else {}
        except ServiceError as error:
            later = {"put_off": True, "refused": _is_no(error), "reason": redact(error.message)}
            if not intents or not _says(intents[-1], {"wanted": plain, **later}):
                journal.append(journal.make(EffectIntended, **fields, **later))
            raise
    elif intents[-1].wanted == plain and not intents[-1].put_off:
        return
    journal.append(journal.make(EffectIntended, **fields))


def _note_refusal(journal: Journal, key: str, error: ServiceError) -> None:
    """Write down that the service said no, if it did; its effect stays open, and says so."""
    last = _intents(journal, key)[-1]
    told = {"refused": True, "reason": redact(error.message)}
    if _is_no(error) and not _says(last, told):
        fields = last.model_dump(include={"effect", "target", "wanted"})
        journal.append(journal.make(EffectIntended, **fields, effect_key=key, **told))


def _is_no(error: ServiceError) -> bool:
    """Say whether the service answered, and will answer the same again."""
    return not isinstance(error, ServiceUnavailable | RateLimited)


def _says(intent: EffectIntended, fields: Mapping[str, object]) -> bool:
    return all(getattr(intent, name) == value for name, value in fields.items())


def put_off(
    journal: Journal, *, effect: str, target: str, wanted: BaseModel, reason: str = ""
) -> None:
    """Write down what is to be done later: it was not tried, or surely nothing came of it.

    Raises:
        StoreFailed: The log cannot be read or written.
    """
    key = effect_key(journal, effect, target)
    intents = _intents(journal, key)
    if not intents or not intents[-1].put_off:
        fields = {"effect": effect, "target": target, "wanted": wanted.model_dump(mode="json")}
        fields |= {"effect_key" if intents else "key": key}
        journal.append(journal.make(EffectIntended, **fields, put_off=True, reason=reason))


def _intents(journal: Journal, key: str) -> list[EffectIntended]:
    return [
        stored.event
        for stored in journal.store.read(run_id=journal.run_id, types=("effect_intended",))
        if isinstance(stored.event, EffectIntended) and intent_key(stored.event) == key
    ]
