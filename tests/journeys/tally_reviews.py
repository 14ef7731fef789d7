"""What the reviewer says about the change for TALLY-7, and how the fault it finds is repaired."""

from mergewright.domain.changeset import ImplementationSummary
from mergewright.domain.review import CriterionVerdict, Review, ReviewFinding, ReviewVerdict
from tests.journeys import tally_edits as edits
from tests.journeys.tally_edits import MONEY, SPLITTING_TESTS
from tests.journeys.tally_turns import (
    BALANCES,
    COMMIT_SUBJECT,
    ORDER,
    REFUNDS,
    RUN_CHECKS,
    SUMS,
    Call,
    Turn,
    edit,
    read,
)

MET_FROM_THE_START = (
    CriterionVerdict(
        criterion=SUMS, met=True, evidence="test_equal_parts_add_up, test_parts_by_shares_add_up"
    ),
    CriterionVerdict(
        criterion=ORDER,
        met=True,
        evidence="test_those_named_first_take_the_extra_cents, test_the_bill_from_the_cafe",
    ),
    CriterionVerdict(criterion=BALANCES, met=True, evidence="test_balances_add_up_to_zero"),
)

REVIEW_0 = (
    Turn(
        "I read the changed functions whole, and look at which tests split a negative amount.",
        (read(MONEY, 39, 72), Call("search", {"text": "-1000", "glob": "tests/*"})),
    ),
    Turn(
        answer=Review(
            verdict=ReviewVerdict.REQUEST_CHANGES,
            summary="Sums, order and balances are right and tested. Refunds are right for equal "
            "parts only: by shares a negative amount is still rounded down, and no test shows it.",
            criteria=(
                *MET_FROM_THE_START,
                CriterionVerdict(
                    criterion=REFUNDS,
                    met=False,
                    evidence="test_a_refund_undoes_its_expense splits into equal parts; no test "
                    "splits a negative amount by shares",
                ),
            ),
            findings=(
                ReviewFinding(
                    severity="blocking",
                    path=MONEY,
                    line=66,
                    message="A refund by shares does not mirror its expense: 1.00 by 2, 2, 3 is "
                    "0.29, 0.28, 0.43, but -1.00 is -0.28, -0.29, -0.43, because `divmod` rounds "
                    "down here as well. Add a test of a refund by shares, and deal with the sign "
                    "in one place: `split` can call `split_by_shares([1] * parts)`.",
                ),
            ),
        )
    ),
)

REPAIR_1 = (
    Turn("I read both files as they are now.", (read(MONEY), read(SPLITTING_TESTS))),
    Turn("First the missing tests.", (edit(SPLITTING_TESTS, edits.REFUND_TESTS),)),
    Turn("The refund by shares should be red.", (RUN_CHECKS,)),
    Turn(
        "The reviewer is right: the odd cent of the refund goes to somebody else. An equal split "
        "is a split by shares of one each, so the sign is dealt with in one place for both.",
        (edit(MONEY, edits.ONE_PLACE_FOR_BOTH_SPLITS),),
    ),
    Turn("Now everything should pass.", (RUN_CHECKS,)),
    Turn(
        answer=ImplementationSummary(
            summary="Parts of a split add up to the amount: whole cents are shared out first, "
            "then the cents that are left over, by largest remainder, the first ones first. "
            "`split` is now a split by shares of one each, and a refund is split like its expense "
            "with the sign changed, for both.",
            commit_subject=COMMIT_SUBJECT,
            notes=(
                "Refunds by shares have a test of their own, which was red before this repair.",
                "`divide` stays: percentages still round half to even.",
            ),
        )
    ),
)

REVIEW_1 = (
    Turn(
        "I check the repaired functions, and that the new tests split negative amounts both ways.",
        (read(MONEY, 39, 72), read(SPLITTING_TESTS, 32, 48)),
    ),
    Turn(
        answer=Review(
            verdict=ReviewVerdict.APPROVE,
            summary="One rule shares out the cents for both kinds of split, refunds mirror their "
            "expense, and each criterion has a test that is red without the change.",
            criteria=(
                *MET_FROM_THE_START,
                CriterionVerdict(
                    criterion=REFUNDS,
                    met=True,
                    evidence="test_a_refund_is_split_like_its_expense, "
                    "test_a_refund_by_shares_is_split_like_its_expense",
                ),
            ),
            findings=(
                ReviewFinding(
                    severity="minor",
                    path="README.md",
                    message="The README could say who takes the odd cent; that can follow.",
                ),
            ),
        )
    ),
)
