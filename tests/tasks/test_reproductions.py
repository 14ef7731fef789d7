"""Which red tests are the agent's own: by the file in their id, where it has one."""

import pytest

from tasks.reproductions import _is_among

FILES = {"tests/test_price.py", "price_test.go"}


@pytest.mark.parametrize(
    ("name", "is_own"),
    [
        ("tests/test_price.py::test_sum", True),
        ("tests/test_price.py", True),
        ("tests/test_cart.py::test_sum", False),
        ("tests/test_cart.py", False),
        ("price_test.go::TestSum/empty", True),
        ("cart.test.js::total::adds", False),
        ("total::adds prices", True),
        ("npm test", True),
    ],
)
def test_a_test_of_another_file_is_not_the_agents(name, is_own):
    assert _is_among(name, FILES) is is_own
