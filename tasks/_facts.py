"""Facts from outside that a run keeps in its log, so that it goes on with them on any machine."""

from collections.abc import Callable
from typing import TypeVar

from pydantic import ValidationError

from mergewright.domain.events import FactPinned
from mergewright.domain.value import Value
from mergewright.errors import StoreFailed
from mergewright.events.journal import Journal

F = TypeVar("F", bound=Value)


def pinned(journal: Journal, name: str, form: type[F], find: Callable[[], F]) -> F:
    """Return a fact as the run found it first, and find it only if it has none of the name.

    Args:
        journal: Journal of the stage that needs it.
        name: What it is.
        form: Its type.
        find: Asks outside.

    Raises:
        StoreFailed: The log cannot be read or written, or holds another form of it.
    """
    held = recall(journal, name, form)
    if held is not None:
        return held
    found = find()
    journal.append(
        journal.make(FactPinned, key=name, name=name, value=found.model_dump(mode="json"))
    )
    return found


def recall(journal: Journal, name: str, form: type[F]) -> F | None:
    """Return a fact that the run keeps, or None if it keeps none of the name.

    Raises:
        StoreFailed: The log cannot be read, or holds another form of it.
    """
    stored = journal.store.find(journal.run_id, "fact_pinned", name)
    if stored is None or not isinstance(stored.event, FactPinned):
        return None
    try:
        return form.model_validate(stored.event.value)
    except ValidationError as error:
        raise StoreFailed(
            f"The fact {name!r} that the run {journal.run_id!r} keeps cannot be read:"
            f" {error.errors()[0]['msg']}.",
            hint="Go on with the version of Mergewright that began the run, or start another run"
            " with --fresh.",
            run_id=journal.run_id,
        ) from error
