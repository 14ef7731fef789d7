"""Reading the files of this folder: strictly, with file, line and column of what is wrong."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from deployments.documents import Documents, RunAction
from mergewright.errors import SettingInvalid

FOLDER: Final = Path(__file__).parent
FILES: Final = {
    "pools": "pools.yaml",
    "limits": "limits.yaml",
    "variables": "variables.yaml",
    "deployments": "workflows.yaml",
    "automations": "automations.yaml",
}
"""Which file holds what; all may be missing but the workflows."""

Place = tuple[str | int, ...]


class Read(NamedTuple):
    """What the files say."""

    documents: Documents
    templates: Mapping[str, dict[str, Any]]
    """Base job templates by pool."""


def read_documents(folder: Path = FOLDER) -> Read:
    """Read what a server is to hold.

    Raises:
        SettingInvalid: A file is missing, is not YAML, or something in it is wrong.
    """
    sources = {part: _load(folder / name, part) for part, name in FILES.items()}
    data = {part: _plain(source.document.get(part)) or [] for part, source in sources.items()}
    try:
        documents = Documents.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        place: Place = first["loc"]
        told = first["msg"].removeprefix("Value error, ")
        raise sources[str(place[0])].error(place, told) from None
    _check_together(documents, sources)
    templates = {
        pool.name: _template(sources["pools"], folder / pool.template, number)
        for number, pool in enumerate(documents.pools)
    }
    return Read(documents, templates)


class _Source(NamedTuple):
    path: Path
    document: CommentedMap

    def error(self, place: Place, told: str, hint: str = "") -> SettingInvalid:
        """Return an error that says where in the file it is."""
        line, column = _position(self.document, place)
        where = ".".join(str(part) for part in place)
        return SettingInvalid(
            f"{str(self.path)!r}, line {line}, column {column}: {where}: {told}.",
            hint=hint or "Mend it there and apply again; nothing was changed.",
        )


def _load(path: Path, part: str) -> _Source:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if part != "deployments":
            return _Source(path, CommentedMap())
        raise SettingInvalid(
            f"There is no {str(path)!r}.", hint="Name the folder that holds workflows.yaml."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingInvalid(
            f"{str(path)!r} cannot be read: {error}.", hint="Let it be a text file in UTF-8."
        ) from error
    try:
        document = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise SettingInvalid(
            f"{str(path)!r}, line {line}, column {column}: this is not YAML: {error.problem}.",
            hint="Look for a missing colon, quote, bracket or indentation there.",
        ) from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise SettingInvalid(
            f"{str(path)!r} is not YAML: {error}.",
            hint="Write the file anew; git has the last one.",
        ) from None
    source = _Source(path, document if isinstance(document, CommentedMap) else CommentedMap())
    if source.document.keys() != {part}:
        raise source.error((), f"the file holds {part!r} and nothing else")
    return source


def _plain(node: object) -> object:
    """Return a node with built-in containers; a scalar keeps the type that YAML gave it."""
    if isinstance(node, Mapping):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, CommentedSeq | list):
        return [_plain(value) for value in node]
    for kind in (bool, int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node


def _position(document: CommentedMap, place: Place) -> tuple[int, int]:
    """Return line and column, from 1 on, of the innermost part of a place that the file has."""
    node: Any = document
    line, column = 0, 0
    for part in place:
        if isinstance(node, CommentedMap) and part in node:
            line, column = node.lc.value(part)
            node = node[part]
        elif isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node):
            line, column = node.lc.item(part)
            node = node[part]
    return line + 1, column + 1


def _check_together(documents: Documents, sources: Mapping[str, _Source]) -> None:
    """See that names are used once, and that what is named is there."""
    for part, names in (
        ("pools", [one.name for one in documents.pools]),
        ("limits", [one.name for one in documents.limits]),
        ("variables", [one.name for one in documents.variables]),
        ("deployments", [one.full_name for one in documents.deployments]),
        ("automations", [one.name for one in documents.automations]),
    ):
        for number, name in enumerate(names):
            if name in names[:number]:
                raise sources[part].error((part, number), f"{name!r} is there twice")
    _check_deployments(documents, sources["deployments"])
    known = {one.full_name for one in documents.deployments}
    for number, automation in enumerate(documents.automations):
        for step, action in enumerate(automation.actions):
            if isinstance(action, RunAction) and action.deployment not in known:
                place = ("automations", number, "actions", step, "deployment")
                told = f"there is no deployment {action.deployment!r}"
                raise sources["automations"].error(place, told, f"There are: {', '.join(known)}.")
    if sum(pool.default for pool in documents.pools) != 1:
        raise sources["pools"].error(("pools",), "one pool, and only one, is the default")


def _check_deployments(documents: Documents, source: _Source) -> None:
    pools = [one.name for one in documents.pools]
    limits = [one.name for one in documents.limits]
    for number, one in enumerate(documents.deployments):
        for field, name, known in (
            ("pool", one.pool, pools),
            ("shared_limit", one.shared_limit, limits),
        ):
            if name and name not in known:
                place = ("deployments", number, field)
                told = f"there is no {name!r}"
                raise source.error(place, told, f"There are: {', '.join(known)}.")


def _template(source: _Source, path: Path, number: int) -> dict[str, Any]:
    place = ("pools", number, "template")
    try:
        template = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise source.error(place, f"{str(path)!r} cannot be read as JSON: {error}") from error
    if not isinstance(template, dict) or template.keys() != {"job_configuration", "variables"}:
        raise source.error(place, f"{str(path)!r} is no base job template")
    return template


def place_of_deployment(
    folder: Path, number: int, field: str, told: str, hint: str
) -> SettingInvalid:
    """Return an error about a field of a deployment that shows only when its flow is known."""
    return _load(folder / FILES["deployments"], "deployments").error(
        ("deployments", number, field), told, hint
    )
