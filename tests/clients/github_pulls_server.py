"""Pull requests of the GitHub on loopback: their reviews, threads and drafts."""

from tests.clients.github_values import ADA, AT, BASE, BOT, COMMIT, NOT_TAKEN, fault
from tests.clients.loopback import Answer


class PullsServer:
    """What a GitHub answers about pull requests."""

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
            "node_id": f"PR_{number}",
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

    def add_review_comment(self, pull, body, user=ADA, *, reply_to=None, path="shop/sum.py"):
        """Begin a thread, or say more in one."""
        number = 7_000_000_000 + len(self.review_comments)
        comment = {
            "id": number,
            "node_id": f"PRRC_{number}",
            "pull": pull,
            "in_reply_to_id": reply_to,
            "path": path,
            "line": 12,
            "user": user,
            "body": body,
            "created_at": AT,
            "html_url": f"{self.repository}/pull/{pull}#discussion_r{number}",
        }
        if reply_to is None:
            del comment["in_reply_to_id"]
        self.review_comments.append(comment)
        return comment

    def _graphql(self, body):
        query, variables = body["query"], body["variables"]
        if "viewer {" in query:
            return Answer(200, {"data": {"viewer": {"login": self.viewer["login"]}}})
        if query.strip().startswith("mutation"):
            return self._marked(query, variables["id"])
        pages = self.talk or ([self._talk()] if self.review_comments else None)
        if pages is None or variables["number"] not in self.items:
            return unresolved()
        page = pages[int(variables["after"] or 0)]
        return Answer(200, {"data": {"repository": {"pullRequest": page}}})

    def _marked(self, query, node):
        pull = next((one for one in self.pulls() if one["node_id"] == node), None)
        if pull is None:
            return unresolved()
        is_draft = "convertPullRequestToDraft(" in query
        if pull["draft"] == is_draft or pull["state"] != "open":
            told = {
                "type": "UNPROCESSABLE",
                "message": "Pull request is not open, or is so already",
            }
            return Answer(200, {"data": None, "errors": [told]})
        pull["draft"] = is_draft
        return Answer(200, {"data": {"marked": {"pullRequest": {"isDraft": is_draft}}}})

    def _talk(self):
        """What GraphQL tells of the threads."""
        firsts = [one for one in self.review_comments if "in_reply_to_id" not in one]
        threads = [
            {
                "isResolved": False,
                "path": first["path"],
                "line": first["line"],
                "first": {"nodes": [{"fullDatabaseId": str(first["id"])}]},
                "comments": {"nodes": [self._said(one) for one in self._thread(first["id"])[-50:]]},
            }
            for first in firsts
        ]
        return {
            "reviewThreads": {"pageInfo": {"hasNextPage": False}, "nodes": threads},
            "reviews": {"nodes": []},
            "comments": {"nodes": []},
        }

    def _thread(self, first):
        return [
            one for one in self.review_comments if first in {one["id"], one.get("in_reply_to_id")}
        ]

    def _said(self, comment):
        user = comment["user"]
        return {
            "id": comment["node_id"],
            "url": comment["html_url"],
            "body": comment["body"],
            "viewerDidAuthor": user == self._writer(),
            "authorAssociation": "MEMBER",
            "author": {"login": user["login"], "__typename": user["type"]},
            "createdAt": comment["created_at"],
        }

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
        if rest[0] == "comments":
            return self._changed_comment(request, self.review_comments, int(rest[1]))
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
            case ["GET", "comments"]:
                found = [one for one in self.review_comments if one["pull"] == number]
                return self._page(request, found)
            case ["POST", "comments", first, "replies"]:
                return self._replied(number, int(first), request.body["body"])
            case [method, "requested_reviewers"]:
                return self._review_requests(pull, method, request.body)
        return fault(405, "Method Not Allowed")

    def _replied(self, number, first, body):
        known = next((one for one in self.review_comments if one["id"] == first), None)
        if known is None or "in_reply_to_id" in known:
            return fault(404, "Not Found")
        return Answer(201, self.add_review_comment(number, body, self._writer(), reply_to=first))

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


def unresolved():
    """Say in GraphQL's way that there is no such thing."""
    error = {"type": "NOT_FOUND", "message": "Could not resolve"}
    return Answer(200, {"data": {"repository": None}, "errors": [error]})
