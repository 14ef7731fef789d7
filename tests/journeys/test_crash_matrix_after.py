"""standard_dev, killed with SIGKILL after every write, ends like a run left alone."""

import pytest

from tests.journeys.greeting_matrix import refuse_faults, tried

pytestmark = [pytest.mark.engine, pytest.mark.journey, pytest.mark.timeout(1200)]


def after(points):
    return [point for point in points if point.moment == "after"]


def test_standard_dev_survives_being_killed_after_every_write(engine, tmp_path, record_property):
    table = tried(engine, tmp_path, record_property, choose=after)
    refuse_faults(table)
    assert len(table.results) * 2 == table.all_points
    assert table.paid_in_window == 0
