"""A run under way: doing a stage so that everyone can see it, and ending the run however it ends."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar, cast

from prefect import State, Task, get_run_logger
from prefect.exceptions import TerminationSignal

from flows._clock import RunClock
from flows._salvaging import salvage_failed
from flows._undoing import undo_failed
from mergewright.domain.approval_question import Answer
from mergewright.domain.changeset import ChangeOrigin
from mergewright.domain.delivery import Delivery, Outcome, Run
from mergewright.domain.gates import Gate, GateStatus
from mergewright.domain.open_effects import LeftOver
from mergewright.domain.requests import ApprovalPoint, DeliveryRequest, OnFailure
from mergewright.domain.workspace import Workspace
from mergewright.errors import ConfigError, NotReady, SecretFound, ServiceError
from mergewright.safety.redaction import redact
from tasks import approvals, artifacts, notices, records, retries, stages, suspensions
from tasks.deployment_defaults import with_deployment_defaults
from tasks.repository_choice import with_repository

R = TypeVar("R")

LAST_SECONDS = 20.0
"""How long a run that was told to end may take over undoing, salvage and report.

Prefect kills a cancelled flow run 30 seconds after it told it to end.
Source: `prefect.runner._cancellation_manager` 3.8.8, read 2026-11-20.
"""


REPLAY = "replay"
"""The workflow that asks nobody: who decided is in the log of the run that it replays."""


class StageReached(Exception):
    """The stage after which a run was asked to stop is done."""


class AnswerAwaited(Exception):
    """Nobody has answered yet: the run lets go of its process."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.question)
        self.answer = answer


class Work:
    """A run under way: what is known so far, and the one way to do a stage.

    Args:
        run: The run.
        request: What was asked for.
        until: Stage after which to stop; empty for none.
    """

    def __init__(self, run: Run, request: DeliveryRequest, until: str = "") -> None:
        self.run = run
        self.policy = records.policy_kept(run)
        self._clock = RunClock(run, self.policy.time_limit_minutes)
        self._until = until
        self.place: Workspace | None = None
        self.request = request
        self.delivery = records.empty_report(run)
        self.round = 0
        """Number of the last round of checks: each round of repair or rebasing is another one."""
        self.approved: dict[str, str] = {}
        """Who approved what is held against the change, by the objections' names."""
        self.given: Mapping[ApprovalPoint, Iterator[Answer]] = {}
        """What people said in the run that is replayed, in its order: they are not asked again."""
        self.awaited: Answer | None = None
        """What the run waits for, if it lets go of its process now."""
        self._passed: list[str] = []
        self._progress = stages.Progress(run)

    def do(self, stage_id: str, task: Task[..., R], *inputs: object) -> R:
        """Do a stage, and say in the log and in the progress artifact that it was done.

        Raises:
            LimitReached: The run has worked for as long as it may.
            MergewrightError: What the stage raised.
        """
        self._passed.append(stage_id)
        with (
            self._clock.counting(stage_id),
            stages.recorded_stage(self.run, stage_id, task.name) as outcome,
        ):
            state = cast("State[R]", task(self.run, *inputs, return_state=True))
            result: R = state.result()
            outcome.came_out(result, reused=state.name == "Cached")
        get_run_logger().info(outcome.told)
        self._progress.step()
        if stages.is_paid(task) and not outcome.reused:
            notices.watch_costs(self.run, stage_id)
        if stage_id == self._until:
            raise StageReached(stage_id)
        return result

    def do_if_possible(
        self, stage_id: str, task: Task[..., R], *inputs: object, later: bool = True
    ) -> R | None:
        """Do a stage without which the run is good as well; say in the report if it was not done.

        Args:
            stage_id: As for `do`.
            task: As for `do`.
            inputs: As for `do`.
            later: Whether `mergewright effects retry` does it.
        """
        try:
            return self.do(stage_id, task, *inputs)
        except (ServiceError, ConfigError, SecretFound) as error:
            remedy = retries.remedy_of(self.run) if later else error.hint
            left = LeftOver(effect=stage_id, reason=redact(error.message), remedy=redact(remedy))
            self.learn(left=(*self.delivery.left, left))
            return None

    def counted(self) -> Delivery:
        """Return the report so far, with the stages and costs of this moment."""
        return records.counted(self.run, self.delivery)

    def take_its_time(self) -> None:
        """Lift the time limit: what is left to do ends the run, or nobody waits for it."""
        self._clock.lift()

    def finish(self) -> None:
        """Show the run as done."""
        self._progress.finish()

    def learn(self, **facts: object) -> None:
        """Add what is known now to the report, and show plan and change to whoever watches."""
        self.delivery = self.delivery.model_copy(update=facts)
        artifacts.show_learned(self.run, self.delivery, facts)

    def keep_origin(self) -> None:
        """Note in the report where the change came from, before it becomes another one."""
        changeset = self.delivery.changeset
        if changeset is not None and self.delivery.origin is None:
            self.learn(
                origin=ChangeOrigin(base_commit=changeset.base_commit, digest=changeset.digest)
            )

    def ask(
        self, point: ApprovalPoint, shown: Callable[[], str], *, always: bool = False
    ) -> Answer | None:
        """Stop for people's answer where the request or the policy says so.

        Args:
            point: What is asked about.
            shown: Returns the Markdown that shows it.
            always: Whether it is asked whatever they say.

        Returns:
            What they decided; None where nobody is asked.

        Raises:
            ApprovalDenied: Somebody ended the run, or nobody answered in time.
        """
        if point in self.given:
            return next(self.given[point], None)
        if not (always or self.asks_at(point)):
            return None
        passed = tuple(self._passed)
        answer = self.do(
            f"approve-{point}", approvals.ask_approval, point, shown(), self.delivery, passed
        )
        if answer.waits:
            raise AnswerAwaited(answer)
        return answer

    def asks_at(self, point: ApprovalPoint) -> bool:
        """Say whether people are asked at a point; a replay asks nobody.

        A rehearsal publishes nothing, so that it asks only where the request says so.
        """
        always = () if self.run.dry_run else self.policy.stops
        return point in {*self.run.approve, *always} and self.run.workflow != REPLAY

    def gate(self, stage_id: str, found: tuple[Gate, ...]) -> None:
        """Record how gates came out, in the log and in the report."""
        # a result that is used again comes back from JSON, where a tuple is a list
        gates = tuple(found)
        records.record_gates(self.run, stage_id, gates)
        for one in gates:
            say = logging.INFO if one.status is GateStatus.PASSED else logging.WARNING
            get_run_logger().log(say, "Gate %s: %s. %s", one.name, one.status, one.summary)
        names = {gate.name for gate in gates}
        earlier = tuple(gate for gate in self.delivery.gates if gate.name not in names)
        self.learn(gates=earlier + gates)


