"""Slack's Web API on loopback: channels, scopes, threads, and whatever fault a test asks for.

It refuses what Slack refuses: blocks beyond its limits, channels the app is not in, scopes it lacks.
Source: docs.slack.dev/reference/methods and /reference/block-kit, 2026-11-20.
"""

from urllib.parse import parse_qsl

from tests.clients.loopback import Answer, LoopbackServer, Request

TOKEN = "xoxb-1234567890-kept-secret"  # noqa: S105 - an example
READING = ("channels:read", "channels:history", "groups:read", "groups:history")


def refusal(error, status=200, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, {"ok": False, "error": error}, named)


def lacking(scope):
    return Answer(200, {"ok": False, "error": "missing_scope", "needed": scope, "provided": "x"})


class SlackServer(LoopbackServer):
    """Keeps what was posted in `messages`; `failing` holds the next answers by method."""

    def __init__(self, scopes=("chat:write",)):
        super().__init__()
        self.scopes = set(scopes)
        self.channels = {
            "C1": {"id": "C1", "name": "deliveries", "is_member": True},
            "C2": {"id": "C2", "name": "elsewhere", "is_member": False},
            "C3": {"id": "C3", "name": "old", "is_member": True, "is_archived": True},
            "G4": {"id": "G4", "name": "secret", "is_member": True, "is_private": True},
        }
        self.messages = []
        self.failing = {}
        self.base_url = f"{self.url}/api/"

    def posts(self):
        return [one for one in self.requests if one.path == "/api/chat.postMessage"]

    def answer(self, request: Request) -> Answer:
        method = request.path.removeprefix("/api/")
        act = getattr(self, "_" + method.replace(".", "_"), None)
        if act is None or not request.path.startswith("/api/"):
            return Answer(404, b"<html>nothing here</html>", {"Content-Type": "text/html"})
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return refusal("invalid_auth")
        fault = self.failing[method].pop(0) if self.failing.get(method) else None
        form = isinstance(request.body, bytes)
        body = dict(parse_qsl(request.body.decode())) if form else request.body or {}
        answer = act(body) if fault is None or fault.acts else fault
        answer.headers = {"X-OAuth-Scopes": ",".join(sorted(self.scopes)), **answer.headers}
        return fault or answer

    def _auth_test(self, _body):
        return Answer(
            200, {"ok": True, "user": "mergewright", "team": "Example", "user_id": "U9", "url": "x"}
        )

    def _chat_postMessage(self, body):  # noqa: N802 - Slack's name
        channel, refused = self._writable(body)
        if refused:
            return refused
        thread = body.get("thread_ts")
        if thread and not any(one["ts"] == thread for one in self.messages):
            return refusal("thread_not_found")
        message = {**body, "channel": channel["id"], "ts": f"17.{len(self.messages) + 1:06}"}
        self.messages.append(message)
        return Answer(200, {"ok": True, "channel": channel["id"], "ts": message["ts"]})

    def _chat_update(self, body):
        _, refused = self._writable(body)
        if refused:
            return refused
        found = [one for one in self.messages if one["ts"] == body["ts"]]
        if not found:
            return refusal("message_not_found")
        found[0].update({name: body[name] for name in ("text", "blocks")})
        return Answer(200, {"ok": True, "channel": body["channel"], "ts": body["ts"]})

    def _conversations_list(self, body):
        private = "private_channel" in body.get("types", "")
        for scope in ("channels:read", *(["groups:read"] if private else [])):
            if scope not in self.scopes:
                return lacking(scope)
        shown = [one for one in self.channels.values() if private or not one.get("is_private")]
        return self._paged("channels", shown, body)

    def _conversations_info(self, body):
        channel = self.channels.get(body["channel"])
        if channel is None:
            return refusal("channel_not_found")
        scope = "groups:read" if channel.get("is_private") else "channels:read"
        return (
            Answer(200, {"ok": True, "channel": channel})
            if scope in self.scopes
            else lacking(scope)
        )

    def _conversations_history(self, body):
        return self._read(body, [one for one in self.messages if not one.get("thread_ts")][::-1])

    def _conversations_replies(self, body):
        thread = body["ts"]
        return self._read(
            body, [one for one in self.messages if thread in {one["ts"], one.get("thread_ts")}]
        )

    def _read(self, body, messages):
        if body["channel"] not in self.channels:
            return refusal("channel_not_found")
        if "channels:history" not in self.scopes:
            return lacking("channels:history")
        hidden = () if body.get("include_all_metadata") == "true" else ("metadata",)
        shown = [{k: v for k, v in one.items() if k not in hidden} for one in messages]
        return self._paged("messages", shown, body)

    def _paged(self, name, items, body):
        start = int(body.get("cursor", 0))
        end = start + min(int(body["limit"]), 2)
        cursor = str(end) if end < len(items) else ""
        more = {"response_metadata": {"next_cursor": cursor}}
        return Answer(200, {"ok": True, name: items[start:end], **more})

    def _writable(self, body):
        named = {f"#{one['name']}": one for one in self.channels.values()}
        channel = self.channels.get(body["channel"]) or named.get(body["channel"])
        if channel is None:
            return None, refusal("channel_not_found")
        if channel.get("is_archived"):
            return None, refusal("is_archived")
        if not channel["is_member"] and "chat:write.public" not in self.scopes:
            return None, refusal("not_in_channel")
        if "chat:write" not in self.scopes:
            return None, lacking("chat:write")
        return channel, None if fits(body["blocks"]) else refusal("invalid_blocks")


def fits(blocks):
    """Whether Slack takes these blocks."""
    return 0 < len(blocks) <= 50 and all(_fits(block) for block in blocks)


def _fits(block):
    match block:
        case {"type": "header", "text": {"type": "plain_text", "text": text}}:
            parts = {150: [text]}
        case {"type": "section", "text": {"type": "mrkdwn", "text": text}}:
            parts = {3000: [text]}
        case {"type": "section", "fields": [_, *more] as fields} if len(more) < 10:
            parts = {2000: [one["text"] for one in fields]}
        case {"type": "context", "elements": [{"text": text}]}:
            parts = {2000: [text]}
        case {"type": "actions", "elements": [_, *more] as elements} if len(more) < 25:
            parts = {
                75: [one["text"]["text"] for one in elements],
                255: [one["action_id"] for one in elements],
                2000: [one["value"] for one in elements],
            }
        case _:
            return block == {"type": "divider"}
    return all(0 < len(text) <= limit for limit, texts in parts.items() for text in texts)
