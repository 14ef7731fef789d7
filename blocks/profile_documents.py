"""What a block is in a profile's file, and how two such documents differ."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from prefect.blocks.core import Block
from pydantic import BaseModel, SecretStr
from pydantic_core import to_jsonable_python

from mergewright.clients.secret_references import reference_of
from mergewright.errors import SettingInvalid

MASK = "********"
Document = dict[str, Any]


class Difference(NamedTuple):
    """A field that two documents have differently."""

    field: str
    before: str
    after: str


def document_of(block: BaseModel, *, typed: bool = True) -> Document:
    """Return a block's fields that are not as by default; a secret is its reference or masked.

    Args:
        block: The block, or a value in one.
        typed: Whether to say which type it is.
    """
    document: Document = {}
    if typed and isinstance(block, Block):
        document["type"] = block.get_block_type_slug()
    for name, field in type(block).model_fields.items():
        value = _plain(getattr(block, name))
        if field.is_required() or value != _plain(field.get_default(call_default_factory=True)):
            document[name] = value
    return document


def masked_fields(document: object, place: str = "") -> Iterator[str]:
    """Yield where a document holds a masked secret."""
    for name, value in _flat(document, place):
        if value == MASK:
            yield name


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Return the fields in which two documents differ, in the order of their names."""
    first, second = dict(_flat(before, "")), dict(_flat(after, ""))
    names = sorted({*first, *second})
    return tuple(
        Difference(name, first.get(name, ""), second.get(name, ""))
        for name in names
        if first.get(name) != second.get(name)
    )


def _plain(value: object) -> object:
    if isinstance(value, SecretStr):
        return _reference_or_mask(value.get_secret_value())
    if isinstance(value, BaseModel):
        return _nested(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((_plain(inner) for inner in value), key=str)
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return to_jsonable_python(value)


def _nested(value: BaseModel) -> object:
    if isinstance(value, Block):
        name, is_anonymous = value._block_document_name, value._is_anonymous  # noqa: SLF001 - Prefect keeps them there
        if name and not is_anonymous:
            return {"block": f"{value.get_block_type_slug()}/{name}"}
    return document_of(value)


def _reference_or_mask(text: str) -> str:
    try:
        return text if not text or reference_of(text) is not None else MASK
    except SettingInvalid:
        return MASK


def _flat(value: object, place: str) -> Iterator[tuple[str, str]]:
    parts: list[tuple[str, object]] = []
    if isinstance(value, Mapping):
        parts = [(str(name), inner) for name, inner in value.items()]
    elif isinstance(value, list):
        parts = [(str(number), inner) for number, inner in enumerate(value)]
    else:
        yield place, str(value)
    for name, inner in parts:
        yield from _flat(inner, f"{place}.{name}" if place else name)
