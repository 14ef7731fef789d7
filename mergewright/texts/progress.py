"""What a ticket's readers see while a run goes on: one comment, brought up to date in its place."""

from collections.abc import Sequence
from typing import NamedTuple

from mergewright.domain.delivery import StageRecord, StageState
from mergewright.domain.pull_request import PullRequest
from mergewright.texts.escaping import Markdown, code, inline
from mergewright.texts.templates import render

MAX_LINK_TITLE_CHARACTERS = 200


class OutsideLink(NamedTuple):
    """Where a ticket leads: to the run that works on it, or to what came of it."""

    name: str
    """What makes two links of a run the same: its pull request may change its title."""
    url: str
    title: str


def outside_links(
    run_id: str, *, run_url: str = "", pull_request: PullRequest | None = None
) -> tuple[OutsideLink, ...]:
    """Return the links that a ticket gets; those that lead nowhere are left out.

    Args:
        run_id: The run.
        run_url: Where a person watches it.
        pull_request: What came of it so far.
    """
    links = [OutsideLink("run", run_url, f"Run {run_id}")]
    if pull_request is not None:
        about = f"Pull request #{pull_request.number}: {pull_request.title}"
        title = " ".join(about.split())[:MAX_LINK_TITLE_CHARACTERS]
        links.append(OutsideLink("pull request", pull_request.url, title))
    return tuple(link for link in links if link.url)


def progress_comment(
    run_id: str,
    stages: Sequence[StageRecord],
    *,
    links: Sequence[OutsideLink] = (),
    recorded: bool = False,
) -> str:
    """Return how far a run is, as the comment that its ticket carries.

    The same state gives the same text, so that a comment is written only when there is news.

    Args:
        run_id: The run.
        stages: Its stages so far, in their order.
        links: As `outside_links` returns them.
        recorded: Whether the model's answers come from a recording.
    """
    return render(
        "progress",
        headline=_headline(run_id, stages),
        stages=list(stages),
        links=list(links),
        recorded=recorded,
    )


def _headline(run_id: str, stages: Sequence[StageRecord]) -> Markdown:
    run = f"Run {code(run_id)}"
    failed = [stage for stage in stages if stage.state is StageState.FAILED]
    running = [stage for stage in stages if stage.state is StageState.RUNNING]
    if running:
        return Markdown(f"**In work.** {run} is at: {inline(running[-1].name)}.")
    if failed and failed[-1] is stages[-1]:
        return Markdown(f"**Stopped.** {run} failed at: {inline(failed[-1].name)}.")
    done = sum(stage.state in {StageState.DONE, StageState.REUSED} for stage in stages)
    if not done:
        return Markdown(f"**In work.** {run} has begun.")
    return Markdown(f"**In work.** {run} has ended {done} stage{'' if done == 1 else 's'}.")
