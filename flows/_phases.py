"""What workflow types share: doing a stage so that everyone can see it, and the phases of a delivery."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TypeVar, cast

from prefect import State, Task, get_run_logger

from flows._gates import check_gates, complaint, failures, review_gate
from flows._salvaging import salvage_failed
from flows._undoing import undo_failed
from mergewright.domain.changeset import Changeset
from mergewright.domain.checks import CheckReport
from mergewright.domain.codebase import Codebase
from mergewright.domain.delivery import Delivery, Outcome, Run
from mergewright.domain.gates import Gate
from mergewright.domain.plan import Plan, Research
from mergewright.domain.readiness import ReadinessVerdict
from mergewright.domain.requests import ApprovalPoint, OnFailure, StandardDevRequest
from mergewright.domain.ticket import Ticket
from mergewright.domain.workspace import Workspace
from mergewright.errors import ChecksFailed, NotReady
from mergewright.texts.approvals import change_subject, plan_subject
from tasks import (
    agents,
    approvals,
    checks,
    codebase,
    guards,
    notices,
    pages,
    pull_requests,
    records,
    tickets,
    workspace,
)

R = TypeVar("R")


class StageReached(Exception):
    """The stage after which a run was asked to stop is done."""


class Work:
    """A run under way: what is known so far, and the one way to do a stage.

    Args:
        run: The run.
        request: What was asked for.
        until: Stage after which to stop; empty for none.
    """

    def __init__(self, run: Run, request: StandardDevRequest, until: str = "") -> None:
        self.run = run
        self._until = until
        self.place: Workspace | None = None
        self.request = request
        self.delivery = records.empty_report(run)
        self._progress = records.Progress(run)

    def do(self, stage_id: str, task: Task[..., R], *inputs: object) -> R:
        """Do a stage, and say in the log and in the progress artifact that it was done.

        Raises:
            MergewrightError: What the stage raised.
        """
        with records.recorded_stage(self.run, stage_id, task.name) as outcome:
            state = cast("State[R]", task(self.run, *inputs, return_state=True))
            result: R = state.result()
            outcome.came_out(result, reused=state.name == "Cached")
        self._progress.step()
        if stage_id == self._until:
            raise StageReached(stage_id)
        return result

    def counted(self) -> Delivery:
        """Return the report so far, with the stages and costs of this moment."""
        return records.counted(self.run, self.delivery)

    def finish(self) -> None:
        """Show the run as done."""
        self._progress.finish()

    def learn(self, **facts: object) -> None:
        """Add what is known now to the report."""
        self.delivery = self.delivery.model_copy(update=facts)

    def gate(self, stage_id: str, found: tuple[Gate, ...]) -> None:
        """Record how gates came out, in the log and in the report."""
        # a result that is used again comes back from JSON, where a tuple is a list
        gates = tuple(found)
        records.record_gates(self.run, stage_id, gates)
        names = {gate.name for gate in gates}
        earlier = tuple(gate for gate in self.delivery.gates if gate.name not in names)
        self.learn(gates=earlier + gates)


class Understanding(NamedTuple):
    """What is known before anything is changed."""

    ticket: Ticket
    workspace: Workspace
    codebase: Codebase
    base: CheckReport


@contextmanager
def delivering(
    workflow: str, request: StandardDevRequest, run_id: str | None = None, *, until: str = ""
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
    run = records.begin_run(workflow, request, run_id)
    with records.working_on(run, request):
        work = Work(run, request, until)
        get_run_logger().info("Run %s: %s on %s", run.id, run.ticket, run.repository)
        try:
            yield work
        except StageReached:
            work.learn(outcome=Outcome.REHEARSED)
            _end(work, work.delivery, None)
        except NotReady as error:
            _end(work, records.failed(work.delivery, error, outcome=Outcome.NOT_READY), error)
        except Exception as error:
            if request.on_failure is OnFailure.UNDO:
                work.delivery = undo_failed(run, work.delivery)
            report = records.failed(work.delivery, error)
            if request.on_failure is OnFailure.KEEP and work.place:
                report = salvage_failed(run, report, work.place, error)
            _end(work, report, error)
            raise
        else:
            _end(work, work.delivery, None)


def _end(work: Work, delivery: Delivery, error: Exception | None) -> None:
    try:
        work.do("report", records.write_report, delivery)
    finally:
        work.delivery = records.finish_run(work.run, delivery, error)
    work.finish()


def understand(work: Work) -> Understanding:
    """Fetch the ticket, see that it can be worked on, and collect the facts.

    Raises:
        NotReady: The ticket cannot be worked on as it is.
    """
    run = work.run
    work.learn(**agents.check_models(run)._asdict())
    ticket = work.do("ticket", tickets.fetch_ticket)
    work.learn(ticket=ticket)
    readiness = work.do("ready", tickets.check_readiness, ticket)
    if readiness.verdict is not ReadinessVerdict.READY:
        work.learn(questions=readiness.questions)
        if readiness.questions and not run.dry_run:
            work.do("ask", tickets.ask_questions, ticket, readiness)
        raise NotReady(
            " ".join(readiness.reasons),
            hint="Answer on the ticket: " + " ".join(readiness.questions)
            if readiness.questions
            else "Nothing was changed.",
            run_id=run.id,
        )
    place = work.do("workspace", workspace.prepare_workspace, ticket)
    work.place = place
    work.learn(branch=place.branch, base_commit=place.base_commit)
    facts = work.do("analyse", codebase.analyse_repository, ticket, place)
    base = work.do("baseline", checks.check_base, place, facts)
    work.learn(sandbox=base.sandbox)
    return Understanding(ticket, place, facts, base)


def propose(work: Work, known: Understanding) -> tuple[Research, Plan]:
    """Research the ticket and plan the change; ask for approval where the request says so.

    Raises:
        ApprovalDenied: The plan was rejected.
        WorkError: An agent gave no usable answer.
        BudgetExceeded: A call did not fit under a cap.
    """
    research = work.do("research", agents.research, *known[:3])
    work.learn(research=research)
    plan = work.do("plan", agents.plan, *known[:3], research)
    work.learn(plan=plan)
    _ask(work, ApprovalPoint.PLAN, lambda: plan_subject(known.ticket, plan))
    return research, plan


def build(work: Work, known: Understanding, research: Research, plan: Plan) -> Changeset:
    """Implement the plan, check and review it, and send it back while rounds are left and help.

    Raises:
        ChecksFailed: Gates still fail after the last round.
        WorkError: An agent gave no usable answer.
        BudgetExceeded: A call did not fit under a cap.
    """
    changeset = work.do("implement", agents.implement, *known, research, plan)
    attempt, earlier = 0, ""
    while True:
        work.learn(changeset=changeset, repair_rounds=attempt)
        gates = _judge(work, known, plan, changeset, attempt)
        if not failures(gates):
            return changeset
        if complaint(gates) == earlier:
            raise ChecksFailed(
                f"Repair round {attempt} made no progress: the same fails as before. {earlier}",
                hint="No pull request was opened. Make the ticket more precise, or try another model.",
                run_id=work.run.id,
            )
        earlier = complaint(gates)
        if attempt == work.request.max_repair_rounds:
            raise ChecksFailed(
                f"The change still fails after {attempt} repair rounds: "
                + ", ".join(f"{gate.name} ({gate.summary})" for gate in failures(gates)),
                hint="No pull request was opened. The report holds the change and what failed.",
                run_id=work.run.id,
            )
        attempt += 1
        repaired = work.do(
            f"repair-{attempt}",
            agents.repair,
            *known,
            research,
            plan,
            changeset,
            earlier,
            attempt,
        )
        if repaired.digest == changeset.digest:
            raise ChecksFailed(
                f"Repair round {attempt} changed nothing: {earlier}",
                hint="No pull request was opened. Make the ticket more precise, or try another model.",
                run_id=work.run.id,
            )
        changeset = repaired


def _judge(
    work: Work, known: Understanding, plan: Plan, changeset: Changeset, attempt: int
) -> tuple[Gate, ...]:
    """Let checks speak first, and the QA agent only about what passes them."""
    stage_id = f"check-{attempt}"
    seen = work.do(stage_id, checks.check_change, *known[1:], changeset, attempt)
    work.learn(checks=seen.report)
    gates = check_gates(known.ticket, seen)
    work.gate(stage_id, gates)
    if failures(gates):
        return gates
    stage_id = f"review-{attempt}"
    review = work.do(stage_id, agents.review, *known[:2], plan, changeset, seen, attempt)
    work.learn(review=review)
    work.gate(stage_id, (review_gate(review),))
    return (*gates, review_gate(review))


def publish(work: Work, known: Understanding, changeset: Changeset) -> None:
    """Guard the change, ask where the request says so, and publish it everywhere.

    Raises:
        PolicyError: The guard or a person refused.
        ServiceError: A service refused or did not answer.
    """
    work.gate("guard", work.do("guard", guards.guard_change, known.workspace, changeset))
    _ask(work, ApprovalPoint.CHANGE, lambda: change_subject(work.delivery))
    if work.run.dry_run:
        work.learn(outcome=Outcome.REHEARSED)
        return
    commit = work.do(
        "push", pull_requests.commit_and_push, known.ticket, known.workspace, changeset
    )
    work.learn(commit=commit)
    opened = work.do(
        "pull-request", pull_requests.open_pull_request, known.workspace, work.counted()
    )
    work.learn(pull_request=opened, outcome=Outcome.DELIVERED)
    work.learn(page=work.do("page", pages.publish_page, work.counted()))
    work.do("ticket-update", tickets.update_ticket, work.counted())
    work.do("notify", notices.notify, work.counted())


def _ask(work: Work, point: ApprovalPoint, subject: Callable[[], str]) -> None:
    if point in work.run.approve:
        work.do(f"approve-{point}", approvals.ask_approval, point, subject())
