"""Other processes that hold a run."""

import os

from mergewright.errors import RunInterrupted
from mergewright.events.redis_streams import RedisEventStore
from tests.events.samples import note, open_anew


def hold_until_killed(url, run_id, connection, hold_seconds=None):
    """Hold a run, say so, and append what is sent, answering with what came of it."""
    store = RedisEventStore(url, hold_seconds=hold_seconds) if hold_seconds else open_anew(url)
    with store.hold(run_id):
        connection.send("held")
        while (text := connection.recv()) != "let go":
            try:
                store.append([note(text, run_id=run_id)])
            except RunInterrupted as error:
                connection.send(str(error))
            else:
                connection.send("written")
    connection.send("let go")


class RunHolder:
    """A process that holds a run."""

    def __init__(self, processes, url, run_id="run-1", hold_seconds=None):
        self._ours, theirs = processes.Pipe()
        self.process = processes.Process(
            target=hold_until_killed, args=(url, run_id, theirs, hold_seconds), daemon=True
        )
        self.process.start()
        assert self.answer() == "held"

    def ask(self, text):
        self._ours.send(text)
        return self.answer()

    def answer(self):
        assert self._ours.poll(20)
        return self._ours.recv()

    def signal(self, number):
        os.kill(self.process.pid, number)

    def kill(self):
        self.process.kill()
        self.process.join(10)
