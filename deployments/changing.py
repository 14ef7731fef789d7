"""Carrying a change out on a server, one kind of thing at a time."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from deployments.chosen_profiles import chosen
from deployments.desired import KEEPER, KEEPER_TAG
from deployments.differences import Change
from deployments.server import Server

Json = dict[str, Any]


def carry_out(server: Server, change: Change, wanted: Mapping[str, Json]) -> None:
    """Make, change or remove one thing.

    Args:
        server: Where.
        change: What becomes of it.
        wanted: What things of its kind are to be.

    Raises:
        Rejected: The server refused.
        ServiceUnavailable: It does not answer.
    """
    if change.outcome == "remove":
        _remove(server, change)
    elif change.outcome != "leave":
        _PUT[change.kind](server, change, wanted[change.name])


def _put_limit(server: Server, change: Change, state: Json) -> None:
    if change.outcome == "create":
        server.ask("POST", "/v2/concurrency_limits/", {"name": change.name, **state})
        server.note_made(change.kind, change.name)
    else:
        server.ask("PATCH", f"/v2/concurrency_limits/{change.name}", state)
    made = server.ask("GET", f"/v2/concurrency_limits/{change.name}")
    server.ids["limits", change.name] = made["id"]


def _put_variable(server: Server, change: Change, state: Json) -> None:
    body = {"name": change.name, **state, "tags": [KEEPER_TAG]}
    if change.outcome == "create":
        server.ask("POST", "/variables/", body)
    else:
        server.ask("PATCH", f"/variables/name/{change.name}", body)


def _put_pool(server: Server, change: Change, state: Json) -> None:
    if change.outcome == "create":
        server.ask("POST", "/work_pools/", {"name": change.name, **state})
        server.note_made(change.kind, change.name)
    else:
        fields = {field: value for field, value in state.items() if field != "type"}
        server.ask("PATCH", f"/work_pools/{change.name}", fields)


def _put_deployment(server: Server, change: Change, state: Json) -> None:
    flow_name, _, name = change.name.partition("/")
    flow = server.ask("POST", "/flows/", {"name": flow_name})
    body = {field: value for field, value in state.items() if field not in _OURS}
    body["parameters"] = chosen(state["parameters"], server.block_id)
    if state["shared_limit"]:
        body["global_concurrency_limit_id"] = server.ids["limits", state["shared_limit"]]
    else:
        body["concurrency_limit"] = state["limit"]
    if state["when_full"]:
        body["concurrency_options"] = {"collision_strategy": state["when_full"]}
    body |= {"name": name, "flow_id": flow["id"], "labels": KEEPER}
    made = server.ask("POST", "/deployments/", body)
    server.ids["deployments", change.name] = made["id"]


def _put_automation(server: Server, change: Change, state: Json) -> None:
    actions = []
    for given in state["actions"]:
        action = dict(given)
        if deployment := action.pop("deployment", None):
            action["deployment_id"] = server.ids["deployments", deployment]
        if block := action.pop("block", None):
            action["block_document_id"] = server.blocks[block]
        actions.append(action)
    body = {**state, "name": change.name, "actions": actions, "tags": [KEEPER_TAG]}
    if change.outcome == "create":
        server.ask("POST", "/automations/", body)
    else:
        server.ask("PUT", f"/automations/{server.ids['automations', change.name]}", body)


_OURS: Final = frozenset({"limit", "shared_limit", "when_full"})
"""Fields of a deployment that the server has other words for."""
_PUT: Final[dict[str, Callable[[Server, Change, Json], None]]] = {
    "limits": _put_limit,
    "variables": _put_variable,
    "pools": _put_pool,
    "deployments": _put_deployment,
    "automations": _put_automation,
}
_PATHS: Final = {
    "limits": "/v2/concurrency_limits",
    "variables": "/variables",
    "deployments": "/deployments",
    "automations": "/automations",
}


def _remove(server: Server, change: Change) -> None:
    if change.kind == "pools":
        server.ask("DELETE", f"/work_pools/{change.name}")
    else:
        identifier = server.ids[change.kind, change.name]
        server.ask("DELETE", f"{_PATHS[change.kind]}/{identifier}")
    if change.kind in {"pools", "limits"}:
        server.note_made(change.kind, change.name, gone=True)
