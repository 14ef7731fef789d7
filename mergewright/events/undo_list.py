"""What there is to undo of a run, and what is left to do: projections of its events."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from mergewright.domain.events import (
    EffectDone,
    EffectIntended,
    EffectUndone,
    Event,
    RunFinished,
)
from mergewright.domain.notice import NoticeEvent
from mergewright.domain.open_effects import OpenEffect
from mergewright.domain.undo import MESSAGE, UndoneEffect, UndoStep

CORRECTION = "correction"
"""What is sent because a message cannot be taken back; itself nothing to undo."""
STATUS_MESSAGE = "status message"
"""What a message says that shows how far the run is; itself nothing to undo."""
_NEVER_UNDONE = frozenset({CORRECTION, STATUS_MESSAGE})


@dataclass(slots=True)
class _Effect:
    effect: str
    target: str
    intents: list[EffectIntended] = field(default_factory=list)
    done: EffectDone | None = None
    undone: EffectUndone | None = None

    @property
    def is_put_off(self) -> bool:
        return self.done is None and bool(self.intents) and self.intents[-1].put_off

    @property
    def asks(self) -> bool:
        notice = self.intents[-1].wanted.get("notice") or {}
        return self.effect == MESSAGE and notice.get("event") == NoticeEvent.APPROVAL_WANTED

    @property
    def is_open(self) -> bool:
        is_ours = bool(self.intents) and self.effect not in _NEVER_UNDONE
        return is_ours and self.done is None and self.undone is None

    def step(self, key: str) -> UndoStep:
        return UndoStep(
            key=key,
            effect=self.effect,
            target=self.target,
            done=self.done is not None,
            reference=self.done.reference if self.done else "",
            before=next((intent.before for intent in self.intents if intent.before), {}),
            wanted=self.intents[-1].wanted if self.intents else {},
            result=self.done.result if self.done else {},
        )


def undo_plan(events: Iterable[Event]) -> tuple[UndoStep, ...]:
    """Return what is to be undone, in this order: the last effect first, messages at the end.

    An effect that was begun and has no outcome in the log counts: it may have happened. What was
    kept is tried again. Messages come last, for their correction tells what came of the others.
    """
    steps = [
        effect.step(key)
        for key, effect in reversed(_effects(events).items())
        if effect.effect not in _NEVER_UNDONE and not _is_settled(effect) and not effect.is_put_off
    ]
    return tuple(sorted(steps, key=lambda step: step.effect == MESSAGE))


def undone_effects(events: Iterable[Event]) -> tuple[UndoneEffect, ...]:
    """Return what was undone already, in the order in which it was done, with what came of it."""
    return tuple(
        UndoneEffect(
            effect=effect.effect,
            target=effect.target,
            outcome=effect.undone.outcome,
            reason=effect.undone.reason,
            reference=effect.undone.reference,
        )
        for effect in _effects(events).values()
        if effect.undone and _is_settled(effect)
    )


def open_effects(events: Iterable[Event]) -> tuple[OpenEffect, ...]:
    """Return what was wanted and is not known to be done, in the order in which it was wanted.

    Once a run is undone, nothing that it wanted before is to be done any more; once it has ended,
    nobody is to be asked for approval.
    """
    events = list(events)
    has_ended = any(isinstance(event, RunFinished) for event in events)
    undoings = [place for place, event in enumerate(events) if isinstance(event, EffectUndone)]
    wanted_since = {id(event) for event in events[max(undoings, default=-1) + 1 :]}
    return tuple(
        OpenEffect(
            run_id=effect.intents[0].run_id,
            stage=effect.intents[-1].stage,
            effect=effect.effect,
            target=effect.target,
            wanted=effect.intents[-1].wanted,
            wanted_at=effect.intents[0].at,
            refused=effect.intents[-1].refused,
            reason=effect.intents[-1].reason,
        )
        for effect in _effects(events).values()
        if effect.is_open
        and id(effect.intents[-1]) in wanted_since
        and not (has_ended and effect.asks)
    )


def undone_key(effect_key: str) -> str:
    """Return the natural key of the event that ends an effect."""
    return f"undo:{effect_key}"


def intent_key(event: EffectIntended) -> str:
    """Return the natural key of the effect that is intended."""
    return event.effect_key or event.key


def _is_settled(effect: _Effect) -> bool:
    return effect.undone is not None and effect.undone.outcome != "kept"


def _effects(events: Iterable[Event]) -> dict[str, _Effect]:
    found: dict[str, _Effect] = {}
    for event in events:
        if not isinstance(event, EffectIntended | EffectDone | EffectUndone):
            continue
        known = found.setdefault(_key(event), _Effect(event.effect, event.target))
        match event:
            case EffectIntended():
                known.intents.append(event)
            case EffectDone():
                known.done = event
            case EffectUndone():
                known.undone = event
    return found


def _key(event: EffectIntended | EffectDone | EffectUndone) -> str:
    if isinstance(event, EffectDone):
        key = event.key
    elif isinstance(event, EffectUndone):
        key = event.effect_key
    else:
        key = intent_key(event)
    return key or f"{event.effect}:{event.target}"
