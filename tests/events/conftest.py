"""Stores in a folder of the test or on a server of the session, and other processes."""

import multiprocessing

import pytest

from tests.events.redis_process import started_or_skipped
from tests.events.samples import STORES, open_anew


@pytest.fixture(scope="session")
def redis_process(tmp_path_factory):
    """A durable Redis that the tests of a session share, each with an empty database."""
    process = started_or_skipped(tmp_path_factory.mktemp("redis"))
    yield process
    process.kill()


@pytest.fixture
def redis_url(redis_process):
    with redis_process.client() as client:
        client.flushdb()
    return redis_process.url


@pytest.fixture
def own_redis(tmp_path):
    """A durable Redis of the test's own, to be killed at will."""
    process = started_or_skipped(tmp_path)
    yield process
    process.kill()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "home" / "events.db"


@pytest.fixture(params=STORES)
def url(request):
    """Where an empty log is: each test that asks runs once with each back end."""
    if request.param == "redis":
        return request.getfixturevalue("redis_url")
    return f"sqlite:///{request.getfixturevalue('path')}"


@pytest.fixture
def store(url):
    store = open_anew(url)
    yield store
    store.close()


@pytest.fixture(scope="session")
def processes():
    """Processes that share nothing with this one but the log."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.events.samples"])
    return context
