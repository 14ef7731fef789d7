"""Which Redis is trusted with the log, and what its errors mean for a person."""

import re
import socketserver
import threading

import pytest
from redis import exceptions

from mergewright.errors import SettingInvalid, StoreFailed
from mergewright.events.redis_server import RedisServer, failure, parse_redis_url
from mergewright.events.redis_streams import RedisEventStore
from mergewright.settings import EventSync
from tests.events.samples import note

WITHOUT_PROMISE = {
    "appendonly": "no",
    "appendfsync": "no",
    "no-appendfsync-on-rewrite": "yes",
    "maxmemory-policy": "allkeys-lru",
}


@pytest.mark.parametrize(
    ("url", "shown", "is_durable"),
    [
        ("redis://localhost", "localhost:6379/0", True),
        ("redis://10.0.0.1:7000/3", "10.0.0.1:7000/3", True),
        ("redis://kim:s%3Ac@host/0?durable=no", "host:6379/0", False),
        ("rediss://host/1?durable=yes&ssl_ca_certs=/etc/ca.pem", "host:6379/1", True),
    ],
)
def test_urls(url, shown, is_durable):
    place = parse_redis_url(url)
    assert (place.shown, place.is_durable) == (shown, is_durable)
    assert "durable" not in place.url


def test_what_is_the_librarys_stays_in_the_url():
    assert parse_redis_url("redis://k:p@h:1/2?durable=no").url == "redis://k:p@h:1/2"
    assert parse_redis_url("rediss://h?ssl_ca_certs=/a").url == "rediss://h/0?ssl_ca_certs=%2Fa"


@pytest.mark.parametrize(
    "url",
    [
        "redis://",
        "redis:///0",
        "redis://h:port/0",
        "redis://h/name",
        "redis://h/0/1",
        "redis://h/0?durable",
        "redis://h/0?durable=maybe",
        "redis://h/0?retry_on_timeout=yes",
        "redis://h/0?ssl_ca_certs=/etc/ca.pem",
        "rediss://h/0?ssl_cert_reqs=none",
    ],
)
def test_urls_that_are_refused(url):
    with pytest.raises(SettingInvalid) as invalid:
        parse_redis_url(url)
    assert "MERGEWRIGHT_EVENT_STORE" in invalid.value.hint


@pytest.mark.parametrize("name", WITHOUT_PROMISE)
def test_a_redis_that_may_lose_events_is_refused_unless_that_is_all_right(own_redis, name):
    with own_redis.client() as client:
        client.config_set(name, WITHOUT_PROMISE[name])
    with pytest.raises(SettingInvalid, match=re.escape(f"({name})")) as invalid:
        RedisEventStore(own_redis.url)
    (line,) = re.findall(r"CONFIG SET (\S+ \S+);", invalid.value.hint)
    assert "?durable=no" in invalid.value.hint
    forgetful = RedisEventStore(f"{own_redis.url}?durable=no")
    forgetful.append([note()])
    forgetful.close()
    with own_redis.client() as client:
        client.config_set(*line.split())
    store = RedisEventStore(own_redis.url)
    assert len(store.read()) == 1
    store.close()


def test_a_disk_that_is_asked_every_second_does_for_the_death_of_processes(own_redis):
    with own_redis.client() as client:
        client.config_set("appendfsync", "everysec")
    RedisEventStore(own_redis.url, event_sync=EventSync.PROCESS_DEATH).close()
    with pytest.raises(SettingInvalid, match="appendfsync") as invalid:
        RedisEventStore(own_redis.url)
    assert "MERGEWRIGHT_EVENT_SYNC=process-death" in invalid.value.hint
    assert "CONFIG SET appendfsync always" in invalid.value.hint


def test_the_death_of_processes_asks_for_a_disk_all_the_same(own_redis):
    with own_redis.client() as client:
        client.config_set("appendfsync", "no")
    with pytest.raises(SettingInvalid, match="appendfsync") as invalid:
        RedisEventStore(own_redis.url, event_sync=EventSync.PROCESS_DEATH)
    assert "MERGEWRIGHT_EVENT_SYNC" not in invalid.value.hint


def test_a_redis_that_does_not_tell_is_refused_unless_that_is_all_right(own_redis):
    with own_redis.client() as client:
        client.execute_command("ACL SETUSER kim on >sesame ~* &* +@all -config")
    url = own_redis.url.replace("redis://", "redis://kim:sesame@")
    with pytest.raises(SettingInvalid, match="does not tell") as invalid:
        RedisEventStore(url)
    assert "CONFIG GET" in invalid.value.hint
    assert "sesame" not in str(invalid.value)
    store = RedisEventStore(f"{url}?durable=no")
    store.append([note()])
    store.close()


def test_a_wrong_password_is_reported(own_redis):
    url = own_redis.url.replace("redis://", "redis://kim:sesame@")
    with pytest.raises(StoreFailed) as failed:
        RedisEventStore(url)
    assert "password" in failed.value.hint
    assert "sesame" not in str(failed.value)


def test_rights_that_are_missing_are_reported(own_redis):
    with own_redis.client() as client:
        client.execute_command("ACL SETUSER kim on >sesame ~other:* +@all")
    with pytest.raises(StoreFailed) as failed:
        RedisEventStore(own_redis.url.replace("redis://", "redis://kim:sesame@"))
    assert "rights" in failed.value.hint


class OldRedis(socketserver.StreamRequestHandler):
    """Says that it is Redis 6.0, and OK to everything else."""

    def handle(self):
        info = b"# Server\r\nredis_version:6.0.16\r\n"
        while count := self.rfile.readline()[1:]:
            words = [self.rfile.read(int(self.rfile.readline()[1:]) + 2) for _ in range(int(count))]
            is_info = words[0] == b"INFO\r\n"
            self.wfile.write(b"$%d\r\n%s\r\n" % (len(info), info) if is_info else b"+OK\r\n")


def test_an_old_redis_is_refused():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), OldRedis) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(SettingInvalid, match=r"version '6\.0\.16'") as invalid:
            RedisEventStore(f"redis://127.0.0.1:{server.server_address[1]}/0?durable=no")
        server.shutdown()
    assert "6.2" in invalid.value.hint


def test_what_no_longer_answers_is_not_waited_for_for_ever(own_redis):
    RedisEventStore(own_redis.url).close()
    own_redis.kill()
    with pytest.raises(StoreFailed) as failed:
        RedisEventStore(own_redis.url)
    assert "Start Redis again" in failed.value.hint


def errors_of(kind):
    for child in kind.__subclasses__():
        yield child
        yield from errors_of(child)


@pytest.mark.parametrize("kind", sorted({*errors_of(exceptions.RedisError)}, key=str))
def test_every_error_of_the_library_has_a_meaning(redis_url, kind):
    server = RedisServer(redis_url)
    try:
        error = kind("what happened")
    except (IndexError, ValueError):
        error = kind("1 127.0.0.1:7000")  # a redirection names a slot and a node
    with pytest.raises(StoreFailed) as failed, server.connected():
        raise error
    assert failed.value.hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("OOM command not allowed when used memory > 'maxmemory'.", "maxmemory"),
        ("MISCONF Errors writing to the AOF file", "disk"),
        ("READONLY You can't write against a read only replica.", "primary"),
        ("ERR Error running script: @user_script: 12: -OOM command not allowed", "maxmemory"),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed", "ssl_ca_certs"),
        ("ERR something else", "Redis server"),
    ],
)
def test_errors_that_only_their_text_tells_apart(text, hint):
    place = parse_redis_url("redis://h")
    assert hint in failure(place, exceptions.ResponseError(text)).hint
