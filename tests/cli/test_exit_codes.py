import re

from mergewright import errors
from mergewright.cli import exit_codes
from mergewright.domain.delivery import Outcome


def families(error=errors.MergewrightError):
    yield error
    for child in error.__subclasses__():
        yield from families(child)


def test_every_exit_code_is_in_the_table():
    documented = {
        int(code) for code in re.findall(r"^\| (\d+) \|", exit_codes.__doc__, re.MULTILINE)
    }
    used = {error.exit_code for error in families()} | set(exit_codes.OUTCOME_CODES.values())
    used |= {exit_codes.OK, exit_codes.FAULT, exit_codes.INTERRUPTED, exit_codes.BROKEN_PIPE}
    used |= {exit_codes.CHECK_FAILED}
    assert used == documented


def test_every_outcome_has_a_code():
    assert set(exit_codes.OUTCOME_CODES) == set(Outcome)
