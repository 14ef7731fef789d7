"""Workflow types: each flow orders tasks and decides; it holds no client, no model and no prompt.

`from flows import standard_dev` is the workflow, whose module is imported then; in a notebook it
shows itself while it runs.
"""

import importlib
import pkgutil
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from mergewright.domain.delivery import Delivery
from mergewright.domain.run_state import RunState
from mergewright.domain.shown import show_as
from mergewright.texts.shown import delivery_html, delivery_text, state_html, state_text

if TYPE_CHECKING:
    from flows.close import close as close
    from flows.compare import compare as compare
    from flows.cost_digest import cost_digest as cost_digest
    from flows.documentation import documentation as documentation
    from flows.effects_retry import effects_retry as effects_retry
    from flows.follow_up import follow_up as follow_up
    from flows.hotfix import hotfix as hotfix
    from flows.housekeeping import housekeeping as housekeeping
    from flows.notices_send_due import notices_send_due as notices_send_due
    from flows.on_event import on_event as on_event
    from flows.replay import replay as replay
    from flows.standard_dev import standard_dev as standard_dev
    from flows.ticket_done import ticket_done as ticket_done
    from flows.ticket_new import ticket_new as ticket_new
    from flows.tickets_poll import tickets_poll as tickets_poll
    from flows.undo import undo as undo

show_as(Delivery, html=delivery_html, text=delivery_text)
show_as(RunState, html=state_html, text=state_text)


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a workflow, each of its own form
    """Return the workflow of a name."""
    if name not in __dir__():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    flow = getattr(importlib.import_module(f"{__name__}.{name}"), name)
    from flows._notebooks import NotebookWorkflow, is_notebook  # noqa: PLC0415 - imports Prefect

    return NotebookWorkflow(flow) if is_notebook() else flow


def __dir__() -> list[str]:
    """Return the names of the workflows."""
    return [one.name for one in pkgutil.iter_modules(__path__) if not one.name.startswith("_")]


class _Workflows(ModuleType):
    """Keeps a workflow's name for the workflow: the import of its module would bind it as well.

    Source: docs.python.org, data model, "Customizing module attribute access", read 2026-11-20.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not isinstance(value, ModuleType) or name.startswith("_"):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Workflows
