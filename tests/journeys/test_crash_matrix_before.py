"""standard_dev, killed with SIGKILL before every write, ends like a run left alone.

The instants after the writes are a module of their own, so that two workers share the matrix.
"""

import pytest

from tests.journeys.greeting_answers import CALLS
from tests.journeys.greeting_matrix import refuse_faults, tried

pytestmark = [pytest.mark.engine, pytest.mark.journey, pytest.mark.timeout(1200)]


def before(points):
    return [point for point in points if point.moment == "before"]


def test_standard_dev_survives_being_killed_before_every_write(engine, tmp_path, record_property):
    table = tried(engine, tmp_path, record_property, choose=before)
    refuse_faults(table)
    assert len(table.results) * 2 == table.all_points
    assert table.paid_in_window == CALLS
    effects = {result.point.stage for result in table.results if result.point.is_at_effect}
    assert effects >= {"push", "pull-request", "triage", "page", "ticket-update", "notify"}
