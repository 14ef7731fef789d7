"""What is proved by a test, and what is not."""

import re

from mergewright.domain.checks import TestOutcome
from mergewright.domain.delivery import Delivery

MIN_NAME_CHARACTERS = 4
"""Shorter names of tests occur in any sentence."""


def untested_criteria(delivery: Delivery) -> list[str]:
    """Return the acceptance criteria for which the reviewer names no test that is green."""
    if delivery.review is None or delivery.checks is None:
        return []
    names = {
        part
        for result in delivery.checks.results
        for test in result.tests
        if test.outcome is TestOutcome.PASSED
        for part in _names(test.id)
    }
    return [
        each.criterion
        for each in delivery.review.criteria
        if names.isdisjoint(_words(each.evidence))
    ]


def _names(test_id: str) -> list[str]:
    """Return by what a sentence may call a test: its id, its own name, and the file it is in."""
    path, separator, _ = test_id.partition("::")
    own = test_id.rpartition("::")[2]
    names = [test_id, own, own.partition("[")[0], *([path] if separator else [])]
    return [name for name in names if len(name) >= MIN_NAME_CHARACTERS]


def _words(evidence: str) -> set[str]:
    """Return the words of a sentence, and what of it stands in quotes or ticks, without a line number."""
    quoted = re.findall(r"[`'\"]([^`'\"]+)[`'\"]", evidence)
    words = [word.strip("`'\"()[],;.") for word in evidence.split()]
    found = {re.sub(r"(?<!:):\d+$", "", word) for word in (*quoted, *words)}
    return found | {word.partition("(")[0] for word in found}
