"""Workflows at GitHub: started once, found again, cancelled.

A workflow that is to be found again without doubt declares the input `mergewright_marker` and shows
it in its `run-name`; then the marker in a run's title says whose it is. GitHub shows no other input
of a run. Without the marker, a run is ours when it was dispatched on the same branch by our account
since the instant that the caller names; if none is named, nothing is looked up and each call starts
another run.

Source: docs.github.com/en/rest/actions/workflows (a dispatch answers 200 with the run's id where
`return_run_details` is known, else 204) and workflow-runs, 2026-11-20.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from urllib.parse import quote

from mergewright.clients.github_answers import Dispatched, Run
from mergewright.clients.github_repository import Repositories
from mergewright.clients.ports import Compensation, Effect
from mergewright.domain.pull_request import WorkflowRun
from mergewright.errors import NotFound, Rejected

MARKER_INPUT = "mergewright_marker"
MAX_RUNS = 200
CLOCK_DRIFT = timedelta(minutes=1)

_GONE = Compensation("already", "The workflow's run is not there any more.")


class Workflows(Repositories):
    """Workflows of repositories."""

    def dispatch_workflow(
        self,
        repository: str,
        workflow: str,
        ref: str,
        inputs: Mapping[str, str],
        *,
        marker: str,
        since: datetime | None = None,
    ) -> Effect[WorkflowRun]:
        """Start a workflow, unless a run of it is ours already; return the run.

        Args:
            repository: URL of the repository.
            workflow: Its file name, as `deploy.yml`, or its id.
            ref: Branch or tag to run it on.
            inputs: What it is given.
            marker: What makes two calls the same.
            since: When this was first meant to be done; runs from before are not ours.

        Raises:
            NotFound: There is no such repository or workflow.
            AccessDenied: The account may not start it.
            Rejected: It cannot be started so, or there is no such branch.
            SettingInvalid: The repository is none of this GitHub.
            ServiceError: GitHub did not answer, or asks to wait.
        """
        found = self._found(repository, workflow, ref, marker, since)
        if found is not None:
            return Effect(found.value, found=True)
        started_at = datetime.now(UTC)
        made = self._dispatched(repository, workflow, ref, {**inputs, MARKER_INPUT: marker})
        if made.workflow_run_id:
            run = WorkflowRun(id=made.workflow_run_id, url=made.html_url)
            return Effect(run, found=False)
        found = self._found(repository, workflow, ref, marker, since or started_at)
        return Effect(found.value if found else WorkflowRun(id=0), found=False)

    def cancel_workflow(
        self, repository: str, run_id: int, *, rehearse: bool = False
    ) -> Compensation:
        """Cancel a run of a workflow that has not ended.

        Raises:
            AccessDenied: The account may not cancel it.
            SettingInvalid: The repository is none of this GitHub.
            ServiceError: GitHub did not answer, or refused.
        """
        about = f"cancel the workflow's run {run_id} of {repository!r}"
        path = self.path(repository, f"actions/runs/{run_id}")
        try:
            run = self.api.read(Run, path, about=about)
        except NotFound:
            return _GONE
        if run.status == "completed":
            if run.conclusion == "cancelled":
                return Compensation("already", "It is cancelled.", run.html_url)
            return Compensation("kept", f"It has ended: {run.conclusion!r}.", run.html_url)
        if not rehearse:
            self.api.send("POST", f"{path}/cancel", about=about, safe_to_repeat=True)
        return Compensation("undone", "It had not ended; it is cancelled.", run.html_url)

    def _dispatched(
        self, repository: str, workflow: str, ref: str, inputs: Mapping[str, str]
    ) -> Dispatched:
        """Start a workflow; what GitHub refuses to be told, because it is too old, is left out."""
        body: dict[str, object] = {"ref": ref, "inputs": inputs, "return_run_details": True}
        path = self.path(repository, f"actions/workflows/{quote(workflow, safe='')}/dispatches")
        about = f"start the workflow {workflow!r} of {repository!r} on {ref!r}"
        while True:
            try:
                answer = self.api.send("POST", path, about=about, body=body)
                return Dispatched.model_validate_json(answer.content or b"{}")
            except Rejected as error:
                said = error.message.casefold()
                given = body["inputs"]
                if "return_run_details" in said and "return_run_details" in body:
                    del body["return_run_details"]
                elif MARKER_INPUT in said and isinstance(given, dict) and MARKER_INPUT in given:
                    body["inputs"] = {name: given[name] for name in given if name != MARKER_INPUT}
                else:
                    raise

    def _found(
        self, repository: str, workflow: str, ref: str, marker: str, since: datetime | None
    ) -> Run | None:
        path = self.path(repository, f"actions/workflows/{quote(workflow, safe='')}/runs")
        about = f"look for a run of the workflow {workflow!r} of {repository!r}"
        query = {"event": "workflow_dispatch", "branch": ref}
        pages = self.api.pages(Run, path, about=about, params=query, within="workflow_runs")
        runs = list(islice(pages, MAX_RUNS))
        marked = (run for run in runs if marker and marker in f"{run.display_title} {run.name}")
        if (found := next(marked, None)) is not None or since is None:
            return found
        later = [run for run in runs if run.created_at >= since - CLOCK_DRIFT]
        own = self.login().lower() if later else ""
        return next((run for run in later if run.actor.login.lower() == own), None)
