"""What is known of services in Redis, beside the event log: a hash for each service and host.

    {mergewright}:health:names            set: `["service","host"]` of all that are known
    {mergewright}:health:<service,host>   hash: version, body

A change reads, computes and writes if the version is still the one that was read: the rules are
written once, in Python, for all stores. Time limits are short: a guard must not slow down the call.

Source: https://redis.io/docs/latest/develop/programmability/eval-intro/, 2026-11-20.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, cast

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from mergewright.domain.health import ServiceHealth
from mergewright.errors import StoreFailed
from mergewright.events.health_rows import decode_health, encode_health
from mergewright.events.redis_server import parse_redis_url

KEY_PREFIX: Final = "{mergewright}:health:"
NAMES: Final = f"{KEY_PREFIX}names"
CONNECT_TIMEOUT_SECONDS: Final = 1.0
ANSWER_TIMEOUT_SECONDS: Final = 2.0
CHANGE_TRIES: Final = 50
"""Others that came first so often: something else is wrong."""

_WRITE: Final = """
if (redis.call('HGET', KEYS[1], 'version') or '0') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1] + 1, 'body', ARGV[2])
redis.call('SADD', KEYS[2], ARGV[3])
return 1
"""
"""ARGV: version that was read, body, name. Answers with 0 if another process came first."""


class RedisHealth:
    """Health on a Redis server that threads and processes share; see `Health`.

    Args:
        url: `redis://` or `rediss://`, as for the event log.

    Raises:
        SettingInvalid: It is no such URL.
    """

    def __init__(self, url: str) -> None:
        self._place = parse_redis_url(url)
        self._lock = threading.Lock()
        self._client = Redis.from_url(
            self._place.url,
            protocol=2,
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=CONNECT_TIMEOUT_SECONDS,
            socket_timeout=ANSWER_TIMEOUT_SECONDS,
        )
        self._write = self._client.register_script(_WRITE)

    def read(self, service: str, host: str) -> ServiceHealth:
        """Return what is known; see `Health.read`.

        Raises:
            StoreFailed: The server cannot be reached, or refuses.
        """
        with self._connected():
            return self._read(service, host)[1]

    def change(
        self, service: str, host: str, change: Callable[[ServiceHealth], ServiceHealth]
    ) -> ServiceHealth:
        """Replace what is known in one step; see `Health.change`.

        Raises:
            StoreFailed: The server cannot be reached, or refuses.
        """
        name = _name(service, host)
        # The lock leaves only other processes to come first.
        with self._lock, self._connected():
            for _ in range(CHANGE_TRIES):
                version, known = self._read(service, host)
                changed = change(known)
                if changed == known:
                    return known
                values: list[bytes | str] = [version, encode_health(changed), name]
                if self._write([KEY_PREFIX + name, NAMES], values):
                    return changed
        raise StoreFailed(
            f"The state of {service} at {host} in Redis at {self._place.shown} changes too fast.",
            hint="Look which processes write there.",
        )

    def services(self) -> tuple[ServiceHealth, ...]:
        """Return all services that are known; see `Health.services`.

        Raises:
            StoreFailed: The server cannot be reached, or refuses.
        """
        with self._connected():
            names = cast("set[bytes]", self._client.smembers(NAMES))
            known = [self._read(*json.loads(name))[1] for name in names]
        return tuple(sorted(known, key=lambda health: (health.service, health.host)))

    def close(self) -> None:
        """Let go of the connections; the next use makes new ones."""
        self._client.close()

    def _read(self, service: str, host: str) -> tuple[bytes, ServiceHealth]:
        key = KEY_PREFIX + _name(service, host)
        found = cast("list[bytes | None]", self._client.hmget(key, ["version", "body"]))
        return found[0] or b"0", decode_health(found[1], service, host)

    @contextmanager
    def _connected(self) -> Iterator[None]:
        try:
            yield
        except (RedisError, OSError, ValueError) as error:
            raise StoreFailed(
                f"The state of services in Redis at {self._place.shown} failed: {error}.",
                hint="Start Redis again or mend the network; runs go on without it meanwhile.",
            ) from error


def _name(service: str, host: str) -> str:
    return json.dumps([service, host], separators=(",", ":"))
