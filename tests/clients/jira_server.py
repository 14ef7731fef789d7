"""A Jira on loopback with one project: issues, comments with properties, and a workflow."""

from dataclasses import dataclass, field
from typing import Any

from tests.clients.loopback import Answer, LoopbackServer, Request

TOKEN = "jira-token-kept-secret"  # noqa: S105 - an example
USER = "bot@example.org"
BOT = {"accountId": "acc-bot", "displayName": "Bot"}
ADA = {"accountId": "acc-ada", "displayName": "Ada Lovelace"}

CATEGORIES = {
    "To Do": "new",
    "In Progress": "indeterminate",
    "Code Review": "indeterminate",
    "Blocked": "indeterminate",
    "Done": "done",
    "Won't Do": "done",
}
WORKFLOW = {
    "To Do": ["Blocked", "In Progress", "Won't Do"],
    "In Progress": ["To Do", "Code Review", "Done"],
    "Code Review": ["In Progress", "Won't Do", "Done"],
    "Blocked": ["In Progress"],
    "Done": [],
    "Won't Do": [],
}


def document(*blocks):
    return {"version": 1, "type": "doc", "content": list(blocks)}


def paragraph(text):
    return {"type": "paragraph", "content": [{"type": "text", "text": text}]}


def fault(status, *messages, headers=None, **errors):
    body = {"errorMessages": list(messages), "errors": errors}
    return Answer(status, body, headers or {})


@dataclass
class StoredIssue:
    fields: dict[str, Any]
    comments: list[dict[str, Any]] = field(default_factory=list)


class JiraServer(LoopbackServer):
    """Speaks v3 with documents as Cloud does, or v2 with texts as Server does."""

    def __init__(self, *, cloud: bool = True):
        super().__init__()
        self.cloud = cloud
        self.issues: dict[str, StoredIssue] = {}
        self.workflow = {name: list(targets) for name, targets in WORKFLOW.items()}
        self.required: dict[str, dict[str, Any]] = {}
        """Fields of the transition to a status."""
        self._root = f"/rest/api/{3 if cloud else 2}/"

    def add_issue(self, key="SHOP-7", **fields):
        about = {
            "summary": "Totals are wrong",
            "description": None,
            "issuetype": {"name": "Bug"},
            "status": self._status("To Do"),
            "labels": ["money"],
            "priority": {"name": "High"},
            "reporter": ADA,
            "issuelinks": [],
        }
        self.issues[key] = StoredIssue(about | fields)
        return self.issues[key]

    def add_comment(self, issue: StoredIssue, body, *, author=ADA, properties=()):
        comment = {
            "id": str(10000 + sum(len(one.comments) for one in self.issues.values())),
            "author": author,
            "body": body,
            "created": "2026-03-04T05:06:07.000+0100",
            "properties": list(properties),
        }
        issue.comments.append(comment)
        return comment

    def status_of(self, key):
        return self.issues[key].fields["status"]["name"]

    def move(self, key, status):
        self.issues[key].fields["status"] = self._status(status)

    def answer(self, request: Request) -> Answer:
        if not self._is_known(request.headers.get("authorization", "")):
            return Answer(401, b"<html>Log in</html>", {"Content-Type": "text/html"})
        if not request.path.startswith(self._root):
            return fault(404, "no such resource")
        match request.path.removeprefix(self._root).split("/"):
            case ["myself"]:
                return Answer(200, BOT)
            case ["issue", key, *rest] if key in self.issues:
                return self._about_issue(request, key, rest)
        return fault(404, "Issue does not exist or you do not have permission to see it.")

    def _about_issue(self, request, key, rest):  # noqa: PLR0911 - one answer per resource
        issue = self.issues[key]
        match request.method, *rest:
            case ["GET"]:
                wanted = request.query["fields"].split(",")
                fields = {name: issue.fields[name] for name in wanted}
                return Answer(200, {"id": "1", "key": key, "fields": fields})
            case ["GET", "comment"]:
                return self._comments(issue, request.query)
            case ["POST", "comment"]:
                return self._new_comment(issue, request.body)
            case ["PUT", "comment", number]:
                return self._changed_comment(issue, number, request.body)
            case ["DELETE", "comment", number]:
                return self._removed_comment(issue, number)
            case ["GET", "transitions"]:
                return Answer(200, {"transitions": self._transitions(key)})
            case ["POST", "transitions"]:
                return self._moved(key, request.body)
        return fault(405, "Method not allowed")

    def _comments(self, issue, query):
        start, size = int(query["startAt"]), int(query["maxResults"])
        shown = [dict(comment) for comment in issue.comments[start : start + size]]
        if query.get("expand") != "properties":
            for comment in shown:
                del comment["properties"]
        return Answer(200, {"comments": shown, "total": len(issue.comments), "startAt": start})

    def _new_comment(self, issue, body):
        if not self._is_text(body["body"]):
            return fault(400, comment="Comment body is not valid!")
        comment = self.add_comment(
            issue, body["body"], author=BOT, properties=body.get("properties", ())
        )
        return Answer(201, comment)

    def _changed_comment(self, issue, number, body):
        comment = next((one for one in issue.comments if one["id"] == number), None)
        if comment is None:
            return fault(404, "no such comment")
        if comment["author"] != BOT:
            return fault(403, "You may not edit the comments of others.")
        if not self._is_text(body["body"]):
            return fault(400, comment="Comment body is not valid!")
        comment |= body
        return Answer(200, comment)

    def _removed_comment(self, issue, number):
        kept = [one for one in issue.comments if one["id"] != number]
        if len(kept) == len(issue.comments):
            return fault(404, "no such comment")
        issue.comments = kept
        return Answer(204)

    def _is_text(self, body):
        return (
            isinstance(body, dict) and bool(body["content"])
            if self.cloud
            else isinstance(body, str)
        )

    def _transitions(self, key):
        return [
            {
                "id": str(list(CATEGORIES).index(target)),
                "name": f"Go to {target}",
                "to": self._status(target),
                "fields": self.required.get(target, {}),
            }
            for target in self.workflow[self.status_of(key)]
        ]

    def _moved(self, key, body):
        for offered in self._transitions(key):
            if offered["id"] == body["transition"]["id"]:
                self.issues[key].fields["status"] = offered["to"]
                return Answer(204)
        return fault(400, "It is not possible to use this transition.")

    def _status(self, name):
        return {"name": name, "statusCategory": {"key": CATEGORIES[name]}}

    def _is_known(self, header):
        if self.cloud:
            return header.startswith("Basic ")
        return header == f"Bearer {TOKEN}"
