"""Issues of the GitHub on loopback: their comments, labels, assignees and relations."""

from urllib.parse import unquote

from tests.clients.github_values import ADA, AT, BOT, fault
from tests.clients.loopback import Answer


class IssuesServer:
    """What a GitHub answers about issues."""

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

    def _issues(self, request, rest):  # noqa: PLR0911 - one answer per resource
        if rest[0] == "comments":
            return self._changed_comment(request, self.comments, int(rest[1]))
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

    def _searched_issues(self, request):
        """Find what all words of a query hold for; `repo:` is a word that adds a repository."""
        words = request.query["q"].split()
        if "wrong:" in words:
            return fault(422, "The search contains an unknown qualifier")
        homes = [word.removeprefix("repo:") for word in words if word.startswith("repo:")]
        wanted = {word.removeprefix("label:") for word in words if word.startswith("label:")}
        hits = [
            one | {"repository_url": f"{self.url}/repos/{home}"}
            for home in homes
            for one in self.items.values()
            if wanted <= {label["name"] for label in one["labels"]}
            and ("is:open" not in words or one["state"] == "open")
            and "head" not in one
        ]
        return self._page(request, hits, within="items")

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

    def _changed_comment(self, request, comments, number):
        comment = next((one for one in comments if one["id"] == number), None)
        if comment is None:
            return fault(404, "Not Found")
        if comment["user"] != self._writer():
            return fault(403, "Must have admin rights")
        if request.method == "DELETE":
            comments.remove(comment)
            return Answer(204)
        comment |= request.body
        return Answer(200, comment)

    def _milestones(self, request, rest):
        return self._page(request, self.milestones)
