"""The secret fields of a block and of what is nested in it."""

from collections.abc import Iterator

from pydantic import BaseModel, SecretStr

Place = tuple[str | int, ...]
"""Where a field is: names of fields, and numbers in lists."""


def secrets_in(value: object, place: Place = ()) -> Iterator[tuple[Place, SecretStr]]:
    """Yield every secret field that says something, with its place."""
    if isinstance(value, SecretStr):
        if value.get_secret_value():
            yield place, value
        return
    for name, inner in _parts(value):
        yield from secrets_in(inner, (*place, name))


def _parts(value: object) -> Iterator[tuple[str | int, object]]:
    if isinstance(value, BaseModel):
        yield from ((name, getattr(value, name, None)) for name in type(value).model_fields)
    elif isinstance(value, dict):
        yield from ((str(name), inner) for name, inner in value.items())
    elif isinstance(value, list | tuple):
        yield from enumerate(value)
