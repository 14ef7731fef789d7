"""A Prefect server as `apply` sees it: what of each kind it holds, and changing one thing of it.

Spoken to over its REST API, of which the client library hides what `apply` compares.
Source: the OpenAPI document of Prefect 3.8.8, 2026-11-20.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Literal, cast

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.orchestration.routes import ServerRoutes

from deployments.chosen_profiles import named
from deployments.desired import KEEPER, KEEPER_TAG, Wanted
from mergewright.errors import Rejected, ServiceUnavailable

Json = dict[str, Any]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

MADE: Final = "mergewright_deploy_made"
"""Variable that lists the pools and limits that this made: they have neither tags nor labels."""
PAGE: Final = 200


class Server:
    """The kinds of things on a server, each read as `Wanted` says them.

    Args:
        client: Of the server.
    """

    def __init__(self, client: SyncPrefectClient) -> None:
        self._client = client
        self.ids: dict[tuple[str, str], str] = {}
        """Ids of what was read or made, by kind and name."""
        self.kept: set[tuple[str, str]] = set()
        """What `apply` made, by kind and name: only this is pruned."""
        self.blocks: dict[str, str] = {}
        """Ids of the blocks that were asked for, by type and name."""

    def ask(self, method: Method, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON, as the server tells it
        """Send a request and return its answer; None where there is none, or nothing is there.

        Raises:
            Rejected: The server understood and refused.
            ServiceUnavailable: It does not answer.
        """
        try:
            answer = self._client.request(method, cast("ServerRoutes", path), json=body)
            answer.raise_for_status()
        except httpx.HTTPStatusError as error:
            if error.response.status_code == httpx.codes.NOT_FOUND:
                return None
            raise Rejected(
                f"The Prefect server refused {method} {path}: {error.response.text[:500]}",
                hint="What came before it was applied; mend this and apply again.",
            ) from error
        except httpx.HTTPError as error:
            raise ServiceUnavailable(
                f"The Prefect server did not answer {method} {path}: {error!r}.",
                hint="Apply again: what was applied stays as it is.",
            ) from error
        return answer.json() if answer.content else None

    def read_all(self, path: str) -> list[Json]:
        """Return everything that a filter finds, page by page."""
        found: list[Json] = []
        while True:
            page = self.ask("POST", path, {"limit": PAGE, "offset": len(found)})
            found += page or []
            if not page or len(page) < PAGE:
                return found

    def read(self) -> Wanted:
        """Return what the server holds, in the words of what it is to hold."""
        variables = self.read_all("/variables/filter")
        made = next((one["value"] for one in variables if one["name"] == MADE), None) or []
        self.kept = {(str(kind), str(name)) for kind, name in made}
        # automations come last: they name deployments by the ids that were read before
        return Wanted(
            limits=dict(self._limits()),
            variables=dict(self._variables(variables)),
            pools=dict(self._pools()),
            deployments=dict(self._deployments()),
            automations=dict(self._automations()),
        )

    def note_made(self, kind: str, name: str, *, gone: bool = False) -> None:
        """Write down that we made a pool or a limit, or that we removed it."""
        (self.kept.discard if gone else self.kept.add)((kind, name))
        value = sorted([one, other] for one, other in self.kept if one in {"pools", "limits"})
        body = {"name": MADE, "value": value, "tags": [KEEPER_TAG]}
        if self.ask("GET", f"/variables/name/{MADE}") is None:
            self.ask("POST", "/variables/", body)
        else:
            self.ask("PATCH", f"/variables/name/{MADE}", body)

    def block_id(self, name: str) -> str | None:
        """Return the id of a saved block by type and name; None where there is none."""
        slug, _, block = name.partition("/")
        found = self.ask("GET", f"/block_types/slug/{slug}/block_documents/name/{block}")
        if found:
            self.blocks[name] = str(found["id"])
        return self.blocks.get(name)

    def _limits(self) -> Iterator[tuple[str, Json]]:
        for one in self.read_all("/v2/concurrency_limits/filter"):
            self.ids["limits", one["name"]] = one["id"]
            yield one["name"], {"limit": one["limit"]}

    def _variables(self, found: list[Json]) -> Iterator[tuple[str, Json]]:
        for one in found:
            if one["name"] == MADE:
                continue
            self.ids["variables", one["name"]] = one["id"]
            if KEEPER_TAG in one["tags"]:
                self.kept.add(("variables", one["name"]))
            yield one["name"], {"value": one["value"]}

    def _pools(self) -> Iterator[tuple[str, Json]]:
        for one in self.read_all("/work_pools/filter"):
            self.ids["pools", one["name"]] = one["id"]
            fields = ("type", "description", "concurrency_limit", "base_job_template")
            yield one["name"], {field: one[field] for field in fields}

    def _deployments(self) -> Iterator[tuple[str, Json]]:
        flows = {one["id"]: one["name"] for one in self.read_all("/flows/filter")}
        names = {identifier: name for name, identifier in self.blocks.items()}
        for one in self.read_all("/deployments/filter"):
            name = f"{flows.get(one['flow_id'], '')}/{one['name']}"
            self.ids["deployments", name] = one["id"]
            if KEEPER.items() <= (one.get("labels") or {}).items():
                self.kept.add(("deployments", name))
            yield name, _deployment_state(one, names)

    def _automations(self) -> Iterator[tuple[str, Json]]:
        """Yield our automations only: names of automations are not unique on a server."""
        names = {self.ids[key]: key[1] for key in self.ids if key[0] == "deployments"}
        names |= {identifier: name for name, identifier in self.blocks.items()}
        for one in self.read_all("/automations/filter"):
            if KEEPER_TAG not in (one.get("tags") or []):
                continue
            self.ids["automations", one["name"]] = one["id"]
            self.kept.add(("automations", one["name"]))
            yield one["name"], _automation_state(one, names)


def _deployment_state(one: Json, names: Mapping[str, str]) -> Json:
    limit = one.get("global_concurrency_limit") or {}
    own = str(limit.get("name", "")).startswith("deployment:")
    fields = (
        "description", "entrypoint", "version", "parameter_openapi_schema",
        "enforce_parameter_schema", "paused", "work_pool_name", "work_queue_name", "job_variables",
        "pull_steps",
    )  # fmt: skip
    schedules = [
        {field: schedule.get(field) for field in ("slug", "active", "schedule", "parameters")}
        for schedule in one["schedules"]
    ]
    return {
        **{field: one.get(field) for field in fields},
        "parameters": named(one["parameters"], names),
        "tags": sorted(one["tags"]),
        "limit": limit.get("limit") if own else None,
        "shared_limit": None if own else limit.get("name"),
        "when_full": (one.get("concurrency_options") or {}).get("collision_strategy"),
        "schedules": sorted(schedules, key=lambda schedule: str(schedule["slug"])),
    }


def _automation_state(one: Json, names: Mapping[str, str]) -> Json:
    actions = []
    for given in one["actions"]:
        action = dict(given)
        if deployment := action.pop("deployment_id", None):
            action["deployment"] = names.get(deployment, deployment)
        if block := action.pop("block_document_id", None):
            action["block"] = names.get(block, block)
        actions.append(action)
    trigger = {**one["trigger"]}
    for field in ("after", "expect", "for_each"):
        trigger[field] = sorted(trigger.get(field) or ())
    state = {"description": one["description"], "enabled": one["enabled"]}
    return {**state, "trigger": trigger, "actions": actions}


@contextmanager
def connected() -> Iterator[Server]:
    """Speak with the configured server; without one, with a temporary one of this process."""
    with get_client(sync_client=True) as client:
        yield Server(client)
