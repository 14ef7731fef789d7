"""A Messages server that answers as recorded, and lets certain requests hang."""

import threading

from mergewright.testing.messages_server import Body, Reply
from tests.journeys.tally_answers import reply, stage_of, turn_of

CALLS = 25
LAST_CALL = ("review-1", 0)


class Hang:
    """What hangs: each place once, for as long as nobody lets go."""

    def __init__(self, *places: tuple[str, int]) -> None:
        self.asked = {place: threading.Event() for place in places}
        self._let_go = threading.Event()

    def script(self, body: Body, number: int) -> Reply:
        asked = self.asked.get((stage_of(body), turn_of(body)))
        if asked is not None and not asked.is_set():
            asked.set()
            self._let_go.wait(150)
        return reply(body, number)

    def release(self) -> None:
        self._let_go.set()
