"""Services of other packages: found by their entry points, and allowed in a profile.

A package names a block class in the group `mergewright.services`. One that cannot be loaded, or is
no service, is told with the reason and breaks nothing.
"""

import inspect
from functools import cache, reduce
from importlib.metadata import EntryPoint, entry_points
from operator import or_
from typing import Annotated, Any, NamedTuple, cast

from prefect.blocks.core import Block
from pydantic import SerializeAsAny, ValidatorFunctionWrapHandler, WrapValidator

from blocks.services import CodeHostService, MessengerService, TrackerService, WikiService
from mergewright.safety.redaction import redact

GROUP = "mergewright.services"
OWN_SLUGS = "mergewright-"
_AS_IT_IS = cast("Any", SerializeAsAny)()
Kind = type[TrackerService] | type[CodeHostService] | type[WikiService] | type[MessengerService]
KINDS: dict[str, Kind] = {
    "tracker": TrackerService,
    "code host": CodeHostService,
    "wiki": WikiService,
    "messenger": MessengerService,
}


class ServicePackage(NamedTuple):
    """A service that an installed package names."""

    name: str
    """By which the package names it."""
    package: str
    version: str
    kind: str
    """Key of `KINDS`; empty when it is no service."""
    block: type[Block] | None
    """Its block; None when it cannot be used."""
    reason: str
    """Why it cannot be used."""


@cache
def service_packages() -> tuple[ServicePackage, ...]:
    """Return every service that an installed package names, usable or not; looked for once."""
    found = [_read(point) for point in sorted(entry_points(group=GROUP), key=lambda one: one.name)]
    slugs: dict[str, ServicePackage] = {}
    told: list[ServicePackage] = []
    for one in found:
        slug = one.block.get_block_type_slug() if one.block else ""
        first = slugs.setdefault(slug, one) if slug else one
        if first.block is not one.block:
            reason = f"its slug {slug!r} is already that of {first.package!r}"
            told.append(one._replace(block=None, reason=reason))
        else:
            told.append(one)
    return tuple(told)


def service_type(base: type[Block], *own: type[Block]) -> Any:  # noqa: ANN401 - a type that is made when packages are known
    """Return the type of a profile's field for one kind of service.

    Prefect's server gives the data of a named block; its type's slug says which block it is, where
    a union would take the first that fits. The union is what the UI offers.

    Args:
        base: What each of them is.
        own: Those that Mergewright brings.
    """

    def by_slug(value: object, validate: ValidatorFunctionWrapHandler) -> object:
        if isinstance(value, base):
            return value
        slug = value.get("block_type_slug") if isinstance(value, dict) else None
        if not slug:
            return validate(value)
        return service_of(str(slug), base, own).model_validate(value)

    members = (*own, *(one.block for one in service_packages() if _is(one, base)))
    union: Any = reduce(or_, members)
    return Annotated[union, _AS_IT_IS, WrapValidator(by_slug)]


def service_of(slug: str, base: type[Block], own: tuple[type[Block], ...]) -> type[Block]:
    """Return the block of this slug.

    Raises:
        ValueError: None of this kind is installed.
    """
    blocks = (*own, *(one.block for one in service_packages() if one.block is not None))
    known = {block.get_block_type_slug(): block for block in blocks if issubclass(block, base)}
    if slug not in known:
        raise ValueError(f"no block {slug!r} of this kind is installed; known: {', '.join(known)}")
    return known[slug]


def _is(package: ServicePackage, base: type[Block]) -> bool:
    return package.block is not None and issubclass(package.block, base)


def _read(point: EntryPoint) -> ServicePackage:
    package = point.dist.name if point.dist else "?"
    version = point.dist.version if point.dist else "?"
    try:
        loaded: object = point.load()
        kind, reason = _judge(loaded)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a package may raise anything: it is one line of many
        loaded, kind, reason = None, "", redact(f"{type(error).__name__}: {error}")
    block = loaded if isinstance(loaded, type) and issubclass(loaded, Block) else None
    return ServicePackage(point.name, package, version, kind, None if reason else block, reason)


def _judge(loaded: object) -> tuple[str, str]:
    """Return what kind of service it is, and why it cannot be used."""
    if not isinstance(loaded, type) or not issubclass(loaded, Block):
        return "", "it names no block class"
    kinds = [name for name, base in KINDS.items() if issubclass(loaded, base)]
    if len(kinds) != 1:
        return "", "it is no service: derive it from one class of blocks.services"
    if inspect.isabstract(loaded):
        lacking = ", ".join(sorted(loaded.__abstractmethods__))
        return kinds[0], f"it lacks the method {lacking}"
    if not callable(getattr(loaded, "check", None)):
        return kinds[0], "it lacks the method check"
    if loaded.get_block_type_slug().startswith(OWN_SLUGS):
        return kinds[0], f"its slug begins with {OWN_SLUGS!r}, which is Mergewright's own"
    return kinds[0], ""
