import pytest

from mergewright.errors import ServiceUnavailable
from tasks.engine import check_api


def test_an_api_that_does_not_answer_is_named():
    with pytest.raises(ServiceUnavailable, match=r"127\.0\.0\.1:9") as caught:
        check_api("http://127.0.0.1:9/api")
    assert "prefect server start" in caught.value.hint
