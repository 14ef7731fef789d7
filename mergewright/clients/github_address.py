"""Where a repository is at GitHub: its address, read strictly, and GitHub's own addresses.

Source: docs.github.com/en/enterprise-server/rest (API below `/api/v3`, GraphQL at `/api/graphql`)
and docs.github.com/en/graphql/guides/forming-calls-with-graphql, 2026-11-20.
"""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from mergewright.errors import SettingInvalid
from mergewright.safety.redaction import redact

GITHUB_API = "https://api.github.com"
_GITHUB_WEB = "https://github.com"
_ENTERPRISE_API = "/api/v3"

_OWNER = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9_])?"
_NAME = r"[A-Za-z0-9._-]{1,100}"
_FULL_NAME = re.compile(rf"(?P<owner>{_OWNER})/(?P<name>{_NAME})")
_SCP_ADDRESS = re.compile(r"(?:git@)?(?P<host>[A-Za-z0-9.-]+):(?P<path>[^:@\\]+)")
_HINT = "Name it as https://github.com/OWNER/NAME, git@github.com:OWNER/NAME.git or OWNER/NAME."


class RepositoryName(NamedTuple):
    """A repository of one GitHub."""

    owner: str
    name: str

    def __str__(self) -> str:
        return f"{self.owner}/{self.name}"


class GitHubAddress(NamedTuple):
    """The addresses of one GitHub."""

    api: str
    """Root of the REST API."""
    graphql: str
    web: str
    """Root of what people read."""


def address_of(api_url: str = GITHUB_API, web_url: str = "") -> GitHubAddress:
    """Return the addresses of the GitHub whose REST API is there.

    Args:
        api_url: Root of the API, as `https://github.example.org/api/v3`.
        web_url: Root of its pages; empty takes the one that belongs to the API.

    Raises:
        SettingInvalid: An address is none, or holds a password.
    """
    api = _root(api_url)
    if api == GITHUB_API:
        return GitHubAddress(api, f"{api}/graphql", _root(web_url or _GITHUB_WEB))
    is_enterprise = api.endswith(_ENTERPRISE_API)
    above = api.removesuffix(_ENTERPRISE_API)
    graphql = f"{above}/api/graphql" if is_enterprise else f"{api}/graphql"
    return GitHubAddress(api, graphql, _root(web_url or above))


def _root(url: str) -> str:
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        good, parts = None, urlsplit("")
    if not good or "@" in parts.netloc or parts.query or parts.fragment or not url.isprintable():
        raise SettingInvalid(
            f"{redact(url)!r} is no address of GitHub.",
            hint="Write it as https://github.example.org/api/v3, without user or password.",
        )
    return url.rstrip("/")


def parse_repository(repository: str, web: str) -> RepositoryName:
    """Return which repository of a GitHub an address names: https, ssh, scp form or OWNER/NAME.

    Args:
        repository: The address, without credentials.
        web: Root of that GitHub's pages.

    Raises:
        SettingInvalid: It is no such address, of another host, or holds a password.
    """
    path = _path_of(repository, web)
    found = _FULL_NAME.fullmatch(path.removesuffix("/").removesuffix(".git"))
    if found is None or set(found["name"]) == {"."}:
        raise _no_repository(repository, "it does not name an owner and a repository")
    return RepositoryName(found["owner"], found["name"])


def _path_of(repository: str, web: str) -> str:
    home = urlsplit(web)
    if "://" not in repository:
        found = _SCP_ADDRESS.fullmatch(repository)
        if found is None:
            return repository
        _require_host(repository, found["host"], home.hostname)
        return found["path"]
    try:
        parts = urlsplit(repository)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise _no_repository(repository, "it is no URL") from None
    is_ssh = parts.scheme == "ssh"
    if parts.scheme not in {"https", "http", "ssh"} or parts.query or parts.fragment:
        raise _no_repository(repository, "it is no https or ssh address")
    if parts.password is not None or (parts.username and (not is_ssh or parts.username != "git")):
        raise _no_repository(repository, "it holds a user or password")
    _require_host(repository, host, home.hostname)
    if not is_ssh and port != home.port:
        raise _no_repository(repository, f"its port is not that of {home.netloc!r}")
    below = "" if is_ssh else home.path.rstrip("/")
    if not parts.path.startswith(f"{below}/"):
        raise _no_repository(repository, f"it is not below {web!r}")
    return parts.path.removeprefix(f"{below}/")


def _require_host(repository: str, host: str | None, wanted: str | None) -> None:
    names = {wanted, f"ssh.{wanted}"}
    if (host or "").lower() not in names:
        raise _no_repository(repository, f"it is not at {wanted!r}")


def _no_repository(repository: str, reason: str) -> SettingInvalid:
    return SettingInvalid(
        f"{redact(repository)!r} is no repository of this GitHub: {reason}.", hint=_HINT
    )
