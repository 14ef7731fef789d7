"""Changes to a log behind the back of its store."""

import sqlite3
from contextlib import closing

from redis import Redis

KEYS = "{mergewright}:events:"
LOG = f"{KEYS}log"


class Tampering:
    """Raw access to the log behind a URL."""

    def __init__(self, url):
        self.url = url
        self._forge = _RedisForge(url) if url.startswith("redis") else _SqliteForge(url)

    def change(self, seq, old, new):
        """Replace text in an event and leave its digest."""
        entries = self._forge.entries()
        body, digest = entries[seq]
        assert old in body
        entries[seq] = (body.replace(old, new), digest)
        self._forge.write(entries)

    def swap(self, one, other):
        """Let two events change places, with their digests."""
        entries = self._forge.entries()
        entries[one], entries[other] = entries[other], entries[one]
        self._forge.write(entries)

    def spoil_digests(self):
        """Replace every digest."""
        entries = self._forge.entries()
        self._forge.write({seq: (body, f"{seq}") for seq, (body, _) in entries.items()})

    def remove(self, seq, run_id="run-1"):
        """Remove an event and every trace of it in the indexes."""
        self._forge.remove(seq, run_id)


class _SqliteForge:
    def __init__(self, url):
        self.path = url.removeprefix("sqlite:///")

    def _do(self, *statement):
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute("DROP TRIGGER IF EXISTS events_stay")
            connection.execute("DROP TRIGGER IF EXISTS events_remain")
            return connection.execute(*statement).fetchall()

    def entries(self):
        rows = self._do("SELECT seq, body, digest FROM events ORDER BY seq")
        return {seq: (body, digest) for seq, body, digest in rows}

    def write(self, entries):
        for seq, (body, digest) in entries.items():
            self._do("UPDATE events SET body = ?, digest = ? WHERE seq = ?", (body, digest, seq))

    def remove(self, seq, _run_id):
        self._do("DELETE FROM events WHERE seq = ?", (seq,))


class _RedisForge:
    def __init__(self, url):
        self.client = Redis.from_url(url, decode_responses=True)

    def entries(self):
        return {
            int(name.partition("-")[0]): (fields["body"], fields["digest"])
            for name, fields in self.client.xrange(LOG)
        }

    def write(self, entries):
        self.client.delete(LOG)
        for seq, (body, digest) in entries.items():
            self.client.xadd(LOG, {"body": body, "digest": digest}, id=f"{seq}-0")

    def remove(self, seq, run_id):
        name = f"{seq}-0"
        ((_, fields),) = self.client.xrange(f"{KEYS}index:{run_id}", name, name)
        self.client.xdel(LOG, name)
        self.client.xdel(f"{KEYS}index:{run_id}", name)
        self.client.xdel(f"{KEYS}type:{fields['t']}", name)
        left = self.client.xrevrange(f"{KEYS}index:{run_id}", count=1)
        last = left[0][0].partition("-")[0] if left else "0"
        self.client.hset(f"{KEYS}run:{run_id}", "last", last)
