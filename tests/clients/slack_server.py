"""Slack's Web API on loopback: one method, some channels, and whatever fault a test asks for."""

from tests.clients.loopback import Answer, LoopbackServer, Request

TOKEN = "xoxb-1234567890-kept-secret"  # noqa: S105 - an example


def refusal(error, status=200, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, {"ok": False, "error": error}, named)


class SlackServer(LoopbackServer):
    """Keeps what was posted in `messages`."""

    def __init__(self):
        super().__init__()
        self.channels = {"#deliveries": "C1", "C1": "C1"}
        self.messages = []
        self.base_url = f"{self.url}/api/"

    def answer(self, request: Request) -> Answer:
        if request.path != "/api/chat.postMessage":
            return Answer(404, b"<html>nothing here</html>", {"Content-Type": "text/html"})
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return refusal("invalid_auth")
        channel = self.channels.get(request.body["channel"])
        if channel is None:
            return refusal("channel_not_found")
        if len(request.body["blocks"]) > 50:
            return refusal("invalid_blocks")
        self.messages.append(request.body)
        return Answer(200, {"ok": True, "channel": channel, "ts": f"17.{len(self.messages):06}"})
