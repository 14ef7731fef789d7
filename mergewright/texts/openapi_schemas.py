"""Schemas of an OpenAPI document for readers: a type in words, a row per field, an example.

Source: spec.openapis.org/oas/v3.1.0 and JSON Schema 2020-12 (types, composition), read 2026-11-20.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mergewright.texts.openapi_document import ApiDocument, Object

MAX_DEPTH = 6
MAX_ROWS = 200
_MAX_ENUM_VALUES = 20
_CHOICES = (("oneOf", "one of"), ("anyOf", "any of"))
_SAMPLES: Mapping[str, object] = {"string": "text", "integer": 1, "number": 1.5, "boolean": True}
_FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "uuid": "8f14e45f-ceea-4f6a-9fef-3d4d1a2b3c4d",
    "email": "ada@example.org",
    "uri": "https://example.org",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A field of a schema."""

    name: str
    """With the names of the fields around it, as in `owner.name` and `tags[]`."""
    type: str
    required: bool
    description: str


class Schemas:
    """Reads the schemas of one document; one that contains itself is named and not opened again.

    Args:
        document: The document.
    """

    def __init__(self, document: ApiDocument) -> None:
        self._document = document

    def rows(self, raw: object, place: str) -> tuple[Row, ...]:
        """Return the fields of a schema and of the schemas in it.

        Raises:
            SettingInvalid: A reference leads nowhere.
        """
        found: list[Row] = []
        for row in self._rows(raw, place, "", ()):
            if len(found) == MAX_ROWS:
                found.append(Row("…", "", required=False, description="more fields"))
                break
            found.append(row)
        return tuple(found)

    def type_of(self, raw: object, place: str) -> str:
        """Return the type of a schema in words.

        Raises:
            SettingInvalid: A reference leads nowhere.
        """
        return self._type(raw, place, ())

    def example(self, raw: object, place: str) -> object:
        """Return a value that a schema describes: its own example, or one that is made up.

        Raises:
            SettingInvalid: A reference leads nowhere.
        """
        return self._example(raw, place, ())

    def _opened(
        self, raw: object, place: str, seen: tuple[str, ...]
    ) -> tuple[Object, tuple[str, ...]] | None:
        """Return a schema with all of its `allOf` in one; None for one that contains itself."""
        if not isinstance(raw, Mapping):
            return {}, seen
        reference = raw.get("$ref")
        if isinstance(reference, str):
            if reference in seen or len(seen) > MAX_DEPTH or not reference.startswith("#"):
                return None
            seen = (*seen, reference)
        schema = dict(self._document.resolved(raw, place))
        parts = schema.pop("allOf", None)
        properties = dict(_mapping(schema.get("properties")))
        required = list(_list(schema.get("required")))
        for part in _list(parts):
            opened = self._opened(part, place, seen)
            if opened is None:
                continue
            whole, _ = opened
            properties = {**_mapping(whole.get("properties")), **properties}
            required += _list(whole.get("required"))
            schema = {**whole, **schema}
        if properties:
            schema["properties"] = properties
        return schema | {"required": required}, seen

    def _rows(self, raw: object, place: str, prefix: str, seen: tuple[str, ...]) -> Iterator[Row]:
        opened = self._opened(raw, place, seen)
        if opened is None or prefix.count(".") + prefix.count("[]") > MAX_DEPTH:
            return
        schema, seen = opened
        required = {str(name) for name in _list(schema.get("required"))}
        for name, inside in _mapping(schema.get("properties")).items():
            full = f"{prefix}.{name}" if prefix else str(name)
            shown = self._type(inside, place, seen)
            about = self._description(inside, place)
            yield Row(full, shown, str(name) in required, about)
            yield from self._rows(inside, place, full, seen)
        if isinstance(schema.get("items"), Mapping):
            yield from self._rows(schema["items"], place, f"{prefix}[]", seen)
        for kind, words in _CHOICES:
            for number, choice in enumerate(_list(schema.get(kind)), 1):
                label = f"{prefix}({words}, {number})".lstrip()
                yield from self._rows(choice, place, label, seen)

    def _type(self, raw: object, place: str, seen: tuple[str, ...]) -> str:
        name = _name_of(raw)
        opened = self._opened(raw, place, seen)
        if opened is None:
            return name or "object"
        schema, seen = opened
        for kind, words in _CHOICES:
            if choices := _list(schema.get(kind)):
                shown = [self._type(choice, place, seen) for choice in choices]
                return f"{words}: {', '.join(shown)}"
        if "items" in schema:
            return f"list of {self._type(schema['items'], place, seen)}"
        if values := _list(schema.get("enum")):
            shown = [str(value) for value in values[:_MAX_ENUM_VALUES]]
            return f"{' | '.join(shown)}{' | …' if len(values) > _MAX_ENUM_VALUES else ''}"
        return name or _plain_type(schema)

    def _description(self, raw: object, place: str) -> str:
        opened = self._opened(raw, place, ())
        schema = opened[0] if opened else {}
        own = raw.get("description") if isinstance(raw, Mapping) else None
        parts = [str(own or schema.get("description") or "")]
        parts += [f"Default: {schema['default']}."] if "default" in schema else []
        parts += ["Deprecated."] if schema.get("deprecated") else []
        return " ".join(part for part in parts if part)

    def _example(self, raw: object, place: str, seen: tuple[str, ...]) -> object:
        opened = self._opened(raw, place, seen)
        if opened is None or len(seen) > MAX_DEPTH:
            return {}
        schema, seen = opened
        given = _given(schema)
        if given is not None:
            return given
        for kind, _ in _CHOICES:
            if choices := _list(schema.get(kind)):
                return self._example(choices[0], place, seen)
        if properties := _mapping(schema.get("properties")):
            return {
                str(name): self._example(one, place, (*seen, ""))
                for name, one in properties.items()
            }
        if "items" in schema:
            return [self._example(schema["items"], place, (*seen, ""))]
        kind = _first_type(schema)
        return _FORMATS.get(str(schema.get("format")), _SAMPLES.get(kind, {}))


def _given(schema: Object) -> object:
    """Return the example that a schema brings."""
    for name in ("example", "default", "const"):
        if name in schema:
            return schema[name]
    values = _list(schema.get("examples")) or _list(schema.get("enum"))
    return values[0] if values else None


def _plain_type(schema: Object) -> str:
    raw = schema.get("type")
    kinds = [str(kind) for kind in raw] if isinstance(raw, list) else [str(raw)] if raw else []
    shown = " or ".join(kinds) or ("object" if schema.get("properties") else "any")
    if isinstance(form := schema.get("format"), str):
        shown += f" ({form})"
    return f"{shown} or null" if schema.get("nullable") else shown


def _first_type(schema: Object) -> str:
    raw = schema.get("type")
    return str(raw[0] if isinstance(raw, list) and raw else raw)


def _name_of(raw: object) -> str:
    reference = raw.get("$ref") if isinstance(raw, Mapping) else None
    return reference.rpartition("/")[2] if isinstance(reference, str) else ""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
