"""A Confluence on loopback: spaces, pages with versions, properties, labels, files, restrictions."""

import itertools
import re
import socket
import struct
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.clients.loopback import Answer, LoopbackServer, Request

TOKEN = "confluence-token-kept-secret"  # noqa: S105 - an example
USER = "bot@example.org"
BOT = ("acc-bot", "Bot")
ADA = ("acc-ada", "Ada Lovelace")
NAMES = dict([BOT, ADA])


@dataclass
class Fault(Answer):
    reset: bool = False
    """Cut the line in the middle of the answer, as a crashed peer does."""
    drip_seconds: float = 0.0
    """Pause after each byte."""


@dataclass(eq=False)
class Version:
    title: str
    storage: str
    author: str
    message: str = ""


@dataclass
class StoredPage:
    id: str
    space: str
    parent: str
    versions: list[Version]
    private: bool = False
    trashed: bool = False
    properties: dict[str, dict[str, Any]] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    restrictions: dict[str, Any] = field(default_factory=dict)

    @property
    def now(self):
        return self.versions[-1]


def fault(status, message="", **options):
    return Answer(status, {"statusCode": status, "message": message}, **options)


def as_kept(storage):
    """Give storage back in other bytes than were sent, as Confluence does."""
    numbers = itertools.count(1)
    return re.sub(
        r"<ac:structured-macro (?![^>]*ac:macro-id)",
        lambda _: f'<ac:structured-macro ac:macro-id="m{next(numbers)}" ac:schema-version="1" ',
        storage,
    )


