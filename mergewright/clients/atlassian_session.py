"""What the clients of Atlassian's library are opened with: nothing waits or repeats by itself.

The library's own retries sleep and repeat writes, its own errors lose what the service said; so it
gives each answer as it is. Redirects are not followed: a write would become a read, and credentials
could go elsewhere.

Source: atlassian-python-api 5.0.5, read and run against a server on loopback, 2026-11-20.
"""

from typing import Any

from requests import Session  # noqa: TID251 - the library's own session

from mergewright.clients.bounded_answers import read_within
from mergewright.safety.redaction import register_secret

TIMEOUT_SECONDS = 30
"""For the connection, and again for each pause in the answer."""
ANSWER_SECONDS = 120
"""For a whole answer, however small the pauses in it are."""
MAX_ANSWER_BYTES = 20 * 1024 * 1024
"""An issue with all its fields has less than 1 MB, a page less than 5; no larger file is asked for."""


def session_options(
    token: str, *, username: str, timeout_seconds: int, answer_seconds: float
) -> dict[str, Any]:
    """Return the arguments of a client of the library.

    Args:
        token: API token, password or personal access token.
        username: Whose token it is; without it, the token is sent as a bearer.
        timeout_seconds: Time limit of the connection, and of each pause in an answer.
        answer_seconds: Time limit of a whole answer.
    """
    register_secret(token)
    register_secret(f"{username}:{token}")
    session = Session()
    session.max_redirects = 0
    limits = read_within(seconds=answer_seconds, max_bytes=MAX_ANSWER_BYTES)
    session.hooks["response"].append(limits)
    credentials = {"username": username, "password": token} if username else {"token": token}
    return {
        "session": session,
        "timeout": timeout_seconds,
        "retry_with_header": False,
        "advanced_mode": True,
        **credentials,
    }
