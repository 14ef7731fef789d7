"""What a person asks for who wants the documentation of a repository to be true."""

from pydantic import Field

from mergewright.domain.requests import DeliveryRequest

DOCSTRINGS = "docstrings"
"""The policy of a run that explains code where it is."""


class DocumentationRequest(DeliveryRequest):
    """Find what the documentation of a repository says that is not true, and correct it."""

    ticket: str = Field(
        default="documentation",
        title="Name",
        pattern=r"^[a-z0-9][a-z0-9-]{0,60}$",
        description="What the run is called. No ticket is needed: it is made of what is found.",
        json_schema_extra={"position": 100_000},
    )
    repository: str = Field(
        title="Repository",
        min_length=1,
        max_length=1000,
        description="Path or URL of the git repository whose documentation is looked at.",
        json_schema_extra={"position": 0},
    )
    since: str = Field(
        default="",
        title="True until",
        pattern=r"^(?:[0-9a-f]{7,64})?$",
        description=(
            "Commit at which the documentation was last true; empty takes the last commit at which a"
            " run found nothing to do, or that touched a document."
        ),
        json_schema_extra={"position": 25},
    )

    docstrings: bool = Field(
        default=False,
        title="Docstrings",
        description=(
            "In place of documents, write docstrings and comments for public names that came or"
            " changed since; no code is changed."
        ),
        json_schema_extra={"position": 26},
    )

    def identity(self) -> dict[str, str]:
        """What tells two requests apart: what is written, and what it is held against."""
        return {"since": self.since, "docstrings": "yes" if self.docstrings else ""}

    def policy_name(self) -> str:
        """Policy of what is written in the code itself, where that is asked for."""
        return DOCSTRINGS if self.docstrings else ""
