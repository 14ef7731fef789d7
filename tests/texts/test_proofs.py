"""The pull request carries the proof, and says which criteria no test is named for."""

import pytest

from mergewright.domain.checks import ProofRun
from mergewright.domain.review import CriterionVerdict
from mergewright.texts.delivery import page_body, pull_request_body, report
from mergewright.texts.proofs import untested_criteria
from tests.texts.conftest import delivery_of

PROOF = ProofRun(
    argv=("pytest", "-q"),
    base_commit="1" * 40,
    base_exit_code=1,
    tree="2" * 40,
    change_exit_code=0,
    tests=("tests/test_tracking.py::test_out_of_order",),
)


def with_evidence(*evidence):
    delivery = delivery_of()
    criteria = tuple(
        CriterionVerdict(criterion=f"criterion {number}", met=True, evidence=text)
        for number, text in enumerate(evidence)
    )
    review = delivery.review.model_copy(update={"criteria": criteria})
    return delivery_of(review=review)


@pytest.mark.parametrize("text_of", [report, pull_request_body])
def test_the_proof_has_commits_tests_and_exit_codes(text_of):
    text = text_of(delivery_of(proof=PROOF))
    assert "The proof: 1 test, run by `pytest -q` on the code before and after the change." in text
    assert "| the base, with the change's tests | `111111111111` | 1 | red |" in text
    assert "| the change | `333333333333` | 0 | green |" in text
    assert "- tests/test_tracking.py::test_out_of_order\n" in text
    assert "The proof:" not in text_of(delivery_of())


def test_a_proof_of_what_is_not_committed_says_so():
    text = report(delivery_of(proof=PROOF, commit=""))
    assert "| the change | `not committed` | 0 | green |" in text


@pytest.mark.parametrize(
    "evidence",
    [
        "tests/test_tracking.py::test_out_of_order",
        "shown by `test_out_of_order`, which is new",
        "test_out_of_order() in tests",
        "see tests/test_tracking.py:14",
    ],
)
def test_a_criterion_whose_evidence_names_a_green_test_is_tested(evidence):
    assert untested_criteria(with_evidence(evidence)) == []


@pytest.mark.parametrize(
    "evidence", ["parcels/tracking.py:13 uses max", "tests/test_labels.py::test_umlauts", "obvious"]
)
def test_a_criterion_without_a_green_test_is_named(evidence):
    delivery = with_evidence("test_out_of_order", evidence)
    assert untested_criteria(delivery) == ["criterion 1"]
    for text in (report(delivery), page_body(delivery)):
        assert "No green test is named for these criteria:\n\n- criterion 1\n" in text


def test_without_checks_or_review_nothing_is_said():
    assert untested_criteria(delivery_of(review=None)) == []
    assert untested_criteria(delivery_of(checks=None)) == []
