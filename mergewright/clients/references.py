"""What a mirror knows of its origin's branches and tags."""

from pathlib import Path
from typing import NamedTuple

from mergewright.clients.git import git_in

_BRANCHES, _TAGS = "refs/remotes/origin/", "refs/tags/"


class References(NamedTuple):
    """Commits by the names of branches and tags."""

    branches: dict[str, str]
    tags: dict[str, str]


def read_references(mirror: Path) -> References:
    """Return the branches and tags of the origin as of the last fetch, with their commits.

    A tag of something else than a commit is left out.

    Raises:
        NotFound: There is no such mirror.
    """
    listing = git_in(mirror).run(
        "for-each-ref",
        "--format=%(objecttype) %(*objecttype) %(objectname) %(*objectname) %(refname)",
        _BRANCHES,
        _TAGS,
    )
    found = References({}, {})
    for line in listing.decode(errors="backslashreplace").splitlines():
        kind, of_kind, own, peeled, name = line.split(" ", 4)
        commit = own if kind == "commit" else peeled if of_kind == "commit" else ""
        if not commit:
            continue
        if name.startswith(_TAGS):
            found.tags[name.removeprefix(_TAGS)] = commit
        else:
            found.branches[name.removeprefix(_BRANCHES)] = commit
    return found
