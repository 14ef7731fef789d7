"""An OpenAPI document as operations: references followed, and each mistake named by its place.

Nothing is fetched: what a reference to another document means stays its name.

Source: spec.openapis.org/oas/v3.1.0 (path items, operations, references), read 2026-11-20.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mergewright.errors import SettingInvalid

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
UNTAGGED = "Other operations"

_MAX_REFERENCES = 50
"""References that only lead to references."""

Object = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an operation."""

    name: str
    place: str
    """Where it is: path, query, header or cookie."""
    raw: Object


@dataclass(frozen=True, slots=True)
class Operation:
    """A method at a path."""

    method: str
    path: str
    place: str
    """Where it stands in the document, as a JSON pointer."""
    tags: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    raw: Object

    @property
    def key(self) -> tuple[str, str]:
        """What makes two operations of two documents the same."""
        return self.method, self.path

    @property
    def request(self) -> object:
        """What its request body is, as it stands in the document."""
        return self.raw.get("requestBody")


class ApiDocument:
    """An OpenAPI document, version 3.

    Args:
        document: What the file holds.

    Raises:
        SettingInvalid: It is no OpenAPI document.
    """

    def __init__(self, document: object) -> None:
        self._root = _mapping(document, "#")
        version = str(self._root.get("openapi", ""))
        if not version.startswith("3."):
            raise invalid("#/openapi", f"{version or 'nothing'!r} is no version of OpenAPI 3")
        info = _mapping(self._root.get("info"), "#/info")
        self.title = _string(info.get("title"), "#/info/title")
        self.version = str(info.get("version", ""))
        self.description = str(info.get("description") or "")

    def operations(self) -> Iterator[Operation]:
        """Return the operations in the document's order.

        Raises:
            SettingInvalid: A path or an operation is none.
        """
        for path, raw in _mapping(self._root.get("paths", {}), "#/paths").items():
            place = f"#/paths/{escaped(str(path))}"
            item = self.resolved(_mapping(raw, place), place)
            shared = self._parameters(item.get("parameters", []), f"{place}/parameters")
            for method in METHODS:
                if method in item:
                    yield self._operation(
                        method, str(path), item[method], f"{place}/{method}", shared
                    )

    def tags(self) -> dict[str, str]:
        """Return the tags that the document describes, and what it says about them.

        Raises:
            SettingInvalid: The list of tags is none.
        """
        found = {}
        for number, raw in enumerate(_list(self._root.get("tags", []), "#/tags")):
            tag = _mapping(raw, f"#/tags/{number}")
            name = _string(tag.get("name"), f"#/tags/{number}/name")
            found[name] = str(tag.get("description") or "")
        return found

    def responses(self, operation: Operation) -> dict[str, Object]:
        """Return the responses of an operation by status.

        Raises:
            SettingInvalid: A response is none.
        """
        place = f"{operation.place}/responses"
        found = _mapping(operation.raw.get("responses", {}), place)
        return {
            str(status): self.resolved(_mapping(raw, f"{place}/{status}"), f"{place}/{status}")
            for status, raw in found.items()
        }

    def resolved(self, raw: Object, place: str) -> Object:
        """Return what a reference leads to; anything else as it is.

        Args:
            raw: An object that may be a reference.
            place: Where it stands, for errors.

        Raises:
            SettingInvalid: The reference leads nowhere.
        """
        for _ in range(_MAX_REFERENCES):
            reference = raw.get("$ref")
            if not isinstance(reference, str) or not reference.startswith("#"):
                return raw
            raw = self._target(reference, place)
        raise invalid(place, "its references only lead to references")

    def reached(self, raw: object, place: str) -> dict[str, object]:
        """Return all that references in an object lead to, by reference.

        Raises:
            SettingInvalid: A reference leads nowhere.
        """
        found: dict[str, object] = {}
        waiting = [raw]
        while waiting:
            one = waiting.pop()
            if isinstance(one, Mapping):
                reference = str(one.get("$ref", ""))
                if reference.startswith("#") and reference not in found:
                    found[reference] = self._target(reference, place)
                    waiting.append(found[reference])
                waiting += one.values()
            elif isinstance(one, list):
                waiting += one
        return found

    def _operation(
        self, method: str, path: str, raw: object, place: str, shared: tuple[Parameter, ...]
    ) -> Operation:
        own = _mapping(raw, place)
        tags = tuple(
            _string(tag, f"{place}/tags/{number}")
            for number, tag in enumerate(_list(own.get("tags", []), f"{place}/tags"))
        )
        listed = self._parameters(own.get("parameters", []), f"{place}/parameters")
        merged = {(one.place, one.name): one for one in (*shared, *listed)}
        return Operation(
            method.upper(), path, place, tags or (UNTAGGED,), tuple(merged.values()), own
        )

    def _parameters(self, raw: object, place: str) -> tuple[Parameter, ...]:
        found = []
        for number, one in enumerate(_list(raw, place)):
            here = f"{place}/{number}"
            parameter = self.resolved(_mapping(one, here), here)
            name = _string(parameter.get("name"), f"{here}/name")
            found.append(Parameter(name, _string(parameter.get("in"), f"{here}/in"), parameter))
        return tuple(found)

    def _target(self, reference: str, place: str) -> Object:
        node: object = self._root
        for part in reference.removeprefix("#").removeprefix("/").split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(node, Mapping) or name not in node:
                raise invalid(place, f"there is no {reference!r}")
            node = node[name]
        return _mapping(node, reference)


def invalid(place: str, reason: str) -> SettingInvalid:
    """Return the error for a document that is none.

    Args:
        place: Where the mistake is, as a JSON pointer.
        reason: What is wrong there.
    """
    return SettingInvalid(
        f"The OpenAPI document cannot be read at {place!r}: {reason}.",
        hint="Correct the document there, and try a validator of OpenAPI on it.",
    )


def escaped(name: str) -> str:
    """Return a name as a part of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def _mapping(value: object, place: str) -> Object:
    if not isinstance(value, Mapping):
        raise invalid(place, f"an object belongs here, and not {_kind(value)}")
    return value


def _list(value: object, place: str) -> list[Any]:
    if not isinstance(value, list):
        raise invalid(place, f"a list belongs here, and not {_kind(value)}")
    return value


def _string(value: object, place: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise invalid(place, f"a text belongs here, and not {_kind(value)}")
    return value


def _kind(value: object) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"
