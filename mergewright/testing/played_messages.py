"""A Messages API that plays a recording, so that a changed prompt can be tried without a key.

What is asked is counted as the provider would count it; what is answered is what was recorded.
"""

from collections.abc import Callable

from mergewright.agents.exchange import decode_answer
from mergewright.testing.messages_server import Body, Reply, Script, ToolUse, refuse
from mergewright.testing.recorded import Cassette


def playing(cassette: Cassette, stage: Callable[[], str]) -> Script:
    """Return a script for the server that answers as a recorded run was answered.

    Args:
        cassette: The recording.
        stage: Says in which stage the model is asked now.
    """

    def reply(body: Body, _: int) -> Reply:
        turn = sum(message["role"] == "assistant" for message in body["messages"])
        entry = cassette.entry(asked := stage(), turn)
        if entry is None:
            return refuse(400, f"the recording has no answer for stage {asked!r}, turn {turn}")
        message = decode_answer(entry.answer)
        tools = tuple(ToolUse(call["name"], call["args"]) for call in message.tool_calls)
        return Reply(text=message.text, tools=tools)

    return reply
