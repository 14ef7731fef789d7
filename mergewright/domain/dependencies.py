"""What a project declares to depend on."""

from mergewright.domain.value import Value


class Declared(Value):
    """One package that a manifest names."""

    ecosystem: str
    """`python`, `node`, `go`, `rust`, `java` ..."""
    name: str
    """As its ecosystem compares names."""
    text: str
    """As the manifest writes it."""
    is_pinned: bool
    """Whether it is one exact version."""
    is_foreign: bool = False
    """Whether it comes from an address or a folder, and not from the ecosystem's index."""


class Manifests(Value):
    """A manifest before and after a change."""

    path: str
    before: tuple[Declared, ...] = ()
    after: tuple[Declared, ...] = ()
    new_indexes: tuple[str, ...] = ()
    """Settings in the change that name another index or another place to take packages from."""
