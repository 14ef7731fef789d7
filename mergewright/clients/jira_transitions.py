"""Which of the moves that a workflow offers right now leads where a ticket should go.

Workflows differ per project, so nothing here knows a status by its name alone: the category says
where a status belongs, and names only decide between several of the same category.
"""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from pydantic import Field

from mergewright.clients.jira_issue import Answer, Status
from mergewright.domain.ticket import StatusCategory
from mergewright.errors import Rejected

_USUAL = MappingProxyType(
    {
        StatusCategory.TO_DO: re.compile(r"to ?do|open|backlog|selected", re.IGNORECASE),
        StatusCategory.IN_PROGRESS: re.compile(r"progress|develop|doing", re.IGNORECASE),
        StatusCategory.IN_REVIEW: re.compile(r"review", re.IGNORECASE),
        StatusCategory.DONE: re.compile(r"done|closed|resolved|complete", re.IGNORECASE),
    }
)
_REFUSED = re.compile(
    r"won.?t|cancel|reject|declin|duplicate|invalid|abandon|obsolete|fail", re.IGNORECASE
)
_STALLED = re.compile(r"block|hold|wait|paus", re.IGNORECASE)


class TransitionField(Answer):
    """A field on the screen of a transition."""

    name: str = ""
    required: bool = False
    has_default: bool = Field(default=False, alias="hasDefaultValue")


class Transition(Answer):
    """One move that the workflow offers."""

    id: str
    name: str = ""
    to: Status = Field(default_factory=Status)
    fields: Mapping[str, TransitionField] = Field(default_factory=dict)

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of fields that Jira wants filled in and that we cannot know."""
        return tuple(
            field.name or key
            for key, field in self.fields.items()
            if field.required and not field.has_default
        )

    @property
    def text(self) -> str:
        """What a person reads about it."""
        needs = f", needs {', '.join(self.missing)}" if self.missing else ""
        return f"{self.name!r} (to {self.to.name!r}{needs})"


class Transitions(Answer):
    """The moves that the workflow offers."""

    transitions: tuple[Transition, ...]


def choose(
    offered: Iterable[Transition],
    *,
    key: str,
    now: Status,
    wanted: StatusCategory,
    by_way_of: StatusCategory | None = None,
) -> Transition | None:
    """Return the transition to take; None when the ticket is on its way and nothing leads on.

    Args:
        offered: What the workflow offers from the present status.
        key: Key of the ticket.
        now: The present status.
        wanted: Where the ticket should go.
        by_way_of: Where it may go first, if nothing leads there directly.

    Raises:
        Rejected: No transition leads there, or all that do need fields to be filled in.
    """
    offered = tuple(offered)
    meant = [one for one in offered if _is_meant(one.to)]
    leading = [one for one in meant if one.to.stands_for is wanted]
    if not leading and by_way_of is not None:
        if now.stands_for is by_way_of:
            return None
        leading = [one for one in meant if one.to.stands_for is by_way_of]
    free = [one for one in leading if not one.missing]
    if free:
        return min(free, key=_unusual)
    start = f"The ticket {key!r} cannot go from {now.name!r} to {wanted.value!r}: "
    if leading:
        raise Rejected(
            f"{start}{'; '.join(one.text for one in leading)}.",
            hint="Fill these fields in by moving the ticket by hand, or make them optional.",
        )
    others = "; ".join(one.text for one in offered) or "none that this account may use"
    raise Rejected(
        f"{start}no transition leads there. There are: {others}.",
        hint="Move the ticket by hand, or let the account use the transition.",
    )


def _is_meant(status: Status) -> bool:
    """Say whether work arrives there: what is cancelled is done too, what is blocked in progress."""
    if _REFUSED.search(status.name):
        return False
    return status.stands_for is StatusCategory.IN_REVIEW or not _STALLED.search(status.name)


def _unusual(one: Transition) -> bool:
    return _USUAL[one.to.stands_for].search(one.to.name) is None
