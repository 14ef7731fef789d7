"""A GitHub on loopback with one repository: issues, pull requests, checks, workflows, an App."""

import base64
import json
import threading
from urllib.parse import unquote

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from tests.clients.loopback import Answer, LoopbackServer, Request

TOKEN = "ghp_keptsecretkeptsecretkeptsecret00"  # noqa: S105 - an example
AT = "2026-03-04T05:06:07Z"
BOT = {"login": "mw-bot", "type": "User"}
ADA = {"login": "ada", "type": "User"}
COMMIT = "a" * 40
BASE = {"ref": "main", "sha": "b" * 40, "repo": {"full_name": "team/shop"}}
NOT_TAKEN = "Reviews may only be requested from collaborators."


def fault(status, message="", *errors, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, {"message": message, "errors": list(errors)}, named)


class GitHubServer(LoopbackServer):
    """Keeps what was written; `branches` are those that may be offered."""

    def __init__(self):
        super().__init__()
        self.repository = f"{self.url}/team/shop"
        self.tokens = {TOKEN}
        self.app_key = None
        self.installation_permissions = {}
        self.minted = 0
        self.scopes = "repo, workflow"
        self.viewer = BOT
        self.can_push = True
        self.branches = {"main": "b" * 40, "fix/gh-7": COMMIT}
        self.items = {}
        """Issues and pull requests by number, as both kinds of resources show them."""
        self.comments = []
        self.reviews = []
        self.milestones = [{"number": 3, "title": "1.2", "state": "open"}]
        self.people = {"mw-bot", "ada", "bob", "cy"}
        self.teams = {"core"}
        self.statuses = []
        self.check_runs = []
        self.suites = []
        self.runs = []
        self.workflow_inputs = {"ci.yml": {"mergewright_marker", "target"}}
        self.unknown_keys = set()
        self.tells_run = True
        self.talk = None
        self.parts = {}
        self.parents = {}
        self.timelines = {}
        self.page_size = 100
        self.logs = {}
        self._numbers = threading.Lock()

    # What a test sets up.

    def add_issue(self, number=7, **fields):
        self.items[number] = {
            "number": number,
            "title": "Totals are wrong",
            "body": "Sum them.",
            "html_url": f"{self.repository}/issues/{number}",
            "state": "open",
            "user": ADA,
            "labels": [{"name": "bug"}],
            "assignees": [],
            "milestone": None,
            "created_at": AT,
        } | fields
        return self.items[number]

    def add_pull(self, number=0, head="fix/gh-7", **fields):
        number = number or max(self.items, default=0) + 1
        side = {
            "ref": head,
            "sha": self.branches.get(head, COMMIT),
            "label": f"team:{head}",
            "repo": {"full_name": "team/shop"},
        }
        self.items[number] = {
            "number": number,
            "title": "A change",
            "body": None,
            "html_url": f"{self.repository}/pull/{number}",
            "state": "open",
            "merged_at": None,
            "draft": False,
            "user": BOT,
            "head": side,
            "base": dict(BASE),
            "labels": [],
            "requested_reviewers": [],
            "requested_teams": [],
            "assignees": [],
            "milestone": None,
            "created_at": AT,
            "pull_request": {},
        } | fields
        return self.items[number]

    def add_comment(self, number, body, user=ADA):
        comment = {
            "id": 500 + len(self.comments),
            "issue": number,
            "user": user,
            "body": body,
            "created_at": AT,
            "html_url": f"{self.repository}/issues/{number}#{len(self.comments)}",
        }
        self.comments.append(comment)
        return comment

    def labels_of(self, number):
        return [label["name"] for label in self.items[number]["labels"]]

    def pulls(self):
        return [one for one in self.items.values() if "head" in one]

    # What it answers.

    def answer(self, request: Request) -> Answer:  # noqa: PLR0911 - one answer per resource
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        parts = request.path.strip("/").split("/")
        if parts[0] == "app":
            return self._app(request, token, parts[1:])
        if token not in self.tokens:
            return fault(401, "Bad credentials")
        match parts:
            case ["user"]:
                headers = {} if self.scopes is None else {"X-OAuth-Scopes": self.scopes}
                return Answer(200, self.viewer, headers)
            case ["graphql"]:
                return self._query(request.body)
            case ["search", "issues"]:
                key = request.query["q"].split('"')[1]
                hits = [one for one in self.pulls() if key in f"{one['title']} {one['body']}"]
                return self._page(request, hits, within="items")
            case ["repos", "team", "shop"]:
                permissions = {"push": self.can_push}
                return Answer(200, {"full_name": "team/shop", "permissions": permissions})
            case ["repos", "team", "shop", room, *rest]:
                answering = getattr(self, f"_{room.replace('-', '_')}", None)
                with self._numbers:
                    return answering(request, rest) if answering else fault(404, "Not Found")
        return fault(404, "Not Found")

    def _page(self, request, items, within=""):
        size = min(int(request.query.get("per_page", 30)), self.page_size)
        page = int(request.query.get("page", 1))
        shown = items[(page - 1) * size : page * size]
        more = len(items) > page * size
        headers = {"Link": f'<{self.url}/next>; rel="next"'} if more else {}
        body = {"total_count": len(items), within: shown} if within else shown
        return Answer(200, body, headers)

    def _app(self, request, token, rest):
        if self.app_key is None or not self._signed(token):
            return fault(401, "A JSON web token could not be decoded")
        match request.method, *rest:
            case ["GET"]:
                return Answer(200, {"slug": "mergewright-app"})
            case ["GET", "installations", "9"]:
                told = {"account": {"login": "team"}, "permissions": self.installation_permissions}
                return Answer(200, told)
            case ["POST", "installations", "9", "access_tokens"]:
                self.minted += 1
                made = f"ghs_{self.minted:032}"
                self.tokens = {made}
                return Answer(201, {"token": made, "expires_at": "2999-01-01T00:00:00Z"})
        return fault(404, "Not Found")

    def _signed(self, token):
        signed, _, signature = token.rpartition(".")
        padded = signature + "=" * (-len(signature) % 4)
        self.app_key.verify(base64.urlsafe_b64decode(padded), signed.encode(), PKCS1v15(), SHA256())
        claims = signed.partition(".")[2]
        told = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        return told["iss"] == "Iv1.app" and told["exp"] - told["iat"] <= 600

    def _query(self, body):
        if "viewer {" in body["query"]:
            return Answer(200, {"data": {"viewer": {"login": self.viewer["login"]}}})
        if self.talk is None or body["variables"]["number"] not in self.items:
            error = {"type": "NOT_FOUND", "message": "Could not resolve"}
            return Answer(200, {"data": {"repository": None}, "errors": [error]})
        page = self.talk[int(body["variables"]["after"] or 0)]
        return Answer(200, {"data": {"repository": {"pullRequest": page}}})

    def _pulls(self, request, rest):  # noqa: C901, PLR0911 - one answer per resource
        query = request.query
        match request.method, *rest:
            case ["GET"]:
                found = [
                    one
                    for one in reversed(self.pulls())
                    if query.get("state") in {"all", one["state"]}
                    and query.get("head") in {None, one["head"]["label"]}
                ]
                return self._page(request, found)
            case ["POST"]:
                return self._open(request.body)
        number = int(rest[0])
        if number not in self.items or "head" not in self.items[number]:
            return fault(404, "Not Found")
        pull = self.items[number]
        match request.method, *rest[1:]:
            case ["GET"]:
                return Answer(200, pull)
            case ["PATCH"]:
                told = dict(request.body)
                if "base" in told:
                    told["base"] = {**pull["base"], "ref": told["base"]}
                pull |= told
                return Answer(200, pull)
            case ["GET", "reviews"]:
                return self._page(request, self.reviews)
            case [method, "requested_reviewers"]:
                return self._review_requests(pull, method, request.body)
        return fault(405, "Method Not Allowed")

    def _open(self, body):
        if body["head"] not in self.branches:
            error = {"resource": "PullRequest", "field": "head", "code": "invalid"}
            return fault(422, "Validation Failed", error)
        for one in self.pulls():
            ours = one["head"]["repo"] == one["base"]["repo"]
            if ours and one["state"] == "open" and one["head"]["ref"] == body["head"]:
                told = f"A pull request already exists for team:{body['head']}."
                return fault(422, "Validation Failed", {"message": told})
        fields = {name: body[name] for name in ("title", "body", "draft")}
        return Answer(201, self.add_pull(head=body["head"], **fields))

    def _review_requests(self, pull, method, body):
        people, teams = body["reviewers"], body["team_reviewers"]
        if method == "DELETE":
            for field, key, names in (
                ("requested_reviewers", "login", people),
                ("requested_teams", "slug", teams),
            ):
                pull[field] = [one for one in pull[field] if one[key] not in names]
            return Answer(200, pull)
        if pull["user"]["login"] in people:
            return fault(422, "Review cannot be requested from pull request author.")
        if not (set(people) <= self.people and set(teams) <= self.teams):
            return fault(422, NOT_TAKEN)
        pull["requested_reviewers"] += [{"login": name} for name in people]
        pull["requested_teams"] += [{"slug": name} for name in teams]
        return Answer(201, pull)

    def _issues(self, request, rest):  # noqa: PLR0911 - one answer per resource
        if rest[0] == "comments":
            return self._changed_comment(request, int(rest[1]))
        number = int(rest[0])
        if number not in self.items:
            return fault(404, "Not Found")
        issue = self.items[number]
        match request.method, *rest[1:]:
            case ["GET"]:
                return Answer(200, issue)
            case ["PATCH"]:
                return self._changed_issue(issue, request.body)
            case ["GET", "comments"]:
                found = [one for one in self.comments if one["issue"] == number]
                return self._page(request, found)
            case ["POST", "comments"]:
                return Answer(201, self.add_comment(number, request.body["body"], self._writer()))
            case [_, "labels" | "assignees", *_]:
                return self._handled(request, issue, rest[1:])
        return self._related(request, number, rest[1])

    def _writer(self):
        return {"login": "mergewright-app[bot]", "type": "Bot"} if self.app_key else BOT

    def _related(self, request, number, kind):
        if kind == "parent":
            parent = self.parents.get(number)
            return Answer(200, parent) if parent else fault(404, "Not Found")
        table = {"sub_issues": self.parts, "timeline": self.timelines}
        if table.get(kind) is None:
            return fault(404, "Not Found")
        return self._page(request, table[kind].get(number, []))

    def _changed_issue(self, issue, body):
        told = dict(body)
        if "milestone" in told:
            known = {one["number"]: one for one in self.milestones}
            told["milestone"] = known.get(told["milestone"])
        issue |= told
        return Answer(200, issue)

    def _handled(self, request, issue, rest):
        names = {label["name"].lower() for label in issue["labels"]}
        match request.method, *rest:
            case ["POST", "labels"]:
                new = [name for name in request.body["labels"] if name.lower() not in names]
                issue["labels"] += [{"name": name} for name in new]
                return Answer(200, issue["labels"])
            case ["DELETE", "labels", name]:
                if unquote(name).lower() not in names:
                    return fault(404, "Label does not exist")
                issue["labels"] = [
                    one for one in issue["labels"] if one["name"].lower() != unquote(name).lower()
                ]
                return Answer(200, issue["labels"])
            case ["POST", "assignees"]:
                taken = [name for name in request.body["assignees"] if name in self.people]
                issue["assignees"] += [{"login": name} for name in taken]
                return Answer(201, issue)
        gone = request.body["assignees"]
        issue["assignees"] = [one for one in issue["assignees"] if one["login"] not in gone]
        return Answer(200, issue)

    def _changed_comment(self, request, number):
        comment = next((one for one in self.comments if one["id"] == number), None)
        if comment is None:
            return fault(404, "Not Found")
        if comment["user"] != self._writer():
            return fault(403, "Must have admin rights")
        if request.method == "DELETE":
            self.comments.remove(comment)
            return Answer(204)
        comment |= request.body
        return Answer(200, comment)

    def _milestones(self, request, rest):
        return self._page(request, self.milestones)

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