class ConfluenceServer(LoopbackServer):
    """Speaks v2 and v1 below `/wiki` as Cloud does, or v1 alone as Server does."""

    def __init__(self, *, cloud: bool = True):
        super().__init__()
        self.cloud = cloud
        self.spaces = {"ENG": "11"}
        self.may_create = True
        self.home = None
        """The home page of the space."""
        self.home_operations = None
        """What may be done with it; None for a Confluence that does not tell."""
        self.pages: dict[str, StoredPage] = {}
        self.conflict_status = 409
        self.before_write = None
        """Called once before the next change of a page, for somebody who is faster."""
        self._v1 = "/wiki/rest/api/" if cloud else "/rest/api/"

    def add_page(self, title, storage="<p>By hand.</p>", *, author=ADA[0], parent="", space="ENG"):
        page = StoredPage(str(1000 + len(self.pages)), space, parent, [])
        page.versions.append(Version(title, as_kept(storage), author))
        self.pages[page.id] = page
        return page

    def edit(self, page, old, new, *, author=ADA[0]):
        """Somebody changes a page by hand."""
        assert old in page.now.storage
        storage = page.now.storage.replace(old, new)
        page.versions.append(Version(page.now.title, storage, author))

    def titled(self, title):
        found = [one for one in self.pages.values() if one.now.title == title and not one.trashed]
        return found[0] if found else None

    def answer(self, request: Request) -> Answer:
        if not self._is_known(request.headers.get("authorization", "")):
            return Answer(401, b"<html>Log in</html>", {"Content-Type": "text/html"})
        if request.path.startswith(self._v1):
            return self._answer_v1(request, request.path.removeprefix(self._v1).split("/"))
        if self.cloud and request.path.startswith("/wiki/api/v2/"):
            return self._answer_v2(request, request.path.removeprefix("/wiki/api/v2/").split("/"))
        return fault(404, "no such resource")

    def _answer_v2(self, request, path):  # noqa: C901, PLR0911 - one answer per resource
        query, body = request.query, request.body
        match request.method, *path:
            case ["GET", "spaces"]:
                found = [key for key in self.spaces if key == query["keys"]]
                return listed([{"id": self.spaces[key], "key": key} for key in found])
            case ["GET", "spaces", _, "operations"]:
                allowed = [{"operation": "read", "targetType": "space"}]
                if self.may_create:
                    allowed.append({"operation": "create", "targetType": "page"})
                return Answer(200, {"operations": allowed})
            case ["POST", "users-bulk"]:
                return listed([{"displayName": NAMES[one]} for one in body["accountIds"]])
            case ["GET", "pages"]:
                page = self.titled(query["title"])
                return listed([self._page(page, page.now)] if page else [])
            case ["POST", "pages"]:
                private = query.get("private") == "true"
                storage = body["body"]["value"]
                return self._made(body["title"], storage, body.get("parentId", ""), private)
            case ["GET", "pages", number, "properties"] if number in self.pages:
                one = self.pages[number].properties.get(query["key"])
                return listed([one] if one else [])
            case ["POST", "pages", number, "properties"] if number in self.pages:
                return self._property(self.pages[number], body)
            case ["PUT", "pages", number, "properties", _] if number in self.pages:
                return self._property(self.pages[number], body)
            case [_, "pages", number] if number in self.pages:
                return self._about_page(request, self.pages[number], lambda: body["body"]["value"])
        return Answer(404, {"errors": [{"status": 404, "title": "Not Found"}]})

    def _answer_v1(self, request, path):  # noqa: C901, PLR0911 - one answer per resource
        query, body = request.query, request.body
        match request.method, *path:
            case ["GET", "user", "current"]:
                own = {"displayName": BOT[1]}
                return Answer(200, own | {"accountId" if self.cloud else "username": BOT[0]})
            case ["GET", "space", key] if not self.cloud and key in self.spaces:
                return Answer(200, {"key": key} | self._homepage(query))
            case ["GET", "content", number] if query.get("expand") == "operations":
                return self._operations(number)
            case ["GET", "content", "search"]:
                label = re.search(r'label = "([^"]+)"', query["cql"])[1]
                found = [one for one in self.pages.values() if label in one.labels]
                return listed([{"id": one.id} for one in found if not one.trashed])
            case ["GET", "content"] if not self.cloud:
                page = self.titled(query["title"])
                return listed([self._page(page, page.now)] if page else [])
            case ["POST", "content"] if not self.cloud:
                above = body.get("ancestors", [{"id": ""}])[-1]["id"]
                return self._made(body["title"], body["body"]["storage"]["value"], above, False)
            case [_, "content", number, *rest] if number in self.pages:
                page = self.pages[number]
                if rest or self.cloud:
                    return self._about_extras(request, page, rest)
                return self._about_page(request, page, lambda: body["body"]["storage"]["value"])
        return fault(404, "No content found")

    def _homepage(self, query):
        if self.home is None or query.get("expand") != "homepage":
            return {}
        return {"homepage": {"id": self.home.id, "title": self.home.now.title}}

    def _operations(self, number):
        told = {"id": number, "title": self.pages[number].now.title}
        if self.home_operations is None:
            return Answer(200, told | {"_expandable": {"operations": ""}})
        allowed = [{"operation": one, "targetType": "page"} for one in self.home_operations]
        return Answer(200, told | {"operations": allowed})

    def _about_extras(self, request, page, rest):  # noqa: C901, PLR0911 - one answer per resource
        body = request.body
        match request.method, *rest:
            case ["GET", "property", key] if not self.cloud:
                one = page.properties.get(key)
                return Answer(200, one) if one else fault(404, "no such property")
            case ["POST", "property"] | ["PUT", "property", _] if not self.cloud:
                return self._property(page, body)
            case ["GET", "label"]:
                return listed([{"name": name} for name in page.labels])
            case ["POST", "label"]:
                page.labels += [one["name"] for one in body if one["name"] not in page.labels]
                return listed([{"name": name} for name in page.labels])
            case ["GET", "child", "attachment"]:
                one = page.files.get(request.query["filename"])
                return listed([one] if one else [])
            case ["POST", "child", "attachment", *number]:
                return self._attached(page, request, bool(number))
            case ["GET", "restriction", "byOperation"]:
                return Answer(200, page.restrictions)
            case ["PUT", "restriction"]:
                for one in body:
                    lists = {kind: {"results": who} for kind, who in one["restrictions"].items()}
                    page.restrictions[one["operation"]] = {"restrictions": lists}
                return listed([])
        return fault(405, "Method not allowed")

    def _about_page(self, request, page, sent):
        if page.trashed:
            return fault(404, "No content found")
        if request.method == "DELETE":
            page.trashed = True
            return Answer(204)
        if request.method == "PUT":
            return self._changed(page, request.body, sent())
        number = int(request.query.get("version", len(page.versions)))
        if not 0 < number <= len(page.versions) or page.versions[number - 1] is None:
            return fault(404, "no such version")
        if not self.cloud and "version" in request.query:
            assert request.query["status"] == "historical"
        return Answer(200, self._page(page, page.versions[number - 1]))

    def _made(self, title, storage, parent, private):
        if not self.may_create:
            return fault(403, "not permitted to create pages here")
        self._let_others_write()
        if self.titled(title):
            return fault(400, "A page with this title already exists in this space")
        page = self.add_page(title, storage, author=BOT[0], parent=parent)
        page.private = private
        return Answer(200, self._page(page, page.now))

    def _changed(self, page, body, storage):
        self._let_others_write()
        if body["version"]["number"] != len(page.versions) + 1:
            return fault(self.conflict_status, "Version must be incremented on update.")
        message = body["version"]["message"]
        page.versions.append(Version(body["title"], as_kept(storage), BOT[0], message))
        return Answer(200, self._page(page, page.now))

    def _let_others_write(self):
        act, self.before_write = self.before_write, None
        if act:
            act()

    def _property(self, page, body):
        earlier = page.properties.get(body["key"])
        number = body.get("version", {}).get("number", 1)
        if number != (earlier["version"]["number"] + 1 if earlier else 1):
            return fault(409, "the property has another version")
        kept = {"id": "7", "key": body["key"], "value": body["value"]}
        page.properties[body["key"]] = kept | {"version": {"number": number}}
        return Answer(200, page.properties[body["key"]])

    def _attached(self, page, request, again):
        name = re.search(rb'filename="([^"]+)"', request.body)[1].decode()
        comment = re.search(rb'name="comment"\r\n\r\n([^\r]*)', request.body)[1].decode()
        assert request.headers["x-atlassian-token"] == "no-check"
        if (name in page.files) != again:
            return fault(400, "Cannot add a new attachment with same file name")
        content = request.body.split(b"\r\n\r\n", 1)[1]
        place = "extensions" if self.cloud else "metadata"
        page.files[name] = {"id": "att9", "title": name, place: {"comment": comment}}
        page.files[name]["raw"] = len(content)
        return listed([page.files[name]])

    def _page(self, page, version):
        number = page.versions.index(version) + 1
        about = {"number": number, "message": version.message}
        if self.cloud:
            about["authorId"] = version.author
        else:
            about["by"] = {"username": version.author, "displayName": NAMES[version.author]}
        return {
            "id": page.id,
            "title": version.title,
            "version": about,
            "body": {"storage": {"value": version.storage, "representation": "storage"}},
            "_links": {"webui": f"/spaces/{page.space}/pages/{page.id}"},
        }

    def _is_known(self, header):
        if self.cloud:
            return header.startswith("Basic ")
        return header == f"Bearer {TOKEN}"

    def _send(self, handler, answer):
        if getattr(answer, "reset", False):
            handler.close_connection = True
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{")
            handler.wfile.flush()
            linger = struct.pack("ii", 1, 0)
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            handler.connection.close()
        elif drip := getattr(answer, "drip_seconds", 0.0):
            handler.close_connection = True
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
            for _ in range(int(3 / drip)):
                try:
                    handler.wfile.write(b" ")
                    handler.wfile.flush()
                except OSError:
                    return
                time.sleep(drip)
        else:
            with suppress(OSError):  # who asked did not wait for it
                super()._send(handler, answer)


def listed(results):
    return Answer(200, {"results": results})
