"""The profile of a deployment's request, as its form shows it: a chosen block, by its id.

The files name a profile. A form of Prefect shows a block as chosen only where the parameter holds its
id, and the older UI begins a run without what it cannot show.

Source: both UIs of Prefect 3.8.8, read and run 2026-11-20.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from mergewright.domain.profile_name import PROFILE_BLOCK

Json = dict[str, Any]

_REQUEST: Final = "request"
_PROFILE: Final = "profile"
_ID: Final = "block_document_id"


def chosen(parameters: Json, find_id: Callable[[str], str | None]) -> Json:
    """Return parameters whose request holds its profile as a chosen block.

    Args:
        parameters: Of a deployment, as the files say them.
        find_id: Returns the id of a block by type and name; None where there is none.

    Raises:
        Rejected: The server does not tell the id.
        ServiceUnavailable: The server does not answer.
    """
    name = _profile_of(parameters)
    identifier = find_id(f"{PROFILE_BLOCK}/{name}") if isinstance(name, str) else None
    return _with(parameters, {"$ref": {_ID: identifier}}) if identifier else parameters


def named(parameters: Json, names: Mapping[str, str]) -> Json:
    """Return parameters whose request names its profile.

    Args:
        parameters: Of a deployment, as the server holds them.
        names: Blocks by id, each with its type and name.
    """
    match _profile_of(parameters):
        case {"$ref": {"block_document_id": str(identifier)}} if identifier in names:
            return _with(parameters, names[identifier].rpartition("/")[2])
        case _:
            return parameters


def _profile_of(parameters: Json) -> object:
    request = parameters.get(_REQUEST)
    return request.get(_PROFILE) if isinstance(request, dict) else None


def _with(parameters: Json, profile: object) -> Json:
    return {**parameters, _REQUEST: {**parameters[_REQUEST], _PROFILE: profile}}
