"""Asking a repository where its branches are, giving it a new one, and taking that back."""

from pathlib import Path
from typing import NamedTuple

from mergewright.clients.git import Credential, Git, git_in, require_branch_name
from mergewright.clients.git_errors import error_of
from mergewright.clients.mirrors import FETCH_TIMEOUT_SECONDS, no_such_base
from mergewright.clients.ports import Compensation, Effect
from mergewright.clients.repositories import Kind, Location, contact, locate
from mergewright.errors import Rejected

# A clone's hooks are for its owner's own commands; those of a bare repository are its policy.
_RECEIVE_IN_CLONE = (
    "--receive-pack="
    "git -c core.hooksPath=/dev/null -c receive.denyCurrentBranch=refuse"
    " -c receive.denyDeleteCurrent=refuse receive-pack"
)

_PUSH = ("push", "--porcelain", "--no-verify", "--recurse-submodules=no")


class HeadState(NamedTuple):
    """Where a branch of a repository is at this moment."""

    commit: str
    default_branch: str
    """Branch that the repository shows first; empty when it does not say."""


def head_state(repository: str, base: str, *, credential: Credential | None = None) -> HeadState:
    """Ask a repository itself where a branch is now.

    Raises:
        NotFound: There is no such repository or branch; the hint lists the branches.
        SettingInvalid: The repository or branch is given in a form that is not supported.
        AccessDenied: The repository refuses the credential.
        ServiceUnavailable: It does not answer.
        RateLimited: It asks to wait.
    """
    require_branch_name(base)
    location = locate(repository)
    heads, default_branch = contact(
        location, lambda git: _advertised(git, location), credential=credential
    )
    if base not in heads:
        raise no_such_base(base, tuple(heads), sought="branch")
    return HeadState(heads[base], default_branch)


def remote_heads(repository: str, *, credential: Credential | None = None) -> dict[str, str]:
    """Ask a repository itself for its branches and return their commits by name.

    Raises:
        NotFound: There is no such repository.
        SettingInvalid: The repository is given in a form that is not supported.
        AccessDenied: The repository refuses the credential.
        ServiceUnavailable: It does not answer.
        RateLimited: It asks to wait.
    """
    location = locate(repository)
    return contact(location, lambda git: _advertised(git, location), credential=credential)[0]


def push_branch(
    mirror: Path,
    repository: str,
    *,
    commit: str,
    branch: str,
    credential: Credential | None = None,
) -> Effect[str]:
    """Make a new branch for a commit in the repository; never move one that exists.

    Returns:
        The commit; found when the branch was there already and holds it.

    Raises:
        Rejected: The branch holds something else, is checked out, or the repository refused it.
        NotFound: There is no such repository, or no such commit in the mirror.
        SettingInvalid: The branch name is none.
        AccessDenied: The repository refuses the credential, or it is too weak to push.
        ServiceUnavailable: It does not answer.
        RateLimited: It asks to wait.
    """
    require_branch_name(branch)
    location = locate(repository)
    if location.kind is Kind.BUNDLE:
        raise Rejected(
            f"{repository!r} is a bundle file, which cannot be pushed to.",
            hint="Clone it, and name the clone as the repository.",
        )
    commit = git_in(mirror).line(
        "rev-parse", "--verify", "--end-of-options", f"{commit}^{{commit}}"
    )

    def push(git: Git) -> Effect[str]:
        if _holds(git, location, branch, commit):
            return Effect(commit, found=True)
        try:
            is_new = _push(git.aimed(GIT_DIR=str(mirror)), location, branch, commit)
        except Rejected:
            # Another process of the same run may have been quicker.
            if _holds(git, location, branch, commit):
                return Effect(commit, found=True)
            raise
        return Effect(commit, found=not is_new)

    return contact(location, push, credential=credential, timeout_seconds=FETCH_TIMEOUT_SECONDS)


def move_branch(
    mirror: Path,
    repository: str,
    *,
    branch: str,
    expected: str,
    commit: str,
    credential: Credential | None = None,
) -> Effect[str]:
    """Move a branch that holds exactly the commit that we know of it; never make one.

    Returns:
        The commit; found when the branch holds it already.

    Raises:
        Rejected: The branch holds something else or is gone, is checked out, or the repository
            refused it.
        NotFound: There is no such repository, or no such commit in the mirror.
        SettingInvalid: The branch name is none.
        AccessDenied: The repository refuses the credential, or it is too weak to push.
        ServiceUnavailable: It does not answer.
        RateLimited: It asks to wait.
    """
    require_branch_name(branch)
    location = locate(repository)
    local = git_in(mirror)
    commit, expected = (
        local.line("rev-parse", "--verify", "--end-of-options", f"{name}^{{commit}}")
        for name in (commit, expected)
    )

    def move(git: Git) -> Effect[str]:
        held = _advertised(git, location)[0].get(branch)
        if held == commit:
            return Effect(commit, found=True)
        if held != expected:
            raise Rejected(
                f"The branch {branch!r} of {location.address!r} was moved by others: it holds "
                f"{held[:12] if held else 'nothing'}, not {expected[:12]}.",
                hint="Nothing was overwritten.",
            )
        _push(git.aimed(GIT_DIR=str(mirror)), location, branch, commit, expected)
        return Effect(commit, found=False)

    return contact(location, move, credential=credential, timeout_seconds=FETCH_TIMEOUT_SECONDS)


