"""A Jira on loopback with one project: issues, comments with properties, links, and a workflow."""

import re
from dataclasses import dataclass, field
from typing import Any

from mergewright.clients.jira import JiraTracker
from mergewright.clients.jira_api import open_jira
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
TYPES = [
    {"id": "1", "name": "Epic", "hierarchyLevel": 1, "subtask": False},
    {"id": "2", "name": "Story", "hierarchyLevel": 0, "subtask": False},
    {"id": "3", "name": "Bug", "hierarchyLevel": 0, "subtask": False},
    {"id": "4", "name": "Task", "hierarchyLevel": 0, "subtask": False},
    {"id": "5", "name": "Sub-task", "hierarchyLevel": -1, "subtask": True},
]
LINK_TYPES = [
    {"name": "Blocks", "inward": "is blocked by", "outward": "blocks"},
    {"name": "Relates", "inward": "relates to", "outward": "relates to"},
]
FIELDS = [
    {"id": "summary", "name": "Summary"},
    {"id": "customfield_10016", "name": "Story Points"},
    {"id": "customfield_10020", "name": "Acceptance Criteria"},
    {"id": "customfield_10030", "name": "Team"},
    {"id": "customfield_10040", "name": "Severity"},
    {"id": "customfield_10041", "name": "Severity"},
    {
        "id": "customfield_10008",
        "name": "Epic Link",
        "schema": {"type": "any", "custom": "com.pyxis.greenhopper.jira:gh-epic-link"},
    },
    {
        "id": "customfield_10009",
        "name": "Epic Name",
        "schema": {"type": "string", "custom": "com.pyxis.greenhopper.jira:gh-epic-label"},
    },
]
WORKFLOW = {
    "To Do": ["Blocked", "In Progress", "Won't Do"],
    "In Progress": ["To Do", "Code Review", "Done"],
    "Code Review": ["In Progress", "Won't Do", "Done"],
    "Blocked": ["In Progress"],
    "Done": [],
    "Won't Do": [],
}


def tracker_of(server, *, field_map=None, **options):
    """Return our client of a server."""
    username = USER if server.cloud else ""
    client = open_jira(server.url, TOKEN, username=username, cloud=server.cloud, **options)
    return JiraTracker(client, field_map=field_map or {})


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
    links: dict[str, dict[str, Any]] = field(default_factory=dict)
    """To elsewhere, by their global ids."""
    changes: list[dict[str, Any]] = field(default_factory=list)
    watchers: list[dict[str, Any]] = field(default_factory=list)


