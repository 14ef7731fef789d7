"""What is told of an effect that could not be undone."""

from mergewright.domain.undo import UndoStep
from mergewright.errors import AccessDenied
from tasks.undo import could_not


def test_a_fault_is_told_as_the_reason_and_without_secrets():
    step = UndoStep(key="page:a", effect="page", target="a", done=True, reference="/wiki/a")
    error = AccessDenied("No right with sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789.")
    told = could_not(step, error)
    assert (told.outcome, told.reference) == ("kept", "/wiki/a")
    assert told.reason.startswith("No right with")
    assert "abcdefghij" not in told.reason
