"""The tables of docs/how-to/tell-people.md say what the tests of each messenger's failures prove."""

from pathlib import Path

import pytest

from mergewright.errors import (
    AccessDenied,
    NotFound,
    PostUncertain,
    RateLimited,
    Rejected,
    ServiceUnavailable,
)
from tests.clients import test_mail_failures, test_slack_failures

DOCUMENT = Path(__file__).parents[2] / "docs" / "how-to" / "tell-people.md"
FOR_GOOD = "not told; noted, with what to do"
WORDS = {
    None: "told",
    PostUncertain: "counts as told, is not sent again; noted",
    RateLimited: "not told yet; may be tried again later",
    ServiceUnavailable: "not told yet; may be tried again later",
    AccessDenied: FOR_GOOD,
    NotFound: FOR_GOOD,
    Rejected: FOR_GOOD,
}


def rows(cases):
    for case in cases:
        tries = getattr(case, "tries", 0) or case.posts
        again = f", after {tries - 1} more {'try' if tries == 2 else 'tries'}" if tries > 1 else ""
        yield f"| {case.name} | {WORDS[case.becomes]}{again} |"


@pytest.mark.parametrize("module", [test_slack_failures, test_mail_failures], ids=["slack", "mail"])
def test_the_table_is_the_one_of_the_tests(module):
    assert "\n".join(rows(module.CASES)) in DOCUMENT.read_text()
