"""Asking each service of a profile who we are there, and telling all of it."""

from collections.abc import Callable, Iterable
from functools import partial

from prefect.blocks.core import Block
from prefect_github import GitHubCredentials

from blocks.credentials import AnthropicCredentials
from blocks.github import open_github_token
from blocks.loading import load_messenger
from blocks.secret_fields import secrets_in
from mergewright.clients.github_access import access_of
from mergewright.clients.secrets import forget
from mergewright.domain.access import Access
from mergewright.domain.value import Value
from mergewright.errors import AccessDenied, MergewrightError
from mergewright.safety.redaction import redact


class ServiceFinding(Value):
    """What one service of a profile said."""

    part: str
    """Where it is in the profile, as `tracker`."""
    kind: str
    """The block's type."""
    is_well: bool
    account: str = ""
    place: str = ""
    missing: tuple[str, ...] = ()
    """Permissions without which less works."""
    problem: str = ""
    hint: str = ""


def find(part: str, kind: str, check: Callable[[], object]) -> ServiceFinding:
    """Ask a service; a fault is a finding, whatever a package raises.

    Args:
        part: Where it is in the profile.
        kind: The block's type.
        check: Asks.
    """
    try:
        access = check()
    except MergewrightError as error:
        return ServiceFinding(
            part=part, kind=kind, is_well=False, problem=redact(error.message), hint=error.hint
        )
    except Exception as error:  # noqa: BLE001 - a service's package may raise anything: one line of many
        problem = redact(f"{type(error).__name__}: {error}")
        hint = "Look into the package that the service comes from."
        return ServiceFinding(part=part, kind=kind, is_well=False, problem=problem, hint=hint)
    if not isinstance(access, Access):
        return ServiceFinding(part=part, kind=kind, is_well=True, account=redact(str(access)))
    return ServiceFinding(
        part=part,
        kind=kind,
        is_well=True,
        account=redact(access.account),
        place=redact(access.place),
        missing=tuple(redact(one) for one in access.missing),
    )


def check_block(block: Block) -> object:
    """Ask a block; a secret that is refused is read anew once, for it may have been rotated.

    Raises:
        MergewrightError: The service does not answer, or refuses.
    """
    check: Callable[[], object] | None = getattr(block, "check", None)
    if check is None:
        return "(cannot be asked)"
    try:
        return check()
    except AccessDenied:
        if not forget_secrets(block):
            raise
    return check()


def forget_secrets(block: Block) -> bool:
    """Read the secrets of a block anew at their next use; say whether one may be another."""
    forgotten = [forget(secret) for _, secret in secrets_in(block)]
    return any(forgotten)


def check_messengers(names: Iterable[str]) -> list[ServiceFinding]:
    """Ask each messenger that is named by the type and name of its block."""
    return [
        find(f"messengers {name}", name.partition("/")[0], partial(_check_messenger, name))
        for name in names
    ]


def check_credentials(
    anthropic: AnthropicCredentials | None, github: GitHubCredentials | None
) -> list[ServiceFinding]:
    """Look for the key of a profile's own model calls, and ask who its token for repositories is of."""
    found: list[ServiceFinding] = []
    if anthropic is not None:
        key = anthropic.get_key
        found.append(find("anthropic", "AnthropicCredentials", lambda: _is_there(key())))
    if github is not None:
        token = github.token
        found.append(
            find("github", "GitHubCredentials", lambda: access_of(open_github_token(token)))
        )
    return found


def _check_messenger(name: str) -> object:
    return check_block(load_messenger(name))


def _is_there(_key: object) -> str:
    return "a key is there; it is tried with the first call"
