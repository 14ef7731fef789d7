"""What there is to undo of a run: a projection of its events, like everything about it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from mergewright.domain.events import EffectDone, EffectIntended, EffectUndone, Event
from mergewright.domain.undo import MESSAGE, UndoneEffect, UndoStep

CORRECTION = "correction"
"""What is sent because a message cannot be taken back; itself nothing to undo."""


@dataclass(slots=True)
class _Effect:
    effect: str
    target: str
    intents: list[EffectIntended] = field(default_factory=list)
    done: EffectDone | None = None
    undone: EffectUndone | None = None

    def step(self, key: str) -> UndoStep:
        return UndoStep(
            key=key,
            effect=self.effect,
            target=self.target,
            done=self.done is not None,
            reference=self.done.reference if self.done else "",
            before=self.intents[0].before if self.intents else {},
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
        if effect.effect != CORRECTION and not _is_settled(effect)
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
