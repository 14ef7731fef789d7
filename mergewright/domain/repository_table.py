"""Which repository a ticket is about, by a table: so that a ticket need not name its own."""

from collections.abc import Iterable, Sequence
from typing import Self

from pydantic import Field, model_validator

from mergewright.domain.ticket import Ticket
from mergewright.domain.value import Value
from mergewright.errors import SettingInvalid


class RepositoryRow(Value):
    """One row: for tickets like this, that repository; what is empty fits every ticket."""

    repository: str = Field(min_length=1, max_length=1000, pattern=r"^\S(.*\S)?$")
    """Path or URL of the repository."""
    base: str = Field(default="", pattern=r"^([^\s~^:?*\[\\/-][^\s~^:?*\[\\]*)?$")
    """Branch that changes are meant for; empty is the repository's own default."""
    project: str = Field(default="", pattern=r"^([A-Za-z][A-Za-z0-9_]{0,31})?$")
    """The part of a ticket's key before its number."""
    component: str = ""
    """One of the ticket's components, in any case of letters."""
    labels: tuple[str, ...] = ()
    """All of them are on the ticket, in any case of letters."""

    @model_validator(mode="after")
    def _no_password(self) -> Self:
        """Refuse an address with a password: the table is shown to people."""
        scheme, mark, rest = self.repository.partition("://")
        user, at, _ = rest.partition("/")[0].rpartition("@")
        if mark and at and (":" in user or not scheme.startswith("ssh")):
            raise ValueError("the address of a repository holds no user and no password")
        return self

    def fits(self, ticket: Ticket) -> bool:
        """Say whether a ticket is like this."""
        project = ticket.key.rpartition("-")[0]
        return (
            self.project.casefold() in ("", project.casefold())
            and (not self.component or self.component.casefold() in _folded(ticket.components))
            and _folded(self.labels) <= _folded(ticket.labels)
        )

    @property
    def precision(self) -> tuple[int, int, int]:
        """How much it says about a ticket: a component more than labels, labels more than a project."""
        return (int(bool(self.component)), len(_folded(self.labels)), int(bool(self.project)))

    @property
    def text(self) -> str:
        """What a person reads: `project SHOP, component 'web': shop.git (main)`."""
        wanted = [f"project {self.project}"] if self.project else []
        wanted += [f"component {self.component!r}"] if self.component else []
        wanted += [f"label {label!r}" for label in self.labels]
        base = f" ({self.base})" if self.base else ""
        return f"{', '.join(wanted) or 'any ticket'}: {self.repository}{base}"


class RepositoryPlace(Value):
    """Where a ticket's change goes."""

    repository: str
    base: str = ""
    """Empty is the repository's own default branch."""


def place_of(ticket: Ticket, rows: Sequence[RepositoryRow]) -> RepositoryPlace:
    """Return the repository and base branch of a ticket: those of the row that says most about it.

    Rows that say as much may name the same place; otherwise nothing is guessed.

    Raises:
        SettingInvalid: No row fits, or several that say as much name different places.
    """
    fitting = [row for row in rows if row.fits(ticket)]
    if not fitting:
        raise SettingInvalid(
            f"The ticket {ticket.key!r} fits no row of the repository table"
            f"{_about(ticket)}." + ("" if rows else " The table is empty."),
            hint="Name the repository, or add a row for the ticket's project, component or labels.",
        )
    most = max(row.precision for row in fitting)
    best = [row for row in fitting if row.precision == most]
    places = {(row.repository, row.base) for row in best}
    if len(places) > 1:
        listed = "; ".join(row.text for row in best)
        raise SettingInvalid(
            f"The ticket {ticket.key!r} fits {len(best)} rows of the repository table equally "
            f"well: {listed}.",
            hint="Name the repository, or make one of these rows say more.",
        )
    repository, base = places.pop()
    return RepositoryPlace(repository=repository, base=base)


def check_rows(rows: Sequence[RepositoryRow]) -> None:
    """Check that no two rows say the same about a ticket and lead to different places.

    Raises:
        SettingInvalid: Two rows do.
    """
    known: dict[tuple[object, ...], RepositoryRow] = {}
    for row in rows:
        says = (row.project.casefold(), row.component.casefold(), frozenset(_folded(row.labels)))
        other = known.setdefault(says, row)
        if (other.repository, other.base) != (row.repository, row.base):
            raise SettingInvalid(
                f"Two rows of the repository table say the same about a ticket: {other.text}; "
                f"{row.text}.",
                hint="Remove one of them, or make it say more.",
            )


def _about(ticket: Ticket) -> str:
    parts = [f"component {name!r}" for name in ticket.components]
    parts += [f"label {name!r}" for name in ticket.labels]
    return f" ({', '.join(parts)})" if parts else ""


def _folded(names: Iterable[str]) -> set[str]:
    return {name.casefold() for name in names}
