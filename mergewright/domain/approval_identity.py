"""Who somebody is, as far as the door knows at which they ask or answer."""

import re
from collections.abc import Iterable

from mergewright.domain.recipients import Directory, Person
from mergewright.domain.value import Value

_NAMED = re.compile(r"(?P<name>[^<>\n]*)<(?P<mail>[^<>\s]+@[^<>\s]+)>")
MAX_CHARACTERS = 200


class Identity(Value):
    """A person by all that is known of them; nothing at all is nobody that we know."""

    name: str = ""
    mail: str = ""
    accounts: tuple[str, ...] = ()
    """Names and ids of their accounts: of the system, of Slack."""

    @property
    def label(self) -> str:
        """How a person reads it."""
        if self.name and self.mail:
            return f"{self.name} <{self.mail}>"
        return self.name or self.mail or next(iter(self.accounts), "")

    @property
    def is_known(self) -> bool:
        """Whether anything is known of them."""
        return bool(self.terms)

    def is_same(self, other: "Identity") -> bool:
        """Whether both are one person: they have a name, a mail address or an account in common."""
        return bool(self.terms & other.terms)

    @property
    def terms(self) -> frozenset[str]:
        """By what they are told from others: case and spaces do not matter."""
        terms = (self.name, self.mail, *self.accounts)
        return frozenset(folded for term in terms if (folded := " ".join(term.split()).casefold()))


def read_identity(text: str) -> Identity:
    """Read `Ada Moreau <ada@example.org>`, a mail address, or a name."""
    plain = " ".join(text.split())[:MAX_CHARACTERS]
    if found := _NAMED.fullmatch(plain):
        return Identity(name=found["name"].strip(), mail=found["mail"])
    return Identity(mail=plain) if "@" in plain else Identity(name=plain)


def named_people(directory: Directory, names: Iterable[str]) -> tuple[Identity, ...]:
    """Return whom names mean: people and the members of groups of a directory, or just the names.

    Args:
        directory: People and groups of a team.
        names: Names, mail addresses and accounts of people; names of groups.
    """
    groups = {group.name.casefold(): group.members for group in directory.groups}
    found: list[Identity] = []
    for name in names:
        for member in groups.get(name.casefold(), (name,)):
            identity = whole_identity(directory, _as_named(member))
            if not any(identity.is_same(other) for other in found):
                found.append(identity)
    return tuple(found)


def whole_identity(directory: Directory, identity: Identity) -> Identity:
    """Return all that a directory knows of somebody, and what was known before."""
    for person in directory.people:
        known = _identity_of(person)
        if known.is_same(identity):
            further = (identity.name, identity.mail, *identity.accounts)
            accounts = (*known.accounts, *(one for one in further if one))
            own = {known.name, known.mail}
            kept = dict.fromkeys(one for one in accounts if one not in own)
            return known.model_copy(update={"accounts": tuple(kept)})
    return identity


def _as_named(name: str) -> Identity:
    """Take a name for whatever it may be: a name of the person, or of an account of theirs."""
    identity = read_identity(name)
    return identity if identity.mail else Identity(name=identity.name, accounts=(identity.name,))


def _identity_of(person: Person) -> Identity:
    accounts = (person.slack,) if person.slack else ()
    return Identity(name=person.name, mail=person.mail, accounts=accounts)
