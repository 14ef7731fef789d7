"""standard_dev, killed with SIGKILL at a sample of its crash points, ends like a run left alone.

Every point: `make crashes`.
"""

import pytest

from mergewright.testing.crashes import CrashTable, run_matrix, sample
from mergewright.testing.messages_server import MessagesServer
from tests.events.redis_process import started_or_skipped
from tests.journeys.greeting_answers import reply
from tests.journeys.greeting_shop import GreetingShop

pytestmark = [pytest.mark.engine, pytest.mark.journey, pytest.mark.timeout(900)]

LEAST_POINTS = 140
"""A run that passes less than this many points does not write down what it does any more."""


def look_at(table: CrashTable, tried: int) -> None:
    assert table.is_clean, str(table)
    assert table.all_points >= LEAST_POINTS
    assert len(table.results) >= tried
    windows = [result for result in table.results if result.point.is_window]
    assert windows
    assert all(result.paid_in_window == 1 for result in windows)
    assert table.paid_in_window == len(windows)


def test_standard_dev_survives_being_killed_around_every_effect_and_at_a_sample(engine, tmp_path):
    with MessagesServer(reply) as messages:
        shop = GreetingShop(engine, messages)
        table = run_matrix(shop, tmp_path, choose=sample(15))
    look_at(table, 30)
    effects = {result.point.stage for result in table.results if result.point.is_at_effect}
    assert effects == {"push", "pull-request", "page", "ticket-update", "notify"}


def test_standard_dev_survives_a_sample_with_its_log_in_redis(engine, tmp_path):
    folder = tmp_path / "redis"
    folder.mkdir()
    redis = started_or_skipped(folder)

    def choose(points):
        return [*points[7::15], next(point for point in points if point.is_window)]

    try:
        with MessagesServer(reply) as messages:
            shop = GreetingShop(engine, messages, redis.url)
            table = run_matrix(shop, tmp_path / "places", choose=choose)
    finally:
        redis.kill()
    look_at(table, 10)
