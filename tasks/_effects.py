"""Outside effects: the intent is written first, then the client looks and acts, then the outcome.

An effect whose outcome is in the log is not tried again; one that was interrupted in between is found
by the client's own look (every port method looks first).
"""

from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter

from mergewright.clients.ports import Effect
from mergewright.domain.events import EffectDone, EffectIntended
from mergewright.events.journal import Journal

V = TypeVar("V")


def perform(
    journal: Journal,
    *,
    effect: str,
    target: str,
    form: type[V],
    act: Callable[[], Effect[V]],
    reference: Callable[[V], str],
) -> V:
    """Change something outside once, and return what is there afterwards.

    Args:
        journal: Journal of the stage.
        effect: What kind of change: `branch`, `pull request`, `comment` ...
        target: What it is done to; with `effect` its natural key in the run.
        form: Type of the value.
        act: Looks and acts.
        reference: By what the result is found again: URL, commit or number.
    """
    adapter = TypeAdapter(form)
    key = f"{effect}:{target}"
    done = journal.store.find(journal.run_id, "effect_done", key)
    if done is not None and isinstance(done.event, EffectDone):
        return adapter.validate_python(done.event.result["value"])
    journal.append(journal.make(EffectIntended, key=key, effect=effect, target=target))
    outcome = act()
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
