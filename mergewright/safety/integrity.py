"""What becomes of what is held against a change: a policy that is data, and the gates that follow it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from mergewright.domain.gates import Gate, GateStatus
from mergewright.domain.objections import Evidence, Objection, Rule, Treatment

DEFAULT_TREATMENTS: Final[Mapping[Rule, Treatment]] = MappingProxyType(
    dict.fromkeys(Rule, Treatment.ASK) | {Rule.NEW_PACKAGE: Treatment.WARN}
)
"""What becomes of objections that a policy does not name."""

MAX_DETAILS: Final = 40
"""Objections that a gate tells in full; the question to a person names them all."""
INTEGRITY: Final = "Integrity"
DEPENDENCIES: Final = "Dependencies"
_PACKAGES: Final = frozenset(
    (Rule.NEW_PACKAGE, Rule.UNPINNED_PACKAGE, Rule.LOOKALIKE_PACKAGE, Rule.FOREIGN_SOURCE)
)


def integrity_gates(evidence: Evidence, approved: Mapping[str, str]) -> tuple[Gate, ...]:
    """Return what is held against a change, as gates.

    Args:
        evidence: What was found in it, and what is to become of it.
        approved: Who approved, by the objections' names.
    """
    rules = {**DEFAULT_TREATMENTS, **evidence.treatments}
    about = [one for one in evidence.objections if one.rule not in _PACKAGES]
    packages = [one for one in evidence.objections if one.rule in _PACKAGES]
    gates = [_gate(INTEGRITY, "Tests and the settings of checks", about, rules, approved)]
    if packages or evidence.packages:
        what = f"New packages: {', '.join(evidence.packages) or 'none'}"
        gates.append(_gate(DEPENDENCIES, what, packages, rules, approved))
    return tuple(gates)


def strictest(
    profile: Mapping[Rule, Treatment], repository: Mapping[Rule, Treatment]
) -> dict[Rule, Treatment]:
    """Return what becomes of each rule's objections: a repository can only be stricter than a profile."""
    treatments = {**DEFAULT_TREATMENTS, **profile}
    for rule, own in repository.items():
        treatments[rule] = max(treatments[rule], own, key=lambda one: one.strictness)
    return treatments


def approvable(gates: Iterable[Gate]) -> tuple[str, ...]:
    """Return the objections that a person may approve; empty where a gate failed of anything else."""
    failed = [gate for gate in gates if gate.status is GateStatus.FAILED]
    if not all(gate.approvable for gate in failed):
        return ()
    return tuple(name for gate in failed for name in gate.approvable)


def _gate(
    name: str,
    what: str,
    objections: Sequence[Objection],
    rules: Mapping[Rule, Treatment],
    approved: Mapping[str, str],
) -> Gate:
    told = [one for one in objections if one.is_final or rules[one.rule] is not Treatment.ALLOW]
    refused = [one for one in told if one.is_final or rules[one.rule] is Treatment.REFUSE]
    asked = [
        one
        for one in told
        if rules[one.rule] is Treatment.ASK and one.name not in approved and not one.is_final
    ]
    status = GateStatus.WARNED if told else GateStatus.PASSED
    summary = f"{what}: nothing against it" if not told else f"{what}: {_counted(told)}"
    if refused or asked:
        status = GateStatus.FAILED
        summary = (
            f"{_counted([*refused, *asked])} against the change. Undo each; what the ticket needs all the"
            " same a person must approve by name"
        )
    return Gate(
        name=name,
        status=status,
        summary=summary,
        details=_details(told, approved),
        approvable=() if refused else tuple(dict.fromkeys(one.name for one in asked)),
    )


def _counted(objections: Collection[Objection]) -> str:
    return "1 objection" if len(objections) == 1 else f"{len(objections)} objections"


def _details(told: Sequence[Objection], approved: Mapping[str, str]) -> tuple[str, ...]:
    more = len(told) - MAX_DETAILS
    shown = [_told(one, approved) for one in told[:MAX_DETAILS]]
    return (*shown, f"... and {_counted(told[MAX_DETAILS:])} more") if more > 0 else tuple(shown)


def _told(one: Objection, approved: Mapping[str, str]) -> str:
    by = approved.get(one.name)
    return f"{one.told} (approved by {by})" if by else one.told
