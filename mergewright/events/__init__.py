"""The append-only log of what runs did, and everything that is derived from it."""
