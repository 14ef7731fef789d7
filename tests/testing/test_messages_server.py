"""The server, seen with the vendor's own client."""

import anthropic
import pytest

from mergewright.testing.messages_server import MessagesServer, Reply, by_turn, refuse, use

ASKED = {"model": "claude-opus-5-5", "max_tokens": 100}
HI = [{"role": "user", "content": "Hi"}]


@pytest.fixture
def serve():
    """Return what starts a server with replies and a client of it."""
    servers = []

    def serve(*replies):
        server = MessagesServer(by_turn(*replies))
        server.__enter__()
        servers.append(server)
        client = anthropic.Anthropic(api_key="k", base_url=server.url, max_retries=0, timeout=10)
        return server, client

    yield serve
    for server in servers:
        server.__exit__(None, None, None)


def test_a_message_in_one_piece(serve):
    server, client = serve(Reply(text="Hello", usage={"cache_read_input_tokens": 7}))
    message = client.messages.create(**ASKED, messages=HI)
    assert message.content[0].text == "Hello"
    assert message.stop_reason == "end_turn"
    assert message.usage.cache_read_input_tokens == 7
    assert message._request_id.startswith("req_")
    assert server.requests[0]["messages"] == HI


def test_a_stream_says_the_same(serve):
    _, client = serve(Reply(text="Hello there"), use("look", path="a"))
    whole = client.messages.create(**ASKED, messages=HI)
    with client.messages.stream(**ASKED, messages=HI) as stream:
        assert "".join(stream.text_stream) == "Hello there"
        streamed = stream.get_final_message()
    assert (streamed.id, streamed.usage.output_tokens) == (whole.id, whole.usage.output_tokens)
    talk = [*HI, {"role": "assistant", "content": "Hello there"}, *HI]
    with client.messages.stream(**ASKED, messages=talk) as stream:
        (block,) = stream.get_final_message().content
    assert (block.name, block.input) == ("look", {"path": "a"})


def test_ids_follow_from_the_conversation(serve):
    ids = []
    for _ in range(2):
        _, client = serve(use("look", path="a"))
        message = client.messages.create(**ASKED, messages=HI)
        ids.append((message.id, message.content[0].id))
    assert ids[0] == ids[1]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, anthropic.BadRequestError),
        (401, anthropic.AuthenticationError),
        (429, anthropic.RateLimitError),
        (500, anthropic.InternalServerError),
        (529, anthropic.OverloadedError),
    ],
)
def test_errors_are_those_of_the_vendor(serve, status, expected):
    _, client = serve(refuse(status, "no", retry_after="3"))
    with pytest.raises(expected, match="no") as caught:
        client.messages.create(**ASKED, messages=HI)
    assert caught.value.response.headers["retry-after"] == "3"


def test_a_stream_can_break(serve):
    _, client = serve(Reply(text="Hello", breaks="error", error_type="overloaded_error"))
    with (
        pytest.raises(anthropic.APIStatusError) as caught,
        client.messages.stream(**ASKED, messages=HI) as stream,
    ):
        stream.until_done()
    assert caught.value.type == "overloaded_error"


def test_a_pause_meets_the_clients_patience(serve):
    _, client = serve(Reply(text="Hello", wait_seconds=20))
    with pytest.raises(anthropic.APITimeoutError):
        client.with_options(timeout=0.1).messages.create(**ASKED, messages=HI)


def test_tokens_are_counted_and_not_as_a_request(serve):
    server, client = serve(Reply(text="Hello"))
    assert client.messages.count_tokens(model="m", messages=HI).input_tokens > 0
    assert server.requests == []
    with pytest.raises(anthropic.NotFoundError):
        client.post("/v1/elsewhere", body={}, cast_to=object)
