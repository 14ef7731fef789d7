"""Which of the moves that a workflow offers right now leads where a ticket should go.

Workflows differ per project, so nothing here knows a status by its name alone: the category says
where a status belongs, and names only decide between several of the same category.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any

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
    r"won.?t|cancel|reject|declin|duplicate|invalid|abandon|obsolete|fail|cannot|incomplete",
    re.IGNORECASE,
)
_STALLED = re.compile(r"block|hold|wait|paus", re.IGNORECASE)


_SHOWN_VALUES = 8
_FULFILLED = re.compile(r"done|fixed|resolved|complete", re.IGNORECASE)

_ORDER = tuple(StatusCategory)


class FieldForm(Answer):
    """What a field holds."""

    type: str = ""
    system: str = ""


class TransitionField(Answer):
    """A field on the screen of a transition.

    A required field is filled in by this rule: what has a default is left to Jira; a resolution
    gets the one that says that the work is done, if the move ends the work; of a single allowed
    value there is no choice. Anything else only a person can know.
    """

    name: str = ""
    required: bool = False
    has_default: bool = Field(default=False, alias="hasDefaultValue")
    form: FieldForm = Field(default_factory=FieldForm, alias="schema")
    allowed: tuple[Any, ...] = Field(default=(), alias="allowedValues")

    def filling(self, *, ends_work: bool) -> object:
        """Return what to fill in; None when it cannot be known.

        Args:
            ends_work: Whether the move leads to where work is done.
        """
        choices = self.allowed
        if self.form.system == "resolution" and ends_work:
            choices = tuple(one for one in choices if _fulfils(_name_of(one)))[:1] or choices
        if len(choices) != 1:
            return None
        value = _reference(choices[0])
        return [value] if self.form.type == "array" else value

    @property
    def text(self) -> str:
        """What a person reads about it: its name, and what it may hold."""
        names = [_name_of(one) for one in self.allowed[:_SHOWN_VALUES]]
        more = ", ..." if len(self.allowed) > _SHOWN_VALUES else ""
        return f"{self.name!r} (one of: {', '.join(names)}{more})" if names else repr(self.name)


class Transition(Answer):
    """One move that the workflow offers."""

    id: str
    name: str = ""
    to: Status = Field(default_factory=Status)
    fields: Mapping[str, TransitionField] = Field(default_factory=dict)

    @property
    def filled(self) -> dict[str, object]:
        """What to fill in, by field."""
        ends_work = self.to.stands_for is StatusCategory.DONE
        values = {key: one.filling(ends_work=ends_work) for key, one in self._wanting()}
        return {key: value for key, value in values.items() if value is not None}

    @property
    def missing(self) -> tuple[str, ...]:
        """The fields that Jira wants filled in and that we cannot know, for people."""
        filled = self.filled
        return tuple(
            field.text if field.name else repr(key)
            for key, field in self._wanting()
            if key not in filled
        )

    @property
    def text(self) -> str:
        """What a person reads about it."""
        needs = f", needs {', '.join(self.missing)}" if self.missing else ""
        return f"{self.name!r} (to {self.to.name!r}{needs})"

    def _wanting(self) -> list[tuple[str, TransitionField]]:
        return [
            (key, field)
            for key, field in self.fields.items()
            if field.required and not field.has_default
        ]


class Transitions(Answer):
    """The moves that the workflow offers."""

    transitions: tuple[Transition, ...]


def choose(
    offered: Iterable[Transition],
    *,
    key: str,
    now: Status,
    wanted: StatusCategory,
    seen: Collection[str] = (),
) -> Transition:
    """Return the next move towards a category: there at once, or as near to it as may be.

    A move on the way leads no further away and never over what is done, comes to no status a
    second time, and wants nothing filled in that only a person can know.

    Args:
        offered: What the workflow offers from the present status.
        key: Key of the ticket.
        now: The present status.
        wanted: Where the ticket should go.
        seen: Names of statuses that it has been in on its way.

    Raises:
        Rejected: No transition leads there, or all that do need fields to be filled in.
    """
    offered = tuple(offered)
    meant = [one for one in offered if _is_meant(one.to) and one.to.name not in seen]
    direct = [one for one in meant if one.to.stands_for is wanted]
    on_the_way = [one for one in meant if _is_between(one.to.stands_for, now.stands_for, wanted)]
    leading = direct or on_the_way
    free = [one for one in leading if not one.missing]
    if free:
        return min(free, key=lambda one: (_distance(one.to.stands_for, wanted), _unusual(one)))
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


def _is_between(at: StatusCategory, now: StatusCategory, wanted: StatusCategory) -> bool:
    first, last = sorted((_ORDER.index(now), _ORDER.index(wanted)))
    return at is not StatusCategory.DONE and first <= _ORDER.index(at) <= last


def _distance(at: StatusCategory, wanted: StatusCategory) -> int:
    return abs(_ORDER.index(at) - _ORDER.index(wanted))


def _fulfils(name: str) -> bool:
    return _FULFILLED.search(name) is not None and _REFUSED.search(name) is None


def _name_of(value: object) -> str:
    if isinstance(value, Mapping):
        return str(value.get("name") or value.get("value") or value.get("id") or "?")
    return str(value)


def _reference(value: object) -> object:
    """Return how Jira is told one of the values that it allows."""
    if isinstance(value, Mapping):
        for name in ("id", "value", "name", "key"):
            if name in value:
                return {name: value[name]}
    return value


def _is_meant(status: Status) -> bool:
    """Say whether work arrives there: what is cancelled is done too, what is blocked in progress."""
    if _REFUSED.search(status.name):
        return False
    return status.stands_for is StatusCategory.IN_REVIEW or not _STALLED.search(status.name)


def _unusual(one: Transition) -> bool:
    return _USUAL[one.to.stands_for].search(one.to.name) is None
