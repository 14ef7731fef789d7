"""`prefect.yaml`, written from `workflows.yaml` for those who deploy with Prefect's own command.

    python -m deployments.prefect_file

It knows deployments and schedules; pools, limits that are shared, and automations are made by
`mergewright deploy` alone.
"""

from io import StringIO
from typing import Any, Final

from ruamel.yaml import YAML

from deployments.desired import TAG
from deployments.documents import Deployment, Documents, Schedule
from deployments.reading import FOLDER, read_documents

HEADER: Final = """\
# Written by `python -m deployments.prefect_file` from deployments/workflows.yaml: edit that.
# `mergewright deploy` makes all of it and more; with Prefect's own command: `prefect deploy --all`.
"""


def prefect_file(documents: Documents) -> str:
    """Return the text of `prefect.yaml`."""
    default = next(one.name for one in documents.pools if one.default)
    document = {
        "name": TAG,
        "deployments": [_deployment(one, default) for one in documents.deployments],
    }
    yaml = YAML()
    yaml.width = 100
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = StringIO()
    yaml.dump(document, text)
    return HEADER + text.getvalue()


def _deployment(one: Deployment, pool: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": one.name,
        # A module path: a file path would load the flow under a second name.
        "entrypoint": f"flows.{one.flow}.{one.flow}",
        "description": one.description,
        "tags": sorted({TAG, *one.tags}),
        "work_pool": {"name": one.pool or pool, "work_queue_name": one.queue},
    }
    if one.parameters:
        made["parameters"] = one.parameters
    if one.limit:
        made["concurrency_limit"] = {"limit": one.limit, "collision_strategy": one.when_full}
    if one.schedules:
        made["schedules"] = [_schedule(schedule) for schedule in one.schedules]
    return made


def _schedule(one: Schedule) -> dict[str, Any]:
    when = {field: value for field, value in one.for_prefect().items() if value is not None}
    made: dict[str, Any] = {"slug": one.slug, **when, "active": one.active}
    if one.parameters:
        made["parameters"] = one.parameters
    return made


if __name__ == "__main__":
    FOLDER.with_name("prefect.yaml").write_text(
        prefect_file(read_documents().documents), encoding="utf-8"
    )
