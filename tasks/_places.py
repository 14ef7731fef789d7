"""Where effects are undone, and what the log holds of them."""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from blocks.profile import DeliveryProfile
from mergewright.domain.delivery import Run
from mergewright.domain.undo import UndoneEffect, UndoStep
from mergewright.domain.value import Value
from mergewright.errors import Rejected

F = TypeVar("F", bound=Value)


class Place(NamedTuple):
    """Where an effect is undone, and what came of those before it."""

    run: Run
    profile: DeliveryProfile
    so_far: tuple[UndoneEffect, ...]
    rehearse: bool
    """Only look, and say what would come of it."""


def trace_of(form: type[F], fields: Mapping[str, Any], step: UndoStep) -> F:
    """Return what the log holds of an effect, in its form.

    Raises:
        Rejected: It holds too little.
    """
    try:
        return form.model_validate(fields)
    except ValidationError as error:
        raise Rejected(
            f"The log does not tell what there was before the {step.effect} {step.target!r}.",
            hint="Another version of Mergewright made it; take it back by hand.",
        ) from error
