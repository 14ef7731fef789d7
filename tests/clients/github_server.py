"""A GitHub on loopback with one repository: issues, pull requests, checks, workflows, an App."""

import base64
import json
import threading
from urllib.parse import unquote

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from tests.clients.github_actions_server import ActionsServer
from tests.clients.github_issues_server import IssuesServer
from tests.clients.github_pulls_server import PullsServer
from tests.clients.github_values import ADA, BOT, COMMIT, TOKEN, fault
from tests.clients.loopback import Answer, LoopbackServer, Request

__all__ = ["ADA", "COMMIT", "TOKEN", "GitHubServer", "fault"]


class GitHubServer(PullsServer, IssuesServer, ActionsServer, LoopbackServer):
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
        self.review_comments = []
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
        self.rules = {}
        """Rules by the names of branches."""
        self.protected = set()
        self.page_size = 100
        self.logs = {}
        self._numbers = threading.Lock()

    # What a test sets up.

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
                return self._graphql(request.body)
            case ["search", "issues"]:
                return self._searched(request)
            case ["repos", "team", "shop"]:
                permissions = {"push": self.can_push}
                return Answer(200, {"full_name": "team/shop", "permissions": permissions})
            case ["repos", "team", "shop", room, *rest]:
                answering = getattr(self, f"_{room.replace('-', '_')}", None)
                with self._numbers:
                    return answering(request, rest) if answering else fault(404, "Not Found")
        return fault(404, "Not Found")

    def _searched(self, request):
        if " is:issue " in request.query["q"]:
            return self._searched_issues(request)
        key = request.query["q"].split('"')[1]
        hits = [one for one in self.pulls() if key in f"{one['title']} {one['body']}"]
        return self._page(request, hits, within="items")

    def _page(self, request, items, within=""):
        size = min(int(request.query.get("per_page", 30)), self.page_size)
        page = int(request.query.get("page", 1))
        shown = items[(page - 1) * size : page * size]
        more = len(items) > page * size
        headers = {"Link": f'<{self.url}/next>; rel="next"'} if more else {}
        body = {"total_count": len(items), within: shown} if within else shown
        return Answer(200, body, headers)

    def _rules(self, request, rest):
        return self._page(request, self.rules.get(unquote("/".join(rest[1:])), []))

    def _branches(self, _request, rest):
        name = unquote("/".join(rest))
        if name not in self.branches:
            return fault(404, "Branch not found")
        return Answer(200, {"name": name, "protected": name in self.protected})

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
