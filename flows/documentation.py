"""documentation: what the documents of a repository say that is not true any more is corrected."""

from pathlib import PurePath
from typing import cast

from prefect import flow
from prefect.runtime import flow_run

from flows._documenting import correct, look
from flows._phases import publish
from flows._work import delivering
from mergewright.domain.delivery import Delivery
from mergewright.domain.documentation_request import DocumentationRequest


def name_run() -> str:
    """Return the run's name: the repository."""
    request = flow_run.parameters.get("request", {})
    if not isinstance(request, dict):
        request = cast(DocumentationRequest, request).model_dump()
    return f"Documentation of {PurePath(str(request.get('repository', 'repository'))).stem}"


@flow(flow_run_name=name_run, validate_parameters=True)
def documentation(request: DocumentationRequest, run_id: str = "") -> Delivery:
    """Find what the documentation of a repository says that is not true, and correct it.

    In order: see what has come since the documentation was last true, prepare a worktree, analyse
    the repository, look for broken links, names that the code has no more, code blocks that do not
    run and commands that print something else, show what is found, write, check links, names, code
    blocks and style, repair what failed, guard, commit and push, open the pull request, publish
    pages, notify, report.

    Where all is true, it ends there: no model is asked, and nothing is changed. Nothing but
    documents can be written; the guard holds to that. It needs no ticket, and opens no second pull
    request while one of its own is open. It spends at most `budget_usd`, and stops to ask a person
    where `approve` says so.

    Args:
        request: What is asked for.
        run_id: Id of the run to go on with; empty goes on with an interrupted run of the same
            request, or starts one.
    """
    with delivering("documentation", request, run_id or None) as work:
        known = look(work)
        state = work.delivery.documentation
        if known is not None and state is not None:
            publish(work, known, correct(work, known, state))
    return work.delivery
