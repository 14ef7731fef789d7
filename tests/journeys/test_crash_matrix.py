"""A workflow, killed with SIGKILL before or after a write, ends like a run that was left alone.

standard_dev at every write with its log in a local file, at a sample of them in Redis, and twice in
fresh interpreters; hotfix and documentation at writes of every kind. `make crashes` tries all of them.
"""

import os

import pytest

from mergewright.testing.crashes import spread
from tests.events.redis_process import started_or_skipped
from tests.journeys.documentation_shop import DocumentationShop
from tests.journeys.greeting_shop import GreetingShop
from tests.journeys.hotfix_shop import HotfixShop
from tests.journeys.killed_matrix import refuse_faults, tried

pytestmark = [
    pytest.mark.engine,
    pytest.mark.journey,
    # Each point has a process of its own: it shares the processors out by itself.
    pytest.mark.matrix,
    pytest.mark.timeout(2400),
]
JOBS = os.cpu_count() or 1
SAMPLE = 16
"""Of hotfix and documentation: about a minute each on two processors."""


def test_standard_dev_survives_being_killed_at_every_write(engine, tmp_path, record_property):
    table = tried(GreetingShop, engine, tmp_path, record_property, jobs=JOBS)
    refuse_faults(GreetingShop, table)
    assert len(table.results) == table.all_points
    assert table.paid_in_window == GreetingShop.calls
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
            GreetingShop, engine, tmp_path / "places", record_property,
            redis=redis.url, choose=choose, jobs=JOBS,
        )  # fmt: skip
    finally:
        redis.kill()
    refuse_faults(GreetingShop, table)
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
        tried(
            GreetingShop, engine, tmp_path / name, nothing,
            choose=choose, fresh=name == "fresh", jobs=JOBS,
        )
        for name in ("forked", "fresh")
    )  # fmt: skip
    refuse_faults(GreetingShop, forked)
    assert fresh == forked


@pytest.mark.parametrize("make", [HotfixShop, DocumentationShop], ids=lambda make: make.workflow)
def test_other_workflows_survive_being_killed_at_writes_of_every_kind(
    engine, tmp_path, record_property, make
):
    table = tried(make, engine, tmp_path, record_property, choose=spread(SAMPLE), jobs=JOBS)
    refuse_faults(make, table)
    assert len(table.results) == SAMPLE
    kinds = {result.point.write for result in table.results}
    assert kinds >= {"run_started", "fact_pinned", "effect_intended", "effect_done", "run_finished"}
    assert make is not HotfixShop or {"approval_requested", "approval_decided"} <= kinds
