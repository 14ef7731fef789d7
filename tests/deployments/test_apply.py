"""A real server is brought to what the files say: shown first, once, and nobody else's things kept."""

import shutil
from uuid import uuid4

import httpx
import pytest

from blocks.messengers import MailMessenger
from deployments.apply import apply, lines_of
from deployments.reading import FOLDER
from mergewright.errors import BlockMissing, SettingInvalid

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]


@pytest.fixture
def folder(tmp_path):
    """A copy of the shipped files, to be changed."""
    for path in FOLDER.glob("*.yaml"):
        shutil.copy(path, tmp_path)
    shutil.copytree(FOLDER / "pools", tmp_path / "pools")
    return tmp_path


@pytest.fixture
def ask(engine):
    """Ask the server past everything of ours."""

    def send(method, path, body=None):
        answer = httpx.request(method, f"{engine}/{path}", json=body, timeout=60)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    return send


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def outcomes(applied):
    return {(change.kind, change.name): change.outcome for change in applied.changes}


def test_applied_twice_the_second_finds_no_difference(folder, ask):
    apply(folder=folder)
    second = apply(folder=folder, plan=True)
    assert second.is_same
    assert lines_of(second) == ["No difference: the server holds what the files say."]

    edit(
        folder / "workflows.yaml",
        'cron: "30 3 * * *", zone: UTC',
        'cron: "30 4 * * *", zone: Asia/Tokyo',
    )
    edit(folder / "limits.yaml", "limit: 4", "limit: 3")
    (folder / "variables.yaml").write_text("variables:\n  - {name: colour, value: blue}\n")
    planned = apply(folder=folder, plan=True)
    assert outcomes(planned) == {
        ("limits", "mergewright-runs"): "change",
        ("variables", "colour"): "create",
        ("deployments", "housekeeping/nightly"): "change",
    }
    assert "    limit: 4 → 3" in lines_of(planned)
    assert outcomes(apply(folder=folder, plan=True)) == outcomes(planned), "a plan changes nothing"
    assert outcomes(apply(folder=folder)) == outcomes(planned)
    assert apply(folder=folder, plan=True).is_same
    nightly = ask("GET", "deployments/name/housekeeping/nightly")
    assert nightly["schedules"][0]["schedule"]["timezone"] == "Asia/Tokyo"
    assert nightly["global_concurrency_limit"]["limit"] == 1
    standard = ask("GET", "deployments/name/standard-dev/default")
    profile = "block_types/slug/mergewright-delivery-profile/block_documents/name/local"
    chosen = {"$ref": {"block_document_id": ask("GET", profile)["id"]}}
    assert standard["parameters"] == {"request": {"profile": chosen}}
    shared = standard["global_concurrency_limit"]
    assert (shared["name"], shared["limit"]) == ("mergewright-runs", 3)
    door = next(
        one for one in ask("POST", "automations/filter", {})
        if one["name"] == "mergewright-on-event-ticket-ready"
    )  # fmt: skip
    assert [action["parameters"] for action in door["actions"]] == [
        {"event_id": "{{ event.id | string }}"}
    ]


def test_only_what_it_made_is_pruned_and_only_when_asked(folder, ask):
    flow = ask("POST", "flows/", {"name": "theirs"})
    ask("POST", "deployments/", {"name": "theirs", "flow_id": flow["id"], "tags": ["mergewright"]})
    limit, variable = f"mergewright-{uuid4()}", f"theirs_{uuid4().hex}"
    ask("POST", "v2/concurrency_limits/", {"name": limit, "limit": 1})
    ask("POST", "variables/", {"name": variable, "value": 1})
    (folder / "variables.yaml").write_text("variables:\n  - {name: mine, value: 1}\n")
    edit(folder / "limits.yaml", "  - {name", "  - {name: mine, limit: 1}\n  - {name")
    apply(folder=folder)
    (folder / "variables.yaml").write_text("variables: []\n")
    edit(folder / "limits.yaml", "  - {name: mine, limit: 1}\n", "")
    (folder / "automations.yaml").write_text("automations: []\n")
    left = apply(folder=folder)
    assert set(outcomes(left).values()) == {"leave"}
    assert ("variables", "mine") in outcomes(left)
    removed = outcomes(apply(folder=folder, prune=True))
    assert removed[("variables", "mine")] == removed[("limits", "mine")] == "remove"
    assert removed[("automations", "mergewright-stuck-run")] == "remove"
    assert apply(folder=folder, plan=True, prune=True).changes == ()
    assert ask("GET", "deployments/name/theirs/theirs")["tags"] == ["mergewright"]
    assert ask("GET", f"v2/concurrency_limits/{limit}")["limit"] == 1
    assert ask("GET", f"variables/name/{variable}")["value"] == 1


def test_a_block_type_that_is_missing_is_registered(folder, ask):
    apply(folder=folder)
    slug = MailMessenger.get_block_type_slug()
    ask("DELETE", f"block_types/{ask('GET', f'block_types/slug/{slug}')['id']}")
    expected = {("block types", MailMessenger._block_type_name): "create"}
    assert outcomes(apply(folder=folder, plan=True)) == expected
    assert outcomes(apply(folder=folder)) == expected
    assert apply(folder=folder, plan=True).is_same


@pytest.mark.parametrize(
    ("old", "new", "error", "told"),
    [
        (
            "profile: local",
            "profile: nowhere",
            BlockMissing,
            "mergewright-delivery-profile/nowhere",
        ),
        ("flow: replay", "flow: no_such_flow", SettingInvalid, "there is no flow 'no_such_flow'"),
        ("budget_usd: 1", "budget_usd: -1", SettingInvalid, "request.budget_usd"),
        ("budget_usd: 1", "budget: 1", SettingInvalid, "request"),
        ("zone: UTC", "zone: Mars/Olympus", SettingInvalid, "'Mars/Olympus' is no time zone"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_changed(folder, ask, old, new, error, told):
    edit(folder / "workflows.yaml", old, new)
    edit(folder / "limits.yaml", "limit: 4", "limit: 9")
    before = ask("POST", "v2/concurrency_limits/filter", {})
    with pytest.raises(error) as caught:
        apply(folder=folder)
    assert told in caught.value.message
    assert ask("POST", "v2/concurrency_limits/filter", {}) == before
