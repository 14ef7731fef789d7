import json

import pytest

from mergewright.cli.workflow_facts import asked_of

pytestmark = pytest.mark.journey


def test_each_is_listed_with_what_it_does(mergewright):
    done = mergewright("workflows", COLUMNS="160")
    assert done.returncode == 0, done.stderr
    rows = {line.split()[0]: line for line in done.stdout.splitlines() if line.strip()}
    assert "Take a ticket to a reviewed pull request." in rows["standard-dev"]
    assert rows["undo"].split()[-1] == "1"
    assert "notices-send-due" in rows


def test_one_is_told_with_parameters_and_deployments(mergewright):
    done = mergewright("workflows", "standard_dev", COLUMNS="100")
    assert "mergewright run standard-dev" in done.stdout
    assert "number, above 0, at most 1000; default 3.0" in done.stdout
    assert "list of plan | change" in done.stdout
    assert "keep | undo; default keep" in done.stdout
    assert "  standard-dev/rehearsal\n" in done.stdout
    assert "Args" not in done.stdout
    digest = mergewright("workflows", "cost-digest").stdout
    assert "by itself: 0 8 * * 1-5 (UTC)" in digest
    assert "mergewright cost-digest" not in digest


def test_a_program_reads_all_of_it(mergewright):
    known = {one["name"]: one for one in json.loads(mergewright("workflows", "--json").stdout)}
    assert known["effects-retry"]["command"] == "mergewright effects retry"
    events = [one["begins"] for one in known["on-event"]["deployments"]]
    assert ["on the event mergewright.ticket.ready"] in events
    asked = {one["name"]: one for one in known["undo"]["parameters"]}
    assert asked["run_id"]["is_required"]
    assert (asked["dry_run"]["kind"], asked["dry_run"]["default"]) == ("boolean", False)
    policy = {one["name"]: (one["value"], one["source"]) for one in known["hotfix"]["policy"]}
    assert policy["max_files"] == ("6", "workflow")
    assert policy["writable_paths"] == ("none", "default")
    assert known["undo"]["policy"] == []


def test_a_name_that_is_none_is_told_with_those_there_are(mergewright):
    done = mergewright("workflows", "hotpatch")
    assert done.returncode == 8
    assert "There is no workflow 'hotpatch'." in done.stderr
    assert "standard-dev" in done.stderr


def test_types_are_told_in_words():
    schema = {
        "properties": {
            "many": {"type": "array", "items": {"$ref": "#/definitions/Size"}},
            "maybe": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
            "some": {"type": "integer", "minimum": 1, "maximum": 5},
        },
        "required": ["some"],
        "definitions": {"Size": {"enum": ["small", "large"]}},
    }
    many, maybe, some = asked_of(schema)
    assert (many.kind, many.default_words) == ("list of small | large", "none")
    assert (maybe.kind, maybe.is_required) == ("string", False)
    assert (some.kind, some.is_required) == ("integer, at least 1, at most 5", True)
