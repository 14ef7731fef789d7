"""Every error of Mergewright.

MergewrightError
  ConfigError        what a person set up is missing or wrong
    BlockMissing       a Prefect block that a run needs does not exist
    SettingInvalid     a setting, parameter or repository file has a bad value
    SandboxUnavailable the sandbox on this host is below the level the policy asks for
  PolicyError        a rule said no; the same input is refused again, so never retried
    BudgetExceeded     a call's worst case does not fit under a cap, or has no known price
    SecretFound        the change contains a secret
    ChangeRefused      the change breaks the change policy
    ApprovalDenied     a person rejected, or nobody answered in time
    AnswerRefused      an answer to a question is too late, about other bytes, or not theirs to give
    NotReady           the ticket cannot be worked on as it is
  WorkError          the work itself failed
    EditConflict       an edit does not match the file in exactly one place
    ChecksFailed       the change does not pass its checks
    AnswerUnusable     a model's answer is not of the form asked for, twice
    LimitReached       an agent used up its calls or its time
    StageOverdue       a stage did not end in its time, and was ended
    RunCancelled       a person or the system told a run to end
    RunInterrupted     the log and this process disagree about who works on a run
    StoreFailed        the event log cannot be read or written
  ServiceError       something outside failed
    ServiceUnavailable no answer, or a failure that may pass
    RateLimited        asked to wait
    AccessDenied       the credential is missing, wrong or too weak
    NotFound           what was asked for does not exist
    Rejected           the service understood and refused
"""

from typing import ClassVar


class MergewrightError(Exception):
    """Something went wrong, with what a person can do about it.

    Args:
        message: What happened, naming the input.
        hint: What to do next; empty when nothing can be done.
        run_id: The run it happened in, if any.
        step: The stage or step it happened in, if any.
    """

    retryable: ClassVar[bool] = False
    """Whether the same call may work in a moment."""
    resumable: ClassVar[bool] = False
    """Whether the same request goes on with the failed run, once the cause is gone."""
    exit_code: ClassVar[int] = 1
    """Exit code of the command line."""

    def __init__(self, message: str, *, hint: str = "", run_id: str = "", step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.run_id = run_id
        self.step = step

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.message, self.__dict__.copy())

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


def _rebuild(
    cls: type[MergewrightError], message: str, state: dict[str, object]
) -> MergewrightError:
    error = cls.__new__(cls)
    Exception.__init__(error, message)
    error.__dict__.update(state)
    return error


class ConfigError(MergewrightError):
    """What a person set up is missing or wrong."""

    resumable = True
    exit_code = 2


class BlockMissing(ConfigError):
    """A Prefect block that a run needs does not exist."""


class SettingInvalid(ConfigError):
    """A setting, parameter or repository file has a bad value."""


class SandboxUnavailable(ConfigError):
    """The sandbox on this host is below the level the policy asks for."""

    exit_code = 7


class PolicyError(MergewrightError):
    """A rule said no; the same input is refused again."""

    exit_code = 3


class BudgetExceeded(PolicyError):
    """A call's worst case does not fit under a cap, or has no known price."""

    resumable = True
    exit_code = 4


class SecretFound(PolicyError):
    """The change contains a secret."""


class ChangeRefused(PolicyError):
    """The change breaks the change policy."""


class ApprovalDenied(PolicyError):
    """A person rejected, or nobody answered in time."""


class NobodyAnswered(ApprovalDenied):
    """Nobody answered in time; the same request goes on and asks once more."""

    resumable = True


class AnswerRefused(PolicyError):
    """An answer to a question is too late, about other bytes, or not theirs to give."""


class NotReady(PolicyError):
    """The ticket cannot be worked on as it is."""

    exit_code = 6


class WorkError(MergewrightError):
    """The work itself failed."""

    exit_code = 5


class EditConflict(WorkError):
    """An edit does not match the file in exactly one place."""


class ChecksFailed(WorkError):
    """The change does not pass its checks."""


class AnswerUnusable(WorkError):
    """A model's answer is not of the form asked for, twice."""


class LimitReached(WorkError):
    """An agent used up its calls or its time."""


class StageOverdue(WorkError):
    """A stage did not end in its time, and was ended."""

    resumable = True


class RunCancelled(WorkError):
    """A person or the system told a run to end."""

    resumable = True


class RunInterrupted(WorkError):
    """Somebody else works on the run, or what it works with has changed."""


class StoreFailed(WorkError):
    """The event log cannot be read or written."""

    resumable = True


class ServiceError(MergewrightError):
    """Something outside failed."""

    resumable = True
    exit_code = 8


class ServiceUnavailable(ServiceError):
    """No answer, or a failure that may pass."""

    retryable = True


class PostUncertain(ServiceUnavailable):
    """No clear answer to a message, which may have arrived: sent again, it might be there twice."""

    retryable = False


class RateLimited(ServiceError):
    """Asked to wait.

    Args:
        message: What happened.
        retry_after_seconds: How long the service asks to wait; None when it did not say.
        hint: What to do next.
    """

    retryable = True

    def __init__(
        self, message: str, *, retry_after_seconds: float | None = None, hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_seconds = retry_after_seconds


class AccessDenied(ServiceError):
    """The credential is missing, wrong or too weak."""


class NotFound(ServiceError):
    """What was asked for does not exist."""


class Rejected(ServiceError):
    """The service understood and refused."""
