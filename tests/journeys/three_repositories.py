"""A model for three repositories at once: it answers for each as its agents do."""

import json
from typing import Any

from mergewright.testing.messages_server import Reply
from tests.journeys import documentation_answers, hotfix_answers, tally_answers


def reply(body: dict[str, Any], number: int) -> Reply:
    """Answer a request by what its conversation began with."""
    opening = json.dumps(body["messages"][0])
    if "GREET-1" in opening:
        return hotfix_answers.playing()(body, number)
    if "share_bill" in opening:
        turns = (Reply(tools=documentation_answers.MENDS), documentation_answers.CHECKED)
        return documentation_answers.playing(*turns, documentation_answers.DONE)(body, number)
    return tally_answers.reply(body, number)
