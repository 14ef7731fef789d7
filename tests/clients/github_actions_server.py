"""Checks and workflows of the GitHub on loopback."""

import json

from tests.clients.github_values import BOT, COMMIT, fault
from tests.clients.loopback import Answer


class ActionsServer:
    """What a GitHub answers about commits, check runs and workflow runs."""

    def _commits(self, request, rest):
        commit, kind = rest
        if commit not in self.branches.values():
            return fault(422, f"No commit found for SHA: {commit}")
        if kind == "status":
            latest = {one["context"]: one for one in self.statuses}
            return self._page(request, list(latest.values()), within="statuses")
        table = {"check-runs": self.check_runs, "check-suites": self.suites}
        return self._page(request, table[kind], within=kind.replace("-", "_"))

    def _statuses(self, request, rest):
        self.statuses.append({"target_url": None, **request.body})
        return Answer(201, request.body)

    def add_check_run(self, name, conclusion="success", app="github-actions", **fields):
        run = {
            "id": 900 + len(self.check_runs),
            "name": name,
            "status": "completed" if conclusion else "in_progress",
            "conclusion": conclusion or None,
            "app": {"slug": app},
            "output": {"title": None, "summary": None},
            "details_url": f"{self.repository}/actions/runs/1/job/{900 + len(self.check_runs)}",
        } | fields
        self.check_runs.append(run)
        return run

    def _check_runs(self, request, rest):
        if not self.app_key:
            return fault(403, "You must authenticate via a GitHub App.")
        if request.method == "POST":
            body = dict(request.body)
            return Answer(201, self.add_check_run(body.pop("name"), app="mergewright-app", **body))
        run = next(one for one in self.check_runs if one["id"] == int(rest[0]))
        run |= request.body
        return Answer(200, run)

    def _actions(self, request, rest):
        match request.method, *rest:
            case ["GET", "workflows", name, "runs"] if name in self.workflow_inputs:
                branch = request.query["branch"]
                found = [one for one in self.runs if one["head_branch"] == branch]
                return self._page(request, found, within="workflow_runs")
            case ["POST", "workflows", name, "dispatches"] if name in self.workflow_inputs:
                return self._dispatched(name, request.body)
            case ["GET", "runs", number]:
                run = next((one for one in self.runs if one["id"] == int(number)), None)
                return Answer(200, run) if run else fault(404, "Not Found")
            case ["POST", "runs", number, "cancel"]:
                run = next(one for one in self.runs if one["id"] == int(number))
                run |= {"status": "completed", "conclusion": "cancelled"}
                return Answer(202, {})
            case ["GET", "jobs", number, "logs"] if int(number) in self.logs:
                return Answer(302, headers={"Location": self.logs[int(number)]})
        return fault(404, "Not Found")

    def _dispatched(self, name, body):
        if body["ref"] not in self.branches:
            return fault(422, f"No ref found for: {body['ref']}")
        if unknown := sorted(set(body) & self.unknown_keys):
            return fault(422, f'Invalid request.\n\n"{unknown[0]}" is not a permitted key.')
        if unknown := sorted(set(body["inputs"]) - self.workflow_inputs[name]):
            return fault(422, f"Unexpected inputs provided: {json.dumps(unknown)}")
        marker = body["inputs"].get("mergewright_marker", "")
        run = self.add_run(f"Deploy {marker}".strip(), branch=body["ref"])
        if not self.tells_run or "return_run_details" not in body:
            return Answer(204)
        return Answer(200, {"workflow_run_id": run["id"], "html_url": run["html_url"]})

    def add_run(self, title="Deploy", *, branch="main", actor=BOT, at="2999-01-01T00:00:00Z"):
        run = {
            "id": 40 + len(self.runs),
            "name": "Deploy",
            "display_title": title,
            "html_url": f"{self.repository}/actions/runs/{40 + len(self.runs)}",
            "status": "queued",
            "conclusion": None,
            "head_branch": branch,
            "head_sha": self.branches.get(branch, COMMIT),
            "created_at": at,
            "actor": actor,
        }
        self.runs.append(run)
        return run
