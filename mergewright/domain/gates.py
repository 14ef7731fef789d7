"""Gates: what must hold before a change may be published, and how each one came out."""

from enum import StrEnum

from mergewright.domain.value import Value


class GateStatus(StrEnum):
    """How a gate came out."""

    PASSED = "passed"
    WARNED = "warned"
    """Not proved, and the policy lets it pass; the pull request says so."""
    FAILED = "failed"


EXTERNAL_CHECKS = "External checks"
"""Name of the gate about checks that others run on the open pull request."""


class Gate(Value):
    """One gate's outcome, with what was seen."""

    name: str
    status: GateStatus
    summary: str
    details: tuple[str, ...] = ()
    approvable: tuple[str, ...] = ()
    """Names of the objections that a person may approve, so that the gate lets the change pass; empty
    where it did not fail, or no person's yes would help."""
