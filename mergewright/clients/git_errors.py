"""What git says, as Mergewright's errors: git has exit codes for almost nothing, so words decide.

The words are those of the C locale, in which git always runs here.

Source: messages of git 2.39 and of `git http-backend`, provoked on 2026-11-20.
"""

import re
from typing import NamedTuple

from mergewright.errors import (
    AccessDenied,
    MergewrightError,
    NotFound,
    RateLimited,
    Rejected,
    ServiceUnavailable,
    StoreFailed,
)

MAX_COMPLAINT_LENGTH = 500
MAX_READ_LENGTH = 20_000

_USERINFO = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]{0,20}://)[^/\s'\"]{0,4096}@", re.IGNORECASE)
_QUOTED = re.compile(r"'[^'\n]*'")
_ADVICE = re.compile(r"^(hint|warning|Please make sure|and the repository exists)")
_PREFIX = re.compile(r"^((fatal|error|remote): *)+")


class _Meaning(NamedTuple):
    words: re.Pattern[str]
    error: type[MergewrightError]
    hint: str


def _meaning(words: str, error: type[MergewrightError], hint: str) -> _Meaning:
    return _Meaning(re.compile(words, re.IGNORECASE), error, hint)


_MEANINGS = (
    _meaning(
        r"no space left on device|disk quota exceeded|unable to write|failed to write|write error",
        StoreFailed,
        "Free space on the disk, then start the same run again.",
    ),
    _meaning(
        r"authentication failed|could not read (username|password)|terminal prompts disabled"
        r"|permission denied|permission to .* denied|insufficient permission"
        r"|host key verification failed|returned error: 40[13]|access denied|dubious ownership",
        AccessDenied,
        "Check that a credential for this repository is set, is valid and may do this.",
    ),
    _meaning(
        r"returned error: 30\d|unable to update url base from redirection",
        NotFound,
        "The repository has moved: give its present address.",
    ),
    _meaning(r"returned error: 429", RateLimited, "Wait, then start the same run again."),
    _meaning(
        r"does not appear to be a git repository|not a git repository|repository .*not found"
        r"|returned error: 404|couldn't find remote ref|does not exist|not a valid object"
        r"|not a tree object|bad object|needed a single revision|could not get object info",
        NotFound,
        "Check the spelling, and that the repository is still there.",
    ),
    _meaning(
        r"lacks these prerequisite commits|lacks necessary blobs",
        Rejected,
        "Make the bundle with the whole history: git bundle create FILE --all",
    ),
    _meaning(
        r"\[(remote )?rejected\]|non-fast-forward|fetch first|stale info|hook declined",
        Rejected,
        "Nothing was overwritten: use another branch name, or remove the branch that is in the way.",
    ),
    _meaning(
        r"certificate",
        Rejected,
        "Name the file with the certificates to trust in SSL_CERT_FILE or GIT_SSL_CAINFO.",
    ),
    _meaning(
        r"could not resolve|connection (refused|reset|closed)|failed to connect|couldn't connect"
        r"|timed out|timeout|too slow|unable to access|early eof|hung up|rpc failed"
        r"|returned error: 5\d\d|network is unreachable|no route to host|\bssl|tls_|gnutls"
        r"|could not read from remote repository|unexpected disconnect|empty reply",
        ServiceUnavailable,
        "Look whether the service is up and reachable, then start the same run again.",
    ),
)


def without_userinfo(text: str) -> str:
    """Replace user names, passwords and tokens in URLs by `***`."""
    return _USERINFO.sub(r"\g<scheme>***@", text)


def complaint(stderr: str) -> str:
    """Return what git complained about on one line, without secrets, advice and control characters."""
    lines = [line.strip() for line in without_userinfo(stderr).splitlines()]
    told = [_PREFIX.sub("", line) for line in lines if line and not _ADVICE.match(line)]
    text = "; ".join(line for line in told if line)
    printable = "".join(character for character in text if character.isprintable())
    return printable[:MAX_COMPLAINT_LENGTH]


def error_of(stderr: str, *, command: str, subject: str) -> MergewrightError:
    """Return the error that git's complaint stands for.

    Args:
        stderr: What git printed in the C locale.
        command: The git command, as `fetch`.
        subject: What it was about.
    """
    stderr = stderr[-MAX_READ_LENGTH:]
    said = complaint(stderr) or "it gave no reason"
    message = f"git {command} failed for {without_userinfo(subject)!r}: {said}"
    words = _QUOTED.sub("''", stderr)
    for meaning in _MEANINGS:
        if meaning.words.search(words):
            return meaning.error(message, hint=meaning.hint)
    return Rejected(message, hint="Run the same git command by hand to see more.")
