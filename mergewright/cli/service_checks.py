"""Asking the services of a delivery profile how they are, each by its own `check()`."""

from collections.abc import Iterator, Mapping
from typing import Protocol, runtime_checkable

from pydantic import BaseModel

from mergewright.domain.value import Value
from mergewright.errors import MergewrightError
from mergewright.safety.redaction import redact

DISPENSABLE = frozenset({"messenger", "messengers", "wiki"})
"""Parts of a profile without which a run goes on."""


@runtime_checkable
class Checkable(Protocol):
    """A block that can say how its service is."""

    def check(self) -> object:
        """Ask the service; return who one is there, and what is missing, as text or a value.

        Raises:
            MergewrightError: The service does not answer, or refuses.
        """
        ...


class ServiceCheck(Value):
    """What a service of the profile said."""

    part: str
    """Where it is in the profile, as `tracker`."""
    kind: str
    """The block's type."""
    is_needed: bool
    """Whether no run can do without it."""
    is_well: bool
    said: str = ""
    hint: str = ""


def check_services(profile: BaseModel) -> tuple[ServiceCheck, ...]:
    """Ask each service of a profile that can be asked; a fault is a line and stops nothing."""
    return tuple(_check(part, block) for part, block in _checkable(profile, ""))


def _checkable(block: BaseModel, part: str) -> Iterator[tuple[str, Checkable]]:
    """Walk down to the outermost blocks that can be asked: those ask their credentials."""
    for name in type(block).model_fields:
        inner = f"{part}.{name}" if part else name
        for value in _values(getattr(block, name, None)):
            if isinstance(value, Checkable):
                yield inner, value
            elif isinstance(value, BaseModel):
                yield from _checkable(value, inner)


def _values(value: object) -> tuple[object, ...]:
    if isinstance(value, Mapping):
        return tuple(value.values())
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def _check(part: str, block: Checkable) -> ServiceCheck:
    is_well, said, hint = True, "", ""
    try:
        found = block.check()
        said = "" if found is None else str(found)
    except MergewrightError as error:
        is_well, said, hint = False, error.message, error.hint
    except Exception as error:  # noqa: BLE001 - a service's package may raise anything: one line of many
        is_well, said = False, f"{type(error).__name__}: {error}"
    return ServiceCheck(
        part=part,
        kind=type(block).__name__,
        is_needed=part.split(".", maxsplit=1)[0] not in DISPENSABLE,
        is_well=is_well,
        said=redact(said),
        hint=redact(hint),
    )
