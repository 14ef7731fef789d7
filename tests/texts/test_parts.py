"""The change, the gates and the costs as people look at them on their own."""

from mergewright.texts.parts import change_text, costs_text, gates_text


def test_the_change_is_told_listed_and_shown(delivery):
    text = change_text(delivery)
    assert text.startswith("# Change for TRACK-42: Latest status is wrong")
    for file in delivery.changeset.files:
        assert f"| `{file.path}` | {file.status} |" in text
    assert f"diff\n{delivery.changeset.diff.splitlines()[0]}" in text


def test_each_gate_has_a_line_and_its_details(delivery):
    text = gates_text(delivery)
    for gate in delivery.gates:
        assert f"| {gate.name} |" in text


def test_costs_are_told_by_stage(delivery):
    text = costs_text(delivery)
    assert "model calls" in text
    paid = [stage for stage in delivery.stages if stage.calls]
    assert paid
    for stage in paid:
        assert f"| {stage.name} | {stage.calls} |" in text


def test_without_calls_there_is_no_table(delivery):
    free = delivery.model_copy(
        update={"costs": type(delivery.costs)(), "stages": ()},
    )
    assert costs_text(free).endswith("No model call was paid for.\n")
