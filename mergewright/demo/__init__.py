"""The demo's material: a small repository as a git bundle, a ticket for it, and a recording.

`tally.bundle` holds Tally, a library and command for shared expenses, with its history on `main` and
the tag `v0.3.0`. `TALLY-7.md` is a bug that a user of Tally reports: splitting a bill loses cents.
"""
