"""Checks that others run on a commit at GitHub: read, waited for, and their logs.

A commit shows check runs (GitHub Actions and other Apps) and statuses. Jobs that depend on others
appear only when those have ended, so that a suite which has runs and has not ended is waited for
as a whole. A suite without runs belongs to an App that never reports, and is not.

Source: docs.github.com/en/rest/checks (runs, suites), /commits/statuses and /actions/workflow-jobs,
2026-11-20.
"""

import re
import threading
import time

from mergewright.clients.github_answers import CheckRun, CheckSuite, CommitStatus
from mergewright.clients.github_gates import PREFIX, GateReports
from mergewright.clients.github_logs import log_tail
from mergewright.domain.pull_request import ExternalCheck, ExternalChecks, ExternalCheckStatus
from mergewright.errors import RateLimited, ServiceError
from mergewright.safety.redaction import redact

MAX_LOGS = 5
MAX_SUMMARY_CHARACTERS = 2_000
FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 30.0
APPEAR_SECONDS = 90.0
"""No check that has not appeared by then is waited for."""

_ACTIONS = "github-actions"
_JOB = re.compile(r"/job/(?P<id>[0-9]{1,19})\b")
_CONCLUSIONS = {
    "success": ExternalCheckStatus.PASSED,
    "neutral": ExternalCheckStatus.SKIPPED,
    "skipped": ExternalCheckStatus.SKIPPED,
}
_STATES = {
    "success": ExternalCheckStatus.PASSED,
    "pending": ExternalCheckStatus.PENDING,
}


class Checks(GateReports):
    """Checks that others run on commits; our own gates are not among them."""

    def external_checks(self, repository: str, commit: str) -> tuple[ExternalCheck, ...]:
        """Return the checks of a commit as they stand, with the end of the logs of failed ones.

        Raises:
            NotFound: There is no such repository or commit.
            AccessDenied: The account may not read them.
            SettingInvalid: The repository is none of this GitHub.
            ServiceError: GitHub did not answer, or asks to wait.
        """
        return self._with_logs(repository, commit)

    def wait_for_checks(
        self,
        repository: str,
        commit: str,
        *,
        timeout_seconds: float,
        pause_seconds: float = FIRST_PAUSE_SECONDS,
        appear_seconds: float = APPEAR_SECONDS,
    ) -> ExternalChecks:
        """Wait until all checks of a commit have ended; when the time is over, say how they stand.

        Args:
            repository: URL of the repository.
            commit: Id of the commit.
            timeout_seconds: How long at most.
            pause_seconds: Between the first two looks; it grows to half a minute.
            appear_seconds: How long to wait for a first check to appear.

        Raises:
            NotFound: There is no such repository or commit.
            AccessDenied: The account may not read them.
            SettingInvalid: The repository is none of this GitHub.
            ServiceError: GitHub did not answer until the time was over.
        """
        began = time.monotonic()
        ends, appear_by = began + timeout_seconds, began + min(appear_seconds, timeout_seconds)
        pause, waiting = pause_seconds, threading.Event()
        while True:
            complete, asked = False, 0.0
            try:
                runs, statuses = self._shown(repository, commit)
                appeared = bool(runs or statuses) or time.monotonic() >= appear_by
                complete = appeared and self._ended(repository, commit, runs, statuses)
            except ServiceError as error:
                if not error.retryable or time.monotonic() >= ends:
                    raise
                asked = (error.retry_after_seconds or 0.0) if isinstance(error, RateLimited) else 0
            left = ends - time.monotonic()
            if complete or left <= 0:
                checks = self._with_logs(repository, commit)
                return ExternalChecks(commit=commit, checks=checks, complete=complete)
            waiting.wait(min(max(pause, asked), left))
            pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)

    def _shown(self, repository: str, commit: str) -> tuple[list[CheckRun], list[CommitStatus]]:
        runs = [run for run in self.check_runs(repository, commit) if not _is_ours(run.name)]
        statuses = self.statuses(repository, commit).values()
        return runs, [one for one in statuses if not _is_ours(one.context)]

    def _ended(
        self, repository: str, commit: str, runs: list[CheckRun], statuses: list[CommitStatus]
    ) -> bool:
        checks = [*map(_check_of_run, runs), *map(_check_of_status, statuses)]
        if any(check.status is ExternalCheckStatus.PENDING for check in checks):
            return False
        path = self.commit_path(repository, commit, "check-suites")
        about = f"read the check suites of {commit[:12]} of {repository!r}"
        suites = self.api.pages(CheckSuite, path, about=about, within="check_suites")
        return all(one.status == "completed" for one in suites if one.latest_check_runs_count)

    def _with_logs(self, repository: str, commit: str) -> tuple[ExternalCheck, ...]:
        runs, statuses = self._shown(repository, commit)
        checks: list[ExternalCheck] = []
        logs = 0
        for run in runs:
            check = _check_of_run(run)
            failed = check.status is ExternalCheckStatus.FAILED
            if failed and run.app.slug == _ACTIONS and logs < MAX_LOGS:
                logs += 1
                check = check.model_copy(update={"log": self._log(repository, run)})
            checks.append(check)
        return (*checks, *map(_check_of_status, statuses))

    def _log(self, repository: str, run: CheckRun) -> str:
        """Return the end of a job's log; empty when it is not to be had, which is no failure."""
        found = _JOB.search(f"{run.details_url} {run.html_url}")
        job = found["id"] if found else run.id
        about = f"read the log of the job {run.name!r} of {repository!r}"
        try:
            place = self.api.elsewhere(
                self.path(repository, f"actions/jobs/{job}/logs"), about=about
            )
            return log_tail(place, api=self.api.address.api, about=about)
        except ServiceError:
            return ""


def _is_ours(name: str) -> bool:
    return name.startswith(PREFIX)


def _check_of_run(run: CheckRun) -> ExternalCheck:
    status = ExternalCheckStatus.PENDING
    if run.status == "completed":
        status = _CONCLUSIONS.get(run.conclusion, ExternalCheckStatus.FAILED)
    told = " ".join(f"{run.output.title} {run.output.summary}".split())
    return ExternalCheck(
        name=run.name,
        status=status,
        url=run.details_url or run.html_url,
        summary=redact(told[:MAX_SUMMARY_CHARACTERS]),
    )


def _check_of_status(status: CommitStatus) -> ExternalCheck:
    return ExternalCheck(
        name=status.context,
        status=_STATES.get(status.state, ExternalCheckStatus.FAILED),
        url=status.target_url,
        summary=redact(status.description),
    )
