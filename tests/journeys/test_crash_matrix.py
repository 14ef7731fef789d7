"""standard_dev is killed at a sample of its crash points: with its log in Redis, and unforked.

Every point: `test_crash_matrix_before.py` and `test_crash_matrix_after.py`, or `make crashes`.
"""

import pytest

from tests.events.redis_process import started_or_skipped
from tests.journeys.greeting_matrix import refuse_faults, tried

pytestmark = [pytest.mark.engine, pytest.mark.journey, pytest.mark.timeout(900)]


def test_standard_dev_survives_a_sample_with_its_log_in_redis(engine, tmp_path, record_property):
    folder = tmp_path / "redis"
    folder.mkdir()
    redis = started_or_skipped(folder)

    def choose(points):
        return [*points[7::15], next(point for point in points if point.is_window)]

    try:
        table = tried(engine, tmp_path / "places", record_property, redis=redis.url, choose=choose)
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
        tried(engine, tmp_path / name, nothing, choose=choose, fresh=name == "fresh")
        for name in ("forked", "fresh")
    )
    refuse_faults(forked)
    assert fresh == forked
