"""What a run has come to, as artifacts: plan and change as soon as there are any, the rest at its end.

The report holds all of it; these are for whoever watches in the Prefect UI, or decides there.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from prefect.artifacts import create_markdown_artifact

from mergewright.domain.delivery import Delivery, Run
from mergewright.safety.redaction import redact
from mergewright.texts.approvals import plan_subject
from mergewright.texts.parts import change_text, costs_text, gates_text
from tasks._shown import last_shown
from tasks.stages import artifact_name


def show_learned(run: Run, delivery: Delivery, fields: Iterable[str]) -> None:
    """Show what has just become known, where people look at it on its own.

    Args:
        run: The run.
        delivery: The report so far.
        fields: What of the report is new.
    """
    for field in fields:
        if field in _SHOWN:
            _SHOWN[field](run, delivery)


def show_end(run: Run, delivery: Delivery) -> None:
    """Show how the gates came out, and what it cost."""
    if delivery.gates:
        _show(run, "gates", gates_text(delivery), "How the gates came out")
    _show(run, "costs", costs_text(delivery), "What model calls cost")


def _show_plan(run: Run, delivery: Delivery) -> None:
    if delivery.plan and delivery.ticket:
        _show(run, "plan", plan_subject(delivery.ticket, delivery.plan), "What is going to be done")


def _show_change(run: Run, delivery: Delivery) -> None:
    if delivery.changeset:
        _show(run, "change", change_text(delivery), "What is changed so far")


_SHOWN: Mapping[str, Callable[[Run, Delivery], None]] = MappingProxyType(
    {"plan": _show_plan, "changeset": _show_change}
)


def _show(run: Run, part: str, text: str, description: str) -> None:
    key, text = f"{part}-{artifact_name(run)}", redact(text)
    shown = last_shown(key)
    if shown is not None and shown.data == text:
        return
    create_markdown_artifact(key=key, markdown=text, description=description)
