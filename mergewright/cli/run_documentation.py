"""Correcting the documentation of a repository in this process."""

from typing import Annotated

from cyclopts import Parameter

from mergewright.cli.delivery_options import DEFAULTS, DeliveryOptions
from mergewright.cli.run import deliver
from mergewright.domain.documentation_request import DocumentationRequest


def documentation(
    *,
    repo: str = "",
    base: str = "main",
    since: str = "",
    docstrings: Annotated[bool, Parameter(negative="")] = False,
    options: DeliveryOptions = DEFAULTS,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Find what the documentation of a repository says that is not true, and correct it.

    It needs no ticket, and writes nothing but documents. Where all is true, no model is asked.
    `mergewright docs check` only looks.

    Args:
        repo: Path or URL of the git repository; a working tree is never written to.
        base: Branch that the pull request is meant for.
        since: Commit at which the documentation was last true; without it, the last one at which a
            run found nothing to do, or that touched a document.
        docstrings: In place of documents, write docstrings and comments for public names that came or
            changed since; no code is changed.
        options: What every run that delivers can be told.
        json: Print the report as JSON on standard output, progress on standard error.
    """
    fields = {"repository": repo, "base": base, "since": since, "docstrings": docstrings}
    return deliver("documentation", DocumentationRequest, fields, options, as_json=json)
