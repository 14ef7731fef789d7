"""The Redis server of an event log: its URL, what is asked of it, and how it fails.

What a returned append survives is what the server's `appendfsync` says: with `always`, the entry is
on the disk; with `everysec`, it outlives the death of Redis, and a power cut may take the last
second or two. The setting `event_sync` says which is asked for. Replication is no part of it: a failover may lose what the replica had not got.

Source: https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/, 2026-11-20.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, NamedTuple, Protocol, cast
from urllib.parse import parse_qsl, urlencode, urlsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    BusyLoadingError,
    ConnectionError,  # noqa: A004 - Redis's own, and nothing else is meant here
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TimeoutError,  # noqa: A004 - as above
)
from redis.retry import Retry

from mergewright.errors import SettingInvalid, StoreFailed
from mergewright.events.redis_scripts import FOREIGN, LAYOUT, REMOVED
from mergewright.settings import EventSync

CONNECT_TIMEOUT_SECONDS: Final = 5.0
ANSWER_TIMEOUT_SECONDS: Final = 15.0

_OLDEST_VERSION: Final = (6, 2)
"""First with exclusive ranges and XAUTOCLAIM."""
_TLS_OPTIONS: Final = frozenset({"ssl_ca_certs", "ssl_certfile", "ssl_keyfile"})
_DURABLE: Final = {
    "appendonly": ("yes",),
    "appendfsync": ("always",),
    "no-appendfsync-on-rewrite": ("no",),
    "maxmemory-policy": ("noeviction",),
}
"""Settings that keep what was acknowledged, with the values that do; the best first."""
_OUTLIVES_REDIS: Final = _DURABLE | {"appendfsync": ("always", "everysec")}
"""The same where a power cut may take the last seconds."""
_URL_HINT: Final = (
    "Set MERGEWRIGHT_EVENT_STORE to `redis://host:port/db` (`rediss://` with TLS), where `db` is a"
    " number; `?durable=no` says that losing the log is all right."
)
_REFUSAL: Final = (
    "Look at the user, the password and the rights that MERGEWRIGHT_EVENT_STORE gives."
)
_MEMORY: Final = (
    "Give Redis more memory (`maxmemory`), or trim runs, and start the same request again."
)
_REPLICA: Final = "Name the primary server in MERGEWRIGHT_EVENT_STORE."
_AWAY: Final = (
    "Start Redis again or mend the network, and start the same request again: whatever was"
    " acknowledged is kept, and what was just sent is there whole or not at all."
)
_HINTS_BY_TYPE: Final[dict[type[Exception], str]] = {
    AuthenticationError: _REFUSAL,
    AuthorizationError: _REFUSAL,
    NoPermissionError: _REFUSAL,
    OutOfMemoryError: _MEMORY,
    ReadOnlyError: _REPLICA,
    BusyLoadingError: "Redis is still reading its files; wait, and start the same request again.",
    ConnectionError: _AWAY,
    TimeoutError: _AWAY,
}
_HINTS_BY_CODE: Final = {
    "OOM": _MEMORY,
    "MISCONF": "Redis cannot write its files: look at its disk, and start the same request again.",
    "READONLY": _REPLICA,
    "NOPERM": _REFUSAL,
    "WRONGTYPE": "Something else wrote to the keys of the log; put a copy back.",
    REMOVED: "Do not go on: put a copy of the Redis data back, or begin a new log by starting anew.",
    "CERTIFICATE": "Name the authority that signed the server's certificate:"
    " `rediss://host:port/db?ssl_ca_certs=/path/to/ca.pem`.",
    FOREIGN: "Name another database (`/db`) with MERGEWRIGHT_EVENT_STORE.",
}
_GENERAL_HINT: Final = "Look at the Redis server and its log."


Ask = Callable[..., object]
"""Sends one command and returns its reply."""


class RedisPlace(NamedTuple):
    """Where a log is."""

    url: str
    """As the client library reads it; may hold a password."""
    shown: str
    """Host, port and number of the database."""
    is_durable: bool
    """Whether the server must keep what it has acknowledged."""


class Answer(NamedTuple):
    """What a script returned."""

    value: object
    is_repeated: bool
    """The connection broke and the script was sent again: it may have run twice."""


def parse_redis_url(url: str) -> RedisPlace:
    """Read the URL of a Redis event log.

    Raises:
        SettingInvalid: It is no such URL.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 6379
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True))
    except ValueError:
        host, port, parts, options = None, 0, urlsplit(""), {}
    database = parts.path.removeprefix("/") or "0"
    if (
        host is None
        or parts.scheme not in {"redis", "rediss"}
        or not re.fullmatch(r"[0-9]+", database)
    ):
        raise SettingInvalid("The URL of the Redis event log cannot be read.", hint=_URL_HINT)
    durable = options.pop("durable", "yes")
    allowed = _TLS_OPTIONS if parts.scheme == "rediss" else frozenset[str]()
    if durable not in {"yes", "no"} or not options.keys() <= allowed:
        raise SettingInvalid(
            "The URL of the Redis event log has an option that is not known:"
            f" {sorted(options.keys() - allowed) or ['durable']}.",
            hint=f"{_URL_HINT} With TLS: {', '.join(sorted(_TLS_OPTIONS))}.",
        )
    place = parts._replace(path=f"/{database}", query=urlencode(options), fragment="")
    return RedisPlace(place.geturl(), f"{host}:{port}/{database}", durable == "yes")


