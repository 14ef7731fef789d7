import pytest

from mergewright.clients.retries import LONGEST_PAUSE_SECONDS, retrying
from mergewright.errors import NotFound, RateLimited, ServiceUnavailable


def calls_made(error: Exception, *, unless=lambda _: False) -> int:
    made = []

    def call():
        made.append(error)
        raise error

    with pytest.raises(type(error)):
        retrying(2, unless=unless)(call)
    return len(made)


@pytest.mark.parametrize(
    ("error", "made"),
    [
        (ServiceUnavailable("down"), 2),
        (RateLimited("wait", retry_after_seconds=0.01), 2),
        (RateLimited("wait", retry_after_seconds=LONGEST_PAUSE_SECONDS + 1), 1),
        (NotFound("404"), 1),
        (ValueError("bug"), 1),
    ],
    ids=["may pass", "short wait", "long wait", "will not pass", "bug"],
)
def test_only_what_seconds_may_mend_is_tried_again(error, made):
    assert calls_made(error) == made


def test_what_the_caller_excludes_is_not_tried_again():
    assert calls_made(ServiceUnavailable("open"), unless=lambda error: "open" in str(error)) == 1
