"""Files are read strictly: what is wrong is told with file, line and column."""

import os
import shutil
import subprocess
import sys

import pytest

from deployments.prefect_file import prefect_file
from deployments.reading import FOLDER, read_documents
from mergewright.errors import SettingInvalid

GOOD = """\
deployments:
  - flow: housekeeping
    name: nightly
    description: Tidy.
    schedules:
      - slug: nightly
        cron: "0 3 * * *"
        zone: Europe/Berlin
"""


@pytest.fixture
def folder(tmp_path):
    """The shipped pools, and workflows of the test's own."""
    shutil.copy(FOLDER / "pools.yaml", tmp_path)
    shutil.copytree(FOLDER / "pools", tmp_path / "pools")
    (tmp_path / "workflows.yaml").write_text(GOOD)
    return tmp_path


def refusal(folder):
    with pytest.raises(SettingInvalid) as caught:
        read_documents(folder)
    return caught.value.message


def test_the_shipped_files_are_right_and_prefect_yaml_is_written_from_them():
    documents = read_documents().documents
    assert {one.full_name for one in documents.deployments} >= {
        "standard-dev/default", "on-event/ticket-ready", "on-event/pull-request-merged",
        "housekeeping/nightly", "cost-digest/daily", "close/interrupted", "documentation/weekly",
    }  # fmt: skip
    assert FOLDER.with_name("prefect.yaml").read_text() == prefect_file(documents)


def test_a_schedule_keeps_its_zone(folder):
    schedule = read_documents(folder).documents.deployments[0].schedules[0]
    assert schedule.for_prefect()["timezone"] == "Europe/Berlin"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("Europe/Berlin", "Europe/Berlim", "line 8, column 15: deployments.0.schedules.0.zone"),
        ("Europe/Berlin", "CEST", "'CEST' is no time zone"),
        ('"0 3 * * *"', '"0 3 * *"', "says no times"),
        ('cron: "0 3 * * *"', "every_minutes: 0", "say when by one of"),
        ("name: nightly", "name: Nightly!", "line 3, column 11: deployments.0.name"),
        ("name: nightly", "nome: nightly", "deployments.0.name: Field required"),
        ("description: Tidy.", "description: Tidy.\n    shared_limit: none", "there is no 'none'"),
        (
            "description: Tidy.",
            "description: Tidy.\n    pool: elsewhere",
            "there is no 'elsewhere'",
        ),
        ("description: Tidy.", "description: [", "this is not YAML"),
        (
            "description: Tidy.",
            'description: Tidy.\n    parameters: {request: {"__prefect_kind": "jinja"}}',
            "resolved by the server",
        ),
        (
            "description: Tidy.",
            'description: Tidy.\n    parameters: {request: "{{ event.payload }}"}',
            "line 5, column 17: deployments.0.parameters",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(folder, old, new, told):
    (folder / "workflows.yaml").write_text(GOOD.replace(old, new, 1))
    message = refusal(folder)
    assert told in message
    assert str(folder / "workflows.yaml") in message


def test_names_are_used_once_and_what_is_named_is_there(folder):
    (folder / "workflows.yaml").write_text(GOOD + GOOD.partition("\n")[2])
    assert "'housekeeping/nightly' is there twice" in refusal(folder)
    (folder / "workflows.yaml").write_text(GOOD)
    (folder / "automations.yaml").write_text(
        "automations:\n  - name: one\n    description: One.\n    trigger: {expect: [a.b]}\n"
        "    actions: [{do: run, deployment: no/where}]\n"
    )
    message = refusal(folder)
    assert "line 5" in message
    assert "there is no deployment 'no/where'" in message


def test_without_a_server_there_is_nothing_to_deploy_to(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "deployments.apply", "--plan"], cwd=FOLDER.parent,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "PREFECT_API_URL is not set" in done.stderr
