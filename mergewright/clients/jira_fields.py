"""Fields of a Jira of its own, found by the names that people gave them.

A site names its fields as it likes (`Story Points`, `Story point estimate`), and their ids differ
from site to site: a field map says which field of Jira holds what a ticket has a place for. Names
are looked up once per client; ids need no look-up.

Source: REST description of Jira Cloud (`GET /field`, with `schema.custom`), Server 9.12 the same;
the key of the Epic Link field: support.atlassian.com/jira/kb (Epic Link custom field); 2026-11-20.
"""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import Field, RootModel

from mergewright.clients.jira_api import JiraApi
from mergewright.clients.jira_issue import Answer, Fields, text_of
from mergewright.clients.ticket_file import criteria_of, items_of
from mergewright.errors import SettingInvalid

MAPPED_FIELDS = ("acceptance_criteria", "story_points", "team", "severity")
"""What of a ticket a field map may name."""
EPIC_LINK = "com.pyxis.greenhopper.jira:gh-epic-link"
EPIC_NAME = "com.pyxis.greenhopper.jira:gh-epic-label"

_SHOWN_NAMES = 3
_ID = re.compile(r"customfield_\d{1,9}")


class FieldSchema(Answer):
    """Who made a field."""

    custom: str = ""


class SiteField(Answer):
    """A field of the site."""

    id: str
    name: str = ""
    form: FieldSchema = Field(default_factory=FieldSchema, alias="schema")


class SiteFields(RootModel[tuple[SiteField, ...]]):
    """All fields of the site."""

    root: tuple[SiteField, ...] = Field(default=())


class FieldMap:
    """Which field of Jira holds what a ticket has a place for.

    Args:
        api: Calls to Jira.
        names: Name or id of Jira's field, by our name: one of `MAPPED_FIELDS`.

    Raises:
        SettingInvalid: It names what no ticket has a place for.
    """

    def __init__(self, api: JiraApi, names: Mapping[str, str]) -> None:
        unknown = sorted(set(names) - set(MAPPED_FIELDS))
        if unknown:
            raise SettingInvalid(
                f"The field map names {unknown[0]!r}, which no ticket has.",
                hint=f"A field map names some of: {', '.join(MAPPED_FIELDS)}.",
            )
        self._api = api
        self._names = dict(names)
        self._ids: dict[str, str] | None = None
        self._site: tuple[SiteField, ...] | None = None

    def ids(self) -> dict[str, str]:
        """Return the ids of Jira's fields, by our names.

        Raises:
            SettingInvalid: Jira has no such field, or several of that name.
            ServiceError: Jira did not answer, or refused.
        """
        if self._ids is None:
            self._ids = {ours: self._id(ours, name) for ours, name in self._names.items()}
        return self._ids

    def id_of_kind(self, kind: str) -> str:
        """Return the id of the field that this app of Jira made; empty when there is none.

        Raises:
            ServiceError: Jira did not answer, or refused.
        """
        return next((one.id for one in self._all() if one.form.custom == kind), "")

    def _id(self, ours: str, name: str) -> str:
        if _ID.fullmatch(name):
            return name
        found = [one for one in self._all() if name in (one.name, one.id)]
        if not found:
            found = [one for one in self._all() if one.name.casefold() == name.casefold()]
        if len(found) == 1:
            return found[0].id
        if found:
            ids = ", ".join(repr(one.id) for one in found)
            raise SettingInvalid(
                f"The field map's {ours!r} names {name!r}, and Jira has {len(found)} fields of "
                "this name.",
                hint=f"Give the id of the one that is meant: {ids}.",
            )
        raise SettingInvalid(
            f"The field map's {ours!r} names {name!r}, and Jira has no field of this name that "
            "the account can see.",
            hint=_near(name, (one.name for one in self._all())),
        )

    def _all(self) -> tuple[SiteField, ...]:
        if self._site is None:
            self._site = self._api.read(SiteFields, "field", about="read its fields").root
        return self._site


def values_of(fields: Fields, ids: Mapping[str, str]) -> dict[str, Any]:
    """Return what the mapped fields of an issue say, in the form that a ticket holds.

    Args:
        fields: Fields of the issue.
        ids: Ids of Jira's fields, by our names.
    """
    values: dict[str, Any] = {}
    for ours, field in ids.items():
        held = fields.own(field)
        if held is None:
            continue
        if ours == "story_points":
            values[ours] = _number(held)
        elif ours == "acceptance_criteria":
            values[ours] = _criteria(held)
        else:
            values[ours] = _line(held)
    return values


def _line(held: object) -> str:
    """Return a value as one line: a name, an option with those below it, or some of them."""
    if isinstance(held, list):
        return ", ".join(filter(None, (_line(one) for one in held)))
    if isinstance(held, Mapping):
        if held.get("type") == "doc":
            return " ".join(text_of(held).split())
        own = next(
            (str(held[n]) for n in ("value", "name", "displayName", "title") if n in held), ""
        )
        below = _line(held["child"]) if isinstance(held.get("child"), Mapping) else ""
        return f"{own} / {below}" if below else own
    return " ".join(str(held).split())


def _number(held: object) -> float | None:
    text = _line(held)
    try:
        return float(text)
    except ValueError:
        return None


def _criteria(held: object) -> tuple[str, ...]:
    """Return criteria: the items of a list, below a heading or not, or else each line."""
    if isinstance(held, list):
        return tuple(filter(None, (_line(one) for one in held)))
    text = text_of(held) if isinstance(held, str | Mapping) else _line(held)
    lines = (line.strip() for line in text.splitlines())
    return criteria_of(text) or items_of(text) or tuple(line for line in lines if line)


def _near(name: str, names: Iterable[str]) -> str:
    folded = {one.casefold(): one for one in names}
    near = get_close_matches(name.casefold(), folded, n=_SHOWN_NAMES, cutoff=0.5)
    if not near:
        return "Look at the names of fields in a ticket, or give the id, as 'customfield_10016'."
    return f"Did you mean {' or '.join(repr(folded[one]) for one in near)}?"
