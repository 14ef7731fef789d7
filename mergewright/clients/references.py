"""Branches and tags: what a mirror knows of its origin's, and what a repository says itself."""

from pathlib import Path
from typing import NamedTuple

from mergewright.clients.git import Credential, Git, git_in
from mergewright.clients.repositories import Location, contact, locate

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


def ask_references(repository: str, *, credential: Credential | None = None) -> References:
    """Ask a repository itself for its branches and tags.

    Args:
        repository: Path or URL.
        credential: For a private repository.

    Raises:
        NotFound: There is no such repository.
        SettingInvalid: The repository is given in a form that is not supported.
        AccessDenied: The repository refuses the credential.
        ServiceUnavailable: It does not answer.
        RateLimited: It asks to wait.
    """
    location = locate(repository)
    return contact(location, lambda git: _advertised(git, location), credential=credential)


def _advertised(git: Git, location: Location) -> References:
    """A tag with a message is told twice: itself, and behind `^{}` the commit that it is of."""
    listing = git.run("ls-remote", "--quiet", "--", location.address, "refs/heads/*", "refs/tags/*")
    found = References({}, {})
    for line in listing.decode(errors="backslashreplace").splitlines():
        commit, _, name = line.partition("\t")
        if name.startswith("refs/heads/"):
            found.branches[name.removeprefix("refs/heads/")] = commit
        elif name.startswith(_TAGS):
            found.tags[name.removeprefix(_TAGS).removesuffix("^{}")] = commit
    return found
