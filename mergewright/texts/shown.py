"""What notebooks show of a run, as HTML and as plain text: while it goes on, and its report."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from markupsafe import Markup

from mergewright.domain.delivery import Delivery, Outcome
from mergewright.domain.plan import PlannedFile
from mergewright.domain.pull_request import PullRequest
from mergewright.domain.review import ReviewFinding
from mergewright.domain.run_state import RunState
from mergewright.texts.delivery import cut_diff
from mergewright.texts.escaping import file_path, one_line, visible
from mergewright.texts.facts import facts, public_address
from mergewright.texts.markup import code_html, link_html, render_html
from mergewright.texts.templates import count, duration, unpaid, usd

MAX_LINE_CHARACTERS = 400
FEW_LINES = 120
"""A diff of so many lines is shown at once; a longer one is folded."""

_GREEN, _AMBER, _RED, _BLUE = "#15803d", "#b45309", "#b91c1c", "#1d4ed8"
_COLORS = {
    Outcome.DELIVERED.value: _GREEN,
    Outcome.REHEARSED.value: _GREEN,
    Outcome.NOTHING_TO_DO.value: _GREEN,
    Outcome.NOT_READY.value: _AMBER,
    Outcome.WAITING.value: _AMBER,
    Outcome.FAILED.value: _RED,
}
_ABOUT_A_FILE = (
    *("diff --git ", "index ", "--- ", "+++ ", "new file ", "deleted file ", "old mode "),
    *("new mode ", "similarity ", "rename ", "Binary files "),
)
_DIFF_COLORS = {
    "+": "background:rgba(22,163,74,0.18)",
    "-": "background:rgba(220,38,38,0.18)",
    "@": "opacity:0.65",
    "file": "font-weight:700",
    " ": "",
}


def delivery_html(delivery: Delivery) -> str:
    """Return the report of a run as HTML that needs nothing else."""
    change, review = delivery.changeset, delivery.review
    diff, rest = cut_diff(change.diff if change else "")
    lines = visible(diff, drop=False).split("\n") if diff else []
    return render_html(
        "delivery",
        **facts(delivery),
        color=_COLORS[delivery.outcome],
        rows=list(_rows(delivery)),
        stages=[stage for stage in delivery.stages if stage.name != "report"],
        planned=[_planned(one) for one in delivery.plan.files] if delivery.plan else [],
        findings=[_finding(one) for one in review.findings] if review else [],
        additions=sum(file.additions for file in change.files) if change else 0,
        deletions=sum(file.deletions for file in change.files) if change else 0,
        diff=list(_colored(lines)),
        diff_rest=rest,
        few_lines=len(lines) <= FEW_LINES,
    )


def delivery_text(delivery: Delivery) -> str:
    """Return the report of a run in a few lines of plain text."""
    about = f"{delivery.ticket.key}: {delivery.ticket.title}" if delivery.ticket else ""
    told = [
        ("outcome", delivery.outcome.value),
        ("error", delivery.error),
        ("what to do", delivery.hint),
        *(("question", question) for question in delivery.questions),
        ("run", delivery.run_id),
        ("branch", delivery.branch and f"{delivery.branch} (for {delivery.base})"),
        ("pull request", file_path(delivery.pull_request.url) if delivery.pull_request else ""),
        *((f"gate {gate.name}", f"{gate.status}: {gate.summary}") for gate in delivery.gates),
        ("cost", _cost(delivery)),
    ]
    lines = [about, *(f"{name}: {value}" for name, value in told if value)]
    return "\n".join(one_line(line, MAX_LINE_CHARACTERS) for line in lines if line)


def state_html(state: RunState) -> str:
    """Return how far a run is, as HTML that needs nothing else."""
    return render_html(
        "run_state",
        state=state,
        repository=public_address(state.repository),
        word=state.outcome or ("waiting" if state.waits_for else "running"),
        color=_COLORS.get(state.outcome, _AMBER if state.waits_for else _BLUE),
    )


def state_text(state: RunState) -> str:
    """Return how far a run is, as a line of plain text."""
    at = state.outcome or (state.stages[-1].name if state.stages else "begun")
    return one_line(f"{state.run_id}: {at}, {duration(state.seconds)}", MAX_LINE_CHARACTERS)


def _rows(delivery: Delivery) -> Iterator[tuple[str, str]]:
    """Yield what a report tells at its top; what is no HTML yet is escaped where it is printed."""
    if delivery.pull_request:
        yield "Pull request", _offered(delivery.pull_request)
    yield "Repository", code_html(public_address(delivery.repository))
    if delivery.branch:
        yield "Branch", _at(delivery.branch, delivery.commit)
    if delivery.base:
        yield "Base", _at(delivery.base, delivery.base_commit)
    yield from _release_rows(delivery)
    if delivery.ticket and delivery.ticket.url:
        yield "Ticket", link_html(delivery.ticket.url, delivery.ticket.key)
    if delivery.page:
        yield "Page", link_html(delivery.page.url)
    if delivery.model:
        yield "Model", code_html(delivery.model)


def _release_rows(delivery: Delivery) -> Iterator[tuple[str, str]]:
    if delivery.release:
        yield "Release", f"{delivery.release.name}, mended in {delivery.release.branch}"
    if delivery.severity:
        yield "Severity", delivery.severity
    if delivery.backport:
        there = delivery.backport.pull_request
        yield (
            f"Change for {delivery.backport.base}",
            _offered(there) if there else f"not done: {delivery.backport.reason}",
        )


def _offered(pull_request: PullRequest) -> Markup:
    return link_html(pull_request.url, f"#{pull_request.number} {pull_request.title}")


def _at(name: str, commit: str) -> Markup:
    at = Markup(" at {}").format(code_html(commit[:12])) if commit else ""
    return Markup("{}{}").format(code_html(name), at)


def _planned(file: PlannedFile) -> str:
    return f"{file.action} {file.path}: {file.why}"


def _finding(finding: ReviewFinding) -> str:
    place = f"{finding.path}:{finding.line}" if finding.line else finding.path
    return f"{finding.severity}, {place}: {finding.message}"


def _cost(delivery: Delivery) -> str:
    costs = delivery.costs
    paid = "; recorded answers, nothing was paid" if delivery.recorded else ""
    return f"{usd(costs.settled_usd)} for {count(costs.calls, 'model call')}{unpaid(costs)}{paid}"


def _colored(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the lines of a diff, those of one kind together, each kind with its style."""
    for kind, same in groupby(lines, _kind):
        yield _DIFF_COLORS[kind], "\n".join(same)


def _kind(line: str) -> str:
    if line.startswith(_ABOUT_A_FILE):
        return "file"
    return line[:1] if line[:1] in _DIFF_COLORS else " "
