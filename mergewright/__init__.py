"""Mergewright takes a ticket to a reviewed pull request.

This package holds everything that is not Prefect; `flows`, `tasks` and `blocks` beside it are the
Prefect project. `docs/tour.md` walks through the rooms.
"""
