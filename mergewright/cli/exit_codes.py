"""What the exit code of `mergewright` says.

| code | meaning |
|---|---|
| 0 | done: the pull request is open, nothing was to do, or the dry run got as far as dry runs go |
| 1 | a doctor's check failed, `docs check` found something, or an error of no other kind |
| 2 | set-up: a block, setting, option or argument is missing or wrong |
| 3 | policy: a secret, a refused change, a rejected approval |
| 4 | budget: a model call does not fit under a cap, or has no known price |
| 5 | work: checks fail, an answer is unusable, a limit is reached, the log cannot be used |
| 6 | the ticket cannot be worked on as it is; the questions are in the report |
| 7 | the sandbox of this host is below what the policy asks for |
| 8 | a service: no answer, no access, not found, refused |
| 9 | the run waits for a person's approval; answered, it goes on where it stopped |
| 70 | a fault in Mergewright; the traceback is below `<home>/logs` |
| 130 | interrupted with Ctrl-C; the same command goes on where the run stopped |
| 141 | whoever read the output went away |
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from mergewright.errors import ConfigError, NotReady, WorkError

OK: Final = 0
CHECK_FAILED: Final = 1
WAITING: Final = 9
FAULT: Final = 70
BROKEN_PIPE: Final = 141
INTERRUPTED: Final = 130
USAGE: Final = ConfigError.exit_code

# by their words: reports take longer to import than all that `--help` needs
OUTCOME_CODES: Final[Mapping[str, int]] = MappingProxyType(
    {
        "delivered": OK,
        "rehearsed": OK,
        "nothing to do": OK,
        "not ready": NotReady.exit_code,
        "waiting": WAITING,
        "failed": WorkError.exit_code,
    }
)
"""What a run's outcome ends the process with."""