class JiraServer(LoopbackServer):
    """Speaks v3 with documents as Cloud does, or v2 with texts as Server does."""

    def __init__(self, *, cloud: bool = True):
        super().__init__()
        self.cloud = cloud
        self.issues: dict[str, StoredIssue] = {}
        self.workflow = {name: list(targets) for name, targets in WORKFLOW.items()}
        self.required: dict[str, dict[str, Any]] = {}
        """Fields of the transition to a status."""
        self.defaults: set[str] = set()
        """Fields that Jira fills in by itself."""
        self.forbidden: set[str] = set()
        """Permissions that we have not."""
        self.files: dict[str, bytes | Answer] = {}
        """What is in an attachment, by its id."""
        self.types = TYPES
        """What can be made in the project."""
        self.index_lags = 0
        """So many searches know nothing of what is new."""
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
            "creator": ADA,
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

    def answer(self, request: Request) -> Answer:  # noqa: C901, PLR0911, PLR0912 - one answer per resource
        if not self._is_known(request.headers.get("authorization", "")):
            return Answer(401, b"<html>Log in</html>", {"Content-Type": "text/html"})
        if request.path.startswith("/secure/attachment/") and not self.cloud:
            return self._file(request.path.split("/")[3])
        if not request.path.startswith(self._root):
            return fault(404, "no such resource")
        match request.method, *request.path.removeprefix(self._root).split("/"):
            case [_, "myself"]:
                return Answer(200, BOT)
            case ["GET", "field"]:
                return Answer(200, FIELDS)
            case ["GET", "issueLinkType"]:
                return Answer(200, {"issueLinkTypes": LINK_TYPES})
            case ["GET", "mypermissions"]:
                return self._permissions(request.query)
            case ["GET", "search"] if not self.cloud:
                return self._search(request.query)
            case ["GET", "search", "jql"] if self.cloud:
                return self._search(request.query)
            case ["GET", "issue", "createmeta", project, "issuetypes"]:
                name = "issueTypes" if self.cloud else "values"
                return (
                    Answer(200, {name: self.types})
                    if project == "SHOP"
                    else self._missing_project()
                )
            case ["GET", "project", "SHOP", "statuses"]:
                names = {*self.workflow, *(one for to in self.workflow.values() for one in to)}
                return Answer(200, [{"name": "Bug", "statuses": [*map(self._status, names)]}])
            case ["GET", "attachment", "content", number] if number in self.files:
                return self._file(number)
            case ["POST", "issue"]:
                return self._new_issue(request.body["fields"])
            case ["POST", "issueLink"]:
                return self._new_link(request.body)
            case ["DELETE", "issueLink", number]:
                return self._removed_link(number)
            case [_, "issue", key, *rest] if key in self.issues:
                return self._about_issue(request, key, rest)
        return fault(404, "Issue does not exist or you do not have permission to see it.")

    def _about_issue(self, request, key, rest):  # noqa: C901, PLR0911, PLR0912 - one answer per resource
        issue = self.issues[key]
        match request.method, *rest:
            case ["GET"]:
                wanted = request.query["fields"].split(",")
                fields = {name: issue.fields.get(name) for name in wanted}
                shown = {"id": "1", "key": key, "fields": fields}
                if request.query.get("expand") == "changelog":
                    shown["changelog"] = {"histories": issue.changes}
                return Answer(200, shown)
            case ["DELETE"]:
                if "DELETE_ISSUES" in self.forbidden:
                    return fault(403, "You do not have permission to delete issues.")
                del self.issues[key]
                return Answer(204)
            case ["GET", "watchers"]:
                return Answer(200, {"watchers": issue.watchers})
            case [_, "remotelink"]:
                return self._remote_links(issue, request)
            case ["GET", "comment"]:
                return self._comments(issue, request.query)
            case ["POST", "comment"]:
                if "ADD_COMMENTS" in self.forbidden:
                    return fault(403, "You do not have the permission to comment on this issue.")
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

    def _permissions(self, query):
        if query.get("projectKey", "SHOP") != "SHOP":
            return self._missing_project()
        keys = query["permissions"].split(",")
        named = {key: key.replace("_", " ").title() for key in keys}
        return Answer(
            200,
            {
                "permissions": {
                    key: {"name": name, "havePermission": key not in self.forbidden}
                    for key, name in named.items()
                }
            },
        )

    def _missing_project(self):
        return fault(404, "No project could be found with key 'NOPE'.")

    def _search(self, query):
        jql = query["jql"]
        if "nonsense" in jql:
            return fault(400, "Field 'nonsense' does not exist or you do not have permission.")
        label = re.search(r'labels = "([^"]+)"', jql)
        keys = [
            key for key, one in self.issues.items() if not label or label[1] in one.fields["labels"]
        ]
        if label and self.index_lags:
            self.index_lags, keys = self.index_lags - 1, []
        size = min(int(query["maxResults"]), 2)
        start = int(query.get("nextPageToken" if self.cloud else "startAt") or 0)
        wanted = query["fields"].split(",")
        page = {
            "issues": [
                {"key": key, "fields": {name: self.issues[key].fields.get(name) for name in wanted}}
                for key in keys[start : start + size]
            ]
        }
        if not self.cloud:
            page["total"] = len(keys)
        elif start + size < len(keys):
            page["nextPageToken"] = str(start + size)
        return Answer(200, page)

    def _file(self, number):
        held = self.files[number]
        return held if isinstance(held, Answer) else Answer(200, held)

    def _new_issue(self, fields):
        if "CREATE_ISSUES" in self.forbidden:
            return fault(403, "You do not have permission to create issues in this project.")
        kind = next(one for one in TYPES if one["id"] == fields["issuetype"]["id"])
        key = f"SHOP-{len(self.issues) + 100}"
        self.add_issue(key, **fields, creator=BOT)
        self.issues[key].fields["issuetype"] = kind
        parent = fields.get("parent", {}).get("key")
        if kind["subtask"]:
            below = self.issues[parent].fields.setdefault("subtasks", [])
            below.append({"key": key, "fields": {"summary": fields["summary"]}})
        return Answer(201, {"id": "1", "key": key})

    def _new_link(self, body):
        ends = [body[name]["key"] for name in ("inwardIssue", "outwardIssue")]
        if not set(ends) <= set(self.issues):
            return fault(404, "Issue does not exist.")
        kind = next(one for one in LINK_TYPES if one["name"] == body["type"]["name"])
        number = str(500 + sum(len(one.fields["issuelinks"]) for one in self.issues.values()))
        for own, other, side in ((*ends, "outwardIssue"), (*reversed(ends), "inwardIssue")):
            link = {"id": number, "type": kind, side: {"key": other}}
            self.issues[own].fields["issuelinks"].append(link)
        return Answer(201)

    def _removed_link(self, number):
        for issue in self.issues.values():
            links = issue.fields["issuelinks"]
            links[:] = [one for one in links if one["id"] != number]
        return Answer(204)

    def _remote_links(self, issue, request):
        match request.method:
            case "GET":
                link = issue.links.get(request.query["globalId"])
                return Answer(200, link) if link else fault(404, "no such link")
            case "POST":
                if "LINK_ISSUES" in self.forbidden:
                    return fault(403, "No Link Issue Permission for issue.")
                is_new = request.body["globalId"] not in issue.links
                issue.links[request.body["globalId"]] = request.body
                return Answer(201 if is_new else 200, {"id": 1})
        return Answer(204 if issue.links.pop(request.query["globalId"], None) else 404)

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
        if "TRANSITION_ISSUES" in self.forbidden:
            return []
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
                required = {name for name, one in offered["fields"].items() if one["required"]}
                if missing := required - set(body.get("fields", {})) - self.defaults:
                    return fault(400, **dict.fromkeys(missing, "is required."))
                self.issues[key].fields.update(body.get("fields", {}))
                self.issues[key].fields["status"] = offered["to"]
                return Answer(204)
        return fault(400, "It is not possible to use this transition.")

    def _status(self, name):
        return {"name": name, "statusCategory": {"key": CATEGORIES[name]}}

    def _is_known(self, header):
        if self.cloud:
            return header.startswith("Basic ")
        return header == f"Bearer {TOKEN}"
