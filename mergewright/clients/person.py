"""Who the person at this machine is: as they say, else as their git knows them, else by their account."""

import getpass

from mergewright.clients.git import Git
from mergewright.domain.approval_identity import Identity, read_identity
from mergewright.errors import MergewrightError
from mergewright.settings import settings

SHARED_ACCOUNTS = frozenset({"root"})
"""Accounts that are nobody in particular: in a container everybody has this one."""


def local_identity() -> Identity:
    """Return who the person at this machine is; nobody is known where nothing tells."""
    if settings().user:
        return read_identity(settings().user)
    account = _account()
    accounts = (account,) if account and account not in SHARED_ACCOUNTS else ()
    name, mail = _configured("user.name"), _configured("user.email")
    if name or mail:
        return Identity(name=name, mail=mail, accounts=accounts)
    return Identity(name=account, accounts=accounts)


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def _configured(name: str) -> str:
    """Return a value of the person's own git configuration; empty where there is none."""
    git = Git(subject="your git configuration", own_configuration=True)
    try:
        finished = git.attempt("config", "--get", name)
    except MergewrightError:
        return ""
    return finished.output.decode(errors="replace").strip() if finished.exit_code == 0 else ""
