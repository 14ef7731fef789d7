"""What the exit code of `mergewright` says.

| code | meaning |
|---|---|
| 0 | done: the pull request is open, or the dry run got as far as dry runs go |
| 1 | a doctor's check failed, or an error of no other kind |
| 2 | set-up: a block, setting, option or argument is missing or wrong |
| 3 | policy: a secret, a refused change, a rejected approval |
| 4 | budget: a model call does not fit under a cap, or has no known price |
| 5 | work: checks fail, an answer is unusable, a limit is reached, the log cannot be used |
| 6 | the ticket cannot be worked on as it is; the questions are in the report |
| 7 | the sandbox of this host is below what the policy asks for |
| 8 | a service: no answer, no access, not found, refused |
| 70 | a fault in Mergewright; the traceback is below `<home>/logs` |
| 130 | interrupted with Ctrl-C; the same command goes on where the run stopped |
| 141 | whoever read the output went away |
"""

from typing import Final

from mergewright.domain.delivery import Outcome
from mergewright.errors import ConfigError, NotReady, WorkError

OK: Final = 0
CHECK_FAILED: Final = 1
FAULT: Final = 70
BROKEN_PIPE: Final = 141
INTERRUPTED: Final = 130
USAGE: Final = ConfigError.exit_code

OUTCOME_CODES: Final = {
    Outcome.DELIVERED: OK,
    Outcome.REHEARSED: OK,
    Outcome.NOT_READY: NotReady.exit_code,
    Outcome.FAILED: WorkError.exit_code,
}
