"""Threads that append at the same time."""

import threading
from concurrent.futures import ThreadPoolExecutor

from tests.events.samples import note

WAITING_SECONDS = 20


class Crowd:
    """Appends that are all in the queue while the first of them is being written."""

    def __init__(self, store):
        self.store = store
        self.pool = ThreadPoolExecutor(16)
        self.count = 1
        self.leads = threading.Event()
        self.go_on = threading.Event()

    def hold_the_leader(self, _spent):
        """Keep the first until the others wait behind it."""
        self.leads.set()
        assert self.go_on.wait(WAITING_SECONDS)

    def begin(self):
        first = self.pool.submit(self.store.append, [note("first")], guard=self.hold_the_leader)
        assert self.leads.wait(WAITING_SECONDS)
        return first

    def join(self, *events, **options):
        future = self.pool.submit(self.store.append, events, **options)
        self.count += 1
        self.wait_for(self.count)
        return future

    def wait_for(self, count):
        while len(self.store._group._waiting) < count:
            threading.Event().wait(0.001)
