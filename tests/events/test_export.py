"""A run as a file: whole, checkable by itself, and without secrets."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mergewright.domain.events import ToolFinished
from mergewright.errors import NotFound, StoreFailed
from mergewright.events.audit import export_run, verify_export, verify_run
from mergewright.events.sqlite import SqliteEventStore
from mergewright.safety.redaction import redact
from tests.events.samples import NOON, finished, note, started

TOKEN = "ghp_" + "a1B2" * 9


def plain(text):
    return text


def tool(result):
    return ToolFinished(
        run_id="run-1", at=NOON, agent="a", tool="t", summary="s", result=result, seconds=0.5
    )


@pytest.fixture
def written(store):
    events = [
        started(),
        note("alpha\u2028beta\n"),
        note("x", run_id="run-2"),
        note("c"),
        finished(),
    ]
    return store.append(events)


@pytest.fixture
def export(store, written):
    return export_run(store, "run-1", scrub=plain)


def lines(export):
    return export.removesuffix("\n").split("\n")


def joined(parts):
    return "".join(f"{part}\n" for part in parts)


def kinds(text):
    return [(finding.kind, finding.seq) for finding in verify_export(text).findings]


def test_an_export_says_what_it_holds(store, written, export):
    header, *events = map(json.loads, lines(export))
    assert (header["run_id"], header["events"], header["finished"]) == ("run-1", 4, True)
    assert header["head"] == written[-1].digest
    assert header["package_version"]
    assert [event["seq"] for event in events] == [1, 2, 4, 5]
    assert events[1]["event"]["text"] == "alpha\u2028beta\n"


def test_an_export_is_checked_by_itself(store, export):
    result = verify_export(export)
    assert result == verify_run(store, "run-1")
    assert result.intact
    assert export == export_run(store, "run-1", scrub=plain)


def test_there_must_be_a_run(store):
    with pytest.raises(NotFound, match="'nobody'"):
        export_run(store, "nobody", scrub=plain)


def test_a_changed_event_is_found(export):
    parts = lines(export)
    parts[3] = parts[3].replace('"c"', '"d"')
    assert kinds(joined(parts)) == [("changed", 4)]


def test_a_missing_event_is_found(export):
    parts = lines(export)
    del parts[3]
    assert kinds(joined(parts)) == [("changed", 5), ("torn", None)]


def test_reordered_events_are_found(export):
    parts = lines(export)
    parts[2], parts[3] = parts[3], parts[2]
    assert kinds(joined(parts)) == [("moved", 4), ("moved", 2), ("moved", 5)]


@pytest.mark.parametrize("cut", [1, 20, 300])
def test_a_torn_end_is_found(export, cut):
    result = verify_export(export[:-cut])
    assert "torn" in {finding.kind for finding in result.findings}
    assert result.events < 4


def test_an_export_without_events_is_torn(export):
    assert kinds(f"{lines(export)[0]}\n") == [("torn", None)]


def test_a_line_that_cannot_be_read_is_found(export):
    parts = lines(export)
    parts[2] = "what?"
    assert kinds(joined(parts)) == [("unreadable", None), ("torn", None)]


def test_other_line_ends_are_found(export):
    assert kinds(export.replace("\n", "\r\n")) == [("changed", None)]


@pytest.mark.parametrize("text", ["", "what?\n", "{}\n", '{"run_id":"r"}\n'])
def test_something_else_is_no_export(text):
    with pytest.raises(StoreFailed, match="no exported run") as failed:
        verify_export(text)
    assert "audit export" in failed.value.hint


def test_a_newer_export_is_refused(export):
    with pytest.raises(StoreFailed, match="version 2") as failed:
        verify_export(export.replace('"version":1}', '"version":2}', 1))
    assert "Update" in failed.value.hint


def test_secrets_are_taken_out_and_the_rest_stays_checkable(store):
    headers = {"headers": {"Authorization": "Bearer not-of-a-known-form"}, "list": [TOKEN, 1]}
    store.append([started(), note(f"clone with {TOKEN}"), tool(headers), note("after"), finished()])
    export = export_run(store, "run-1", scrub=redact)
    assert TOKEN not in export
    assert "not-of-a-known-form" not in export
    result = verify_export(export)
    assert result.intact
    assert (result.events, result.scrubbed) == (5, 2)
    assert result.head == verify_run(store, "run-1").head
    marked = [json.loads(line).get("scrubbed", False) for line in lines(export)[1:]]
    assert marked == [False, True, True, False, False]


def test_changes_around_and_in_scrubbed_events_are_found(store):
    store.append([started(), note(f"clone with {TOKEN}"), note("after"), finished()])
    export = export_run(store, "run-1", scrub=redact)
    assert kinds(export.replace('"after"', '"before"')) == [("changed", 3)]
    assert kinds(export.replace("clone with", "do not clone")) == [("changed", None)]
    without = lines(export)
    del without[2]
    assert ("changed", 3) in kinds(joined(without))


def test_an_event_that_breaks_without_its_secret_is_withheld(store):
    store.append([started(), note("say x")])
    export = export_run(store, "run-1", scrub=lambda text: text.replace('"text":"say', ""))
    assert "withheld" in lines(export)[2]
    result = verify_export(export)
    assert (result.intact, result.scrubbed) == (True, 1)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def shared_store(tmp_path_factory):
    store = SqliteEventStore(tmp_path_factory.mktemp("export") / "events.db")
    yield store
    store.close()


@settings(max_examples=40, deadline=None)
@given(result=st.dictionaries(st.text(), JSON))
def test_whatever_a_tool_returned_can_be_checked(shared_store, result):
    run_id = f"run-{len(shared_store.run_ids(limit=-1))}"
    shared_store.append([tool(result).model_copy(update={"run_id": run_id})])
    assert verify_export(export_run(shared_store, run_id, scrub=plain)).intact