def failure(place: RedisPlace, error: Exception) -> StoreFailed:
    """Say what an error of Redis, or of the way there, means for a person."""
    codes = re.findall(r"[A-Z]{3,}", str(error))
    by_code = (_HINTS_BY_CODE[code] for code in codes if code in _HINTS_BY_CODE)
    by_type = (_HINTS_BY_TYPE[kind] for kind in type(error).__mro__ if kind in _HINTS_BY_TYPE)
    hint = next(by_code, None) or next(by_type, None) or _GENERAL_HINT
    text = str(error).rstrip(".")
    return StoreFailed(f"The event log in Redis at {place.shown} failed: {text}.", hint=hint)


class _Connection(Protocol):
    """The part of the library's connections that is used; the library gives it no types."""

    def on_connect(self) -> None: ...
    def send_command(self, *command: str) -> None: ...
    def read_response(self) -> object: ...
    def disconnect(self) -> None: ...


class RedisServer:
    """A server that is asked on each new connection whether it is durable: it may have changed.

    Threads and forked children share it: the client library gives each its own connection.

    Args:
        url: `redis://` or `rediss://`.
        event_sync: What the server must let an acknowledged entry survive.

    Raises:
        SettingInvalid: It is no such URL.
    """

    def __init__(self, url: str, event_sync: EventSync = EventSync.POWER_LOSS) -> None:
        self.place = parse_redis_url(url)
        self._event_sync = event_sync
        self._client = Redis.from_url(
            self.place.url,
            protocol=2,
            # A command that was sent may have been carried out: only we know which to repeat.
            retry=Retry(NoBackoff(), 0),
            redis_connect_func=self._greet,
            socket_connect_timeout=CONNECT_TIMEOUT_SECONDS,
            socket_timeout=ANSWER_TIMEOUT_SECONDS,
        )

    @contextmanager
    def connected(self) -> Iterator[Ask]:
        """Let commands be sent.

        Raises:
            SettingInvalid: The server may lose what it has acknowledged.
            StoreFailed: The server cannot be reached, or refuses.
        """
        try:
            yield self._client.execute_command
        except (RedisError, OSError, UnicodeError) as error:
            raise failure(self.place, error) from error

    def send(self, script: str, *arguments: str | int) -> Answer:
        """Run a script; once more when the connection breaks.

        Raises:
            SettingInvalid: The server may lose what it has acknowledged.
            StoreFailed: The server cannot be reached, or refuses.
        """
        with self.connected():
            try:
                return Answer(self._evaluate(script, arguments), is_repeated=False)
            except (ConnectionError, TimeoutError):
                return Answer(self._evaluate(script, arguments), is_repeated=True)

    def close(self) -> None:
        """Let go of the connections; the next use makes new ones."""
        self._client.close()

    def _evaluate(self, script: str, arguments: tuple[str | int, ...]) -> object:
        return cast("object", self._client.register_script(script)([LAYOUT], arguments))

    def _greet(self, connection: _Connection) -> None:
        def ask(*command: str) -> object:
            connection.send_command(*command)
            return connection.read_response()

        connection.on_connect()
        try:
            check_server(ask, self.place, self._event_sync)
        except SettingInvalid:
            # The library would take a connection whose greeting failed like this for a good one.
            connection.disconnect()
            raise


def check_server(ask: Ask, place: RedisPlace, event_sync: EventSync) -> None:
    """Refuse a server that is too old, or that may lose what it has acknowledged.

    Raises:
        SettingInvalid: Its version or settings do not do.
        RedisError: It cannot be asked.
    """
    told = cast("bytes", ask("INFO", "server")).decode()
    version = re.search(r"^redis_version:((\d+)\.(\d+)\S*)", told, re.MULTILINE)
    if version is None or (int(version[2]), int(version[3])) < _OLDEST_VERSION:
        raise SettingInvalid(
            f"The Redis at {place.shown} has version {version[1] if version else 'unknown'!r},"
            " which is too old.",
            hint="The event log needs Redis 6.2 or later.",
        )
    if not place.is_durable:
        return
    wanted = _DURABLE if event_sync is EventSync.POWER_LOSS else _OUTLIVES_REDIS
    found = {name: _setting(ask, place, name) for name in wanted}
    wrong = {name: values[0] for name, values in wanted.items() if found[name] not in values}
    if wrong:
        lines = "; ".join(f"CONFIG SET {name} {value}" for name, value in wrong.items())
        raise SettingInvalid(
            f"The Redis at {place.shown} may lose events that it has acknowledged"
            f" ({', '.join(wrong)}).",
            hint=f"Run there: {lines}; CONFIG REWRITE; and wait until INFO says"
            f" aof_rewrite_in_progress:0. {_may_be_less(wrong, found)}If losing the log is all right,"
            " put `?durable=no` at the end of MERGEWRIGHT_EVENT_STORE.",
        )


def _may_be_less(wrong: Mapping[str, str], found: Mapping[str, str]) -> str:
    """Name the setting that such a server agrees with, if there is one."""
    if wrong.keys() != {"appendfsync"} or found["appendfsync"] != "everysec":
        return ""
    return (
        "If a power cut may take the last seconds, set"
        f" MERGEWRIGHT_EVENT_SYNC={EventSync.PROCESS_DEATH}. "
    )


def _setting(ask: Ask, place: RedisPlace, name: str) -> str:
    try:
        found = cast("list[bytes]", ask("CONFIG", "GET", name))
    except ResponseError as error:
        raise SettingInvalid(
            f"The Redis at {place.shown} does not tell whether it is durable: {error}.",
            hint=f"Give the user the right to `CONFIG GET`; or make sure that {', '.join(_DURABLE)}"
            " are as they should be, and put `?durable=no` at the end of MERGEWRIGHT_EVENT_STORE.",
        ) from error
    return found[1].decode() if found else ""
