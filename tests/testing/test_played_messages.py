"""A recording is played over the real protocol, by stage and turn."""

import httpx

from mergewright.cli.demo import CASSETTE
from mergewright.testing.messages_server import MessagesServer
from mergewright.testing.played_messages import playing
from mergewright.testing.recorded import load_cassette

QUESTION = {"role": "user", "content": "Go on."}
ANSWER = {"role": "assistant", "content": "I look at it."}


def asked(server, *messages):
    body = {"model": "claude-opus-5-5", "max_tokens": 100, "messages": [QUESTION, *messages]}
    return httpx.post(f"{server.url}/v1/messages", json=body)


def test_answers_are_found_by_stage_and_turn():
    stage = ["research"]
    with MessagesServer(playing(load_cassette(CASSETTE), lambda: stage[0])) as server:
        first = asked(server).json()
        assert first["stop_reason"] == "tool_use"
        assert {part["type"] for part in first["content"]} >= {"tool_use"}
        last = asked(server, *[ANSWER, QUESTION] * 3).json()
        assert last["stop_reason"] == "end_turn"
        assert "likely_cause" in last["content"][0]["text"]
        assert last["usage"]["input_tokens"] > first["usage"]["input_tokens"]
        stage[0] = "plan"
        assert asked(server).json()["content"] != first["content"]


def test_what_was_not_recorded_is_refused_by_name():
    with MessagesServer(playing(load_cassette(CASSETTE), lambda: "nowhere")) as server:
        refused = asked(server)
    assert refused.status_code == 400
    assert "'nowhere', turn 0" in refused.text