def delete_branch(
    mirror: Path,
    repository: str,
    *,
    branch: str,
    commit: str,
    credential: Credential | None = None,
    rehearse: bool = False,
) -> Compensation:
    """Delete a branch from the repository if it holds exactly this commit and nobody stands on it.

    Args:
        mirror: Any mirror of the repository; git pushes from somewhere.
        repository: Path or URL.
        branch: Name of the branch.
        commit: What we pushed.
        credential: For a private repository.
        rehearse: Only say what would come of it.

    Raises:
        Rejected: The repository lets nobody delete branches.
        NotFound: There is no such repository or mirror.
        SettingInvalid: The branch name is none.
        AccessDenied: The repository refuses the credential, or it is too weak to push.
        ServiceUnavailable: It does not answer.
        RateLimited: It asks to wait.
    """
    require_branch_name(branch)
    location = locate(repository)

    def delete(git: Git) -> Compensation:
        if found := _reason_not_to_delete(git, location, branch, commit):
            return found
        if rehearse:
            return Compensation("undone", f"It holds only {commit[:12]}.")
        return _delete(git, mirror, location, branch, commit)

    return contact(location, delete, credential=credential, timeout_seconds=FETCH_TIMEOUT_SECONDS)


def _advertised(git: Git, location: Location) -> tuple[dict[str, str], str]:
    """Return the commits of the branches by name, and the default branch."""
    listing = git.run(
        "ls-remote", "--quiet", "--symref", "--", location.address, "HEAD", "refs/heads/*"
    ).decode(errors="backslashreplace")
    heads, default_branch = {}, ""
    for line in listing.splitlines():
        value, _, name = line.partition("\t")
        if value.startswith("ref: "):
            default_branch = value.removeprefix("ref: refs/heads/") if name == "HEAD" else ""
        elif name.startswith("refs/heads/"):
            heads[name.removeprefix("refs/heads/")] = value
    return heads, default_branch


def _holds(git: Git, location: Location, branch: str, commit: str) -> bool:
    """Whether the branch is there and holds the commit already."""
    heads, default_branch = _advertised(git, location)
    if branch == default_branch:
        raise Rejected(
            f"{branch!r} is the branch that {location.address!r} stands on; it is not pushed to.",
            hint="Choose a branch template that gives a new name for each ticket.",
        )
    if heads.get(branch, commit) != commit:
        raise Rejected(
            f"The branch {branch!r} exists in {location.address!r} and holds {heads[branch][:12]}.",
            hint="Nothing was overwritten: remove that branch, or rename it, and start again.",
        )
    return branch in heads


def _push(git: Git, location: Location, branch: str, commit: str, expected: str = "") -> bool:
    """Push, and say whether that made the branch.

    The lease on what the branch holds, or on its not being there, keeps a race from moving it.
    """
    reference = f"refs/heads/{branch}"
    finished = git.attempt(
        *_PUSH,
        f"--force-with-lease={reference}:{expected}",
        *([_RECEIVE_IN_CLONE] if location.kind is Kind.CLONE else []),
        "--",
        location.address,
        f"{commit}:{reference}",
    )
    told = finished.output.decode(errors="replace")
    if finished.exit_code != 0:
        raise error_of(told + finished.stderr, command="push", subject=location.address)
    return any(line.startswith("*\t") for line in told.splitlines())


def _reason_not_to_delete(
    git: Git, location: Location, branch: str, commit: str
) -> Compensation | None:
    heads, default_branch = _advertised(git, location)
    if branch not in heads:
        return Compensation("already", "The branch is not there any more.")
    if heads[branch] != commit:
        return Compensation(
            "kept", f"It has commits of others: it holds {heads[branch][:12]}, not {commit[:12]}."
        )
    if branch == default_branch or _is_checked_out(git, location, branch):
        return Compensation(
            "kept", "It is checked out, or the branch that the repository stands on."
        )
    return None


def _is_checked_out(git: Git, location: Location, branch: str) -> bool:
    """Whether somebody works on the branch in the clone or in another worktree of it."""
    if location.kind is not Kind.CLONE:
        return False
    there = git.aimed(GIT_DIR=f"{location.address}/.git")
    return bool(there.line("for-each-ref", "--format=%(worktreepath)", f"refs/heads/{branch}"))


def _delete(git: Git, mirror: Path, location: Location, branch: str, commit: str) -> Compensation:
    """Delete the branch; the lease on its commit keeps what others push meanwhile."""
    reference = f"refs/heads/{branch}"
    finished = git.aimed(GIT_DIR=str(mirror)).attempt(
        *_PUSH,
        f"--force-with-lease={reference}:{commit}",
        *([_RECEIVE_IN_CLONE] if location.kind is Kind.CLONE else []),
        "--",
        location.address,
        f":{reference}",
    )
    if finished.exit_code == 0:
        return Compensation("undone", f"The branch held only {commit[:12]}; it was deleted.")
    told = finished.output.decode(errors="replace") + finished.stderr
    # Someone may have been quicker: a person, or another process that undoes the same run.
    if found := _reason_not_to_delete(git, location, branch, commit):
        return found
    raise error_of(told, command="push", subject=location.address)
