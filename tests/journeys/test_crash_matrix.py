"""standard_dev, killed with SIGKILL before and after every write, ends like a run left alone.

Every point with the log in a local file; a sample with the log in Redis; two in fresh interpreters.
"""

import os

import pytest

from tests.events.redis_process import started_or_skipped
from tests.journeys.greeting_answers import CALLS
from tests.journeys.greeting_matrix import refuse_faults, tried

pytestmark = [
    pytest.mark.engine,
    pytest.mark.journey,
    # Each point has a process of its own: it shares the processors out by itself.
    pytest.mark.matrix,
    pytest.mark.timeout(2400),
]
JOBS = os.cpu_count() or 1


def test_standard_dev_survives_being_killed_at_every_write(engine, tmp_path, record_property):
    table = tried(engine, tmp_path, record_property, jobs=JOBS)
    refuse_faults(table)
    assert len(table.results) == table.all_points
    assert table.paid_in_window == CALLS
    effects = {result.point.stage for result in table.results if result.point.is_at_effect}
    assert effects >= {"push", "pull-request", "triage", "page", "ticket-update", "notify"}


def test_standard_dev_survives_a_sample_with_its_log_in_redis(engine, tmp_path, record_property):
    folder = tmp_path / "redis"
    folder.mkdir()
    redis = started_or_skipped(folder)

    def choose(points):
        return [*points[7::15], next(point for point in points if point.is_window)]

    try:
        table = tried(
            engine, tmp_path / "places", record_property, redis=redis.url, choose=choose, jobs=JOBS
        )
    finally:
        redis.kill()
    refuse_faults(table)
    assert len(table.results) >= 10
    assert table.paid_in_window >= 1


def test_a_forked_start_and_one_in_a_fresh_interpreter_come_to_the_same(engine, tmp_path):
    def choose(points):
        window = next(point for point in points if point.is_window)
        act = [point for point in points if point.is_at_effect and point.stage == "push"]
        return [window, act[2]]

    def nothing(*_):
        pass

    forked, fresh = (
        tried(engine, tmp_path / name, nothing, choose=choose, fresh=name == "fresh", jobs=JOBS)
        for name in ("forked", "fresh")
    )
    refuse_faults(forked)
    assert fresh == forked
