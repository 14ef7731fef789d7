"""Workflows as a notebook runs them: Prefect is made ready, and the run is shown while it goes on.

A notebook has an event loop in the thread that runs its cells. Our flows are synchronous and run
there all the same: Prefect looks at the flow and not at the loop.
"""

import inspect
import logging
import sys
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

from prefect import Flow

from mergewright.domain.run_state import RunState
from mergewright.errors import MergewrightError
from tasks.engine import prefect_engine
from tasks.watching import watching

P = ParamSpec("P")
R = TypeVar("R")


def is_notebook() -> bool:
    """Say whether this is a process that runs the cells of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None


class NotebookWorkflow(Generic[P, R]):
    """A workflow that shows itself while it runs; all else is the flow's.

    Args:
        flow: The workflow's flow.
    """

    def __init__(self, flow: Flow[P, R]) -> None:
        self.flow = flow
        update_wrapper(self, flow.fn)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the workflow here and now, and return its report.

        Raises:
            MergewrightError: What ended the run; what is shown of it stays.
        """
        shown = _Place()
        try:
            with prefect_engine(), watching(shown.show):
                return self.flow(*args, **kwargs)
        except (MergewrightError, KeyboardInterrupt) as error:
            # forty frames of Prefect's and ours stand between the cell and what to do
            raise error.with_traceback(None) from None
        finally:
            shown.leave()
            logging.captureWarnings(capture=False)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the flow has
        return getattr(self.flow, name)

    def __repr__(self) -> str:
        purpose = inspect.cleandoc(self.flow.fn.__doc__ or "").partition("\n")[0]
        return f"<workflow {self.flow.name}: {purpose}>"


class _Place:
    """A place of the cell's output, in which one thing after another is shown."""

    def __init__(self) -> None:
        from IPython.display import DisplayHandle  # noqa: PLC0415 - there where this is called

        self._handle = DisplayHandle()
        self._handle.display({"text/plain": "Starting the Prefect engine …"}, raw=True)
        self._is_used = False

    def show(self, state: RunState) -> None:
        """Show how far a run is, in the place of what was there."""
        self._is_used = True
        self._handle.update(state)

    def leave(self) -> None:
        """Take away what was shown before a run began, where none did: not every workflow is one."""
        if not self._is_used:
            self._handle.update({"text/plain": ""}, raw=True)