@contextmanager
def delivering(
    workflow: str, request: DeliveryRequest, run_id: str | None = None, *, until: str = ""
) -> Iterator[Work]:
    """Begin a run or go on with one, and end it in the log however it ends.

    Args:
        workflow: Name of the flow.
        request: What is asked for.
        run_id: The run to go on with; without it, an interrupted one of the request or a new one.
        until: Stage after which to stop; empty for none.

    Raises:
        MergewrightError: What ended the run, unless the ticket was not ready.
    """
    request = with_repository(with_deployment_defaults(request))
    run = records.begin_run(workflow, request, run_id)
    with records.working_on(run, request):
        work = Work(run, request, until)
        get_run_logger().info("Run %s: %s on %s", run.id, run.ticket, run.repository)
        with _ended(work):
            approvals.keep_requester(run, request)
            yield work
    # Not before the run is let go of: whoever wakes it has to get hold of it.
    if work.awaited is not None:
        approvals.suspend_until_answered(run, work.awaited)
    else:
        suspensions.end_if_possible(run)


@contextmanager
def _ended(work: Work) -> Iterator[None]:
    """Write the end of a run to its log, however it ends; what failed is raised again."""
    try:
        yield
    except StageReached:
        work.learn(outcome=Outcome.REHEARSED)
        _end(work, work.delivery, None)
    except AnswerAwaited as awaited:
        work.awaited = awaited.answer
        report = approvals.waiting_report(work.delivery, awaited.answer)
        work.delivery = records.finish_run(work.run, report)
    except NotReady as error:
        work.take_its_time()
        work.delivery = records.failed(work.delivery, error, outcome=Outcome.NOT_READY)
        # Only where somebody has to answer: a request that was delivered already is no news.
        if work.delivery.questions:
            work.do("notify", notices.notify, work.counted())
        _end(work, work.delivery, error)
    except (TerminationSignal, KeyboardInterrupt) as told:
        _stop(work, told)
        raise
    except Exception as error:
        _fail(work, error)
        raise
    else:
        _end(work, work.delivery, None)


def _stop(work: Work, told: BaseException) -> None:
    """End a run that was told to end; what takes too long is left, and nothing hides the telling."""
    with stages.hurrying(LAST_SECONDS):
        try:
            _fail(work, records.cancelled(work.run, told))
        except Exception as fault:  # noqa: BLE001 - whatever it is, the run was told to end
            get_run_logger().warning("Not all was done at the end: %s", redact(str(fault)))


def _fail(work: Work, error: Exception) -> None:
    """Undo or keep what there is, and end the run; a second Ctrl-C only ends it."""
    run, report = work.run, records.failed(work.delivery, error)
    work.take_its_time()
    try:
        if work.request.on_failure is OnFailure.UNDO:
            work.delivery = undo_failed(run, work.delivery)
            report = records.failed(work.delivery, error)
        elif work.place:
            report = salvage_failed(run, report, work.place, error)
        work.do("notify", notices.notify, records.counted(run, report))
        work.do("report", records.write_report, report)
    finally:
        work.delivery = records.finish_run(run, report, error)
    work.finish()


def _end(work: Work, delivery: Delivery, error: Exception | None) -> None:
    work.take_its_time()
    try:
        work.do("report", records.write_report, delivery)
    finally:
        work.delivery = records.finish_run(work.run, delivery, error)
    work.finish()
