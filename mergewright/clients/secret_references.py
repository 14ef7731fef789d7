"""References to secrets, in place of the secrets: what a block's secret field may say.

`env://NAME`, `file:///path`, `vault://mount/path#field` and `aws-sm://name-or-arn#field`. Anything
else is the secret itself.
"""

import re
from typing import NamedTuple

from mergewright.errors import SettingInvalid

FORMS = {
    "env": "env://NAME",
    "file": "file:///absolute/path",
    "vault": "vault://MOUNT/PATH#FIELD",
    "aws-sm": "aws-sm://NAME-OR-ARN#FIELD",
}
"""How a reference of each kind is written."""
_REFERENCE = re.compile(r"(?P<kind>env|file|vault|aws-sm)://(?P<place>[^#]*)(?:#(?P<field>.*))?")
_PLACES = {
    "env": re.compile(r"[A-Za-z_][A-Za-z0-9_]*"),
    "file": re.compile(r"/[^\x00]+"),
    "vault": re.compile(r"[\w.~-]+(?:/[\w.~ +=@,:-]+)+"),
    "aws-sm": re.compile(r"[A-Za-z0-9/_+=.@:!-]+"),
}
_HAS_FIELD = frozenset({"vault", "aws-sm"})
_NEEDS_FIELD = frozenset({"vault"})


class SecretReference(NamedTuple):
    """Where a secret is."""

    kind: str
    """Key of `FORMS`."""
    place: str
    field: str
    """Which part of what is there; empty for all of it."""

    def __str__(self) -> str:
        return f"{self.kind}://{self.place}" + (f"#{self.field}" if self.field else "")


def reference_of(text: str) -> SecretReference | None:
    """Return the reference that a text is; None when it is a secret itself.

    Raises:
        SettingInvalid: It begins as a reference and is none.
    """
    text = text.strip()
    kind = text.partition("://")[0]
    if "://" not in text or kind not in FORMS:
        return None
    found = _REFERENCE.fullmatch(text)
    field = (found["field"] or "") if found else ""
    if found is None or not _PLACES[kind].fullmatch(found["place"]) or _climbs(found["place"]):
        raise _invalid(text, kind, "it does not name a place")
    if field and kind not in _HAS_FIELD:
        raise _invalid(text, kind, "such a secret has no fields")
    if not field and kind in _NEEDS_FIELD:
        raise _invalid(text, kind, "it names no field")
    return SecretReference(kind, found["place"], field)


def _climbs(place: str) -> bool:
    return ".." in place.split("/")


def _invalid(text: str, kind: str, reason: str) -> SettingInvalid:
    return SettingInvalid(
        f"{text!r} is no reference to a secret: {reason}.",
        hint=f"Write it as {FORMS[kind]}.",
    )
