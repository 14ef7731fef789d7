"""Another process that calls services behind shared circuits; says what it saw as JSON."""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from mergewright.clients.breaker import call_with_retries, share_circuits, tell_health
from mergewright.clients.circuit import Circuit
from mergewright.clients.health import LastingHealth
from mergewright.errors import ServiceUnavailable
from mergewright.events.health_sqlite import SqliteHealth

CLIENT = httpx.Client(timeout=1.0)
"""One for all: a client costs much more than a call."""
ILL_THREADS = 8
HEALTHY_THREADS = 4
CALLS_EACH = 15


def ask(url: str) -> None:
    try:
        CLIENT.get(url).raise_for_status()
    except httpx.HTTPError as error:
        raise ServiceUnavailable(f"{url} does not answer: {error}.") from error


def call(url: str) -> tuple[float, str]:
    """Return how long one call took and what came of it."""
    began = time.monotonic()
    try:
        call_with_retries(
            lambda: ask(url),
            service="Jira",
            host=urlsplit(url).netloc,
            attempts=1,
            safe_to_repeat=True,
        )
    except ServiceUnavailable as error:
        outcome = "refused" if "is not called now" in error.message else "failed"
        return time.monotonic() - began, outcome
    return time.monotonic() - began, "answered"


def call_both(healthy_url: str, ill_url: str) -> dict[str, list[tuple[float, str]]]:
    """Call one healthy and one ill service at once with many threads."""

    def several(url: str) -> list[tuple[float, str]]:
        return [call(url) for _ in range(CALLS_EACH)]

    with ThreadPoolExecutor(ILL_THREADS + HEALTHY_THREADS) as pool:
        ill = [pool.submit(several, ill_url) for _ in range(ILL_THREADS)]
        healthy = [pool.submit(several, healthy_url) for _ in range(HEALTHY_THREADS)]
        return {
            "ill": [outcome for one in ill for outcome in one.result()],
            "healthy": [outcome for one in healthy for outcome in one.result()],
        }


def hang(health: SqliteHealth, host: str) -> None:
    """Become the probe of an open circuit, say so, and never end."""
    with Circuit("Jira", host, health=LastingHealth(health)).calling():
        sys.stdout.write("probing\n")
        sys.stdout.flush()
        sys.stdin.read()


def main(path: str, what: str, *places: str) -> None:
    health = SqliteHealth(Path(path))
    if what == "hang":
        hang(health, *places)
    share_circuits(health)
    found = call_both(*places)
    tell_health()
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
