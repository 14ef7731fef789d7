"""What people read: pull requests, pages, comments, notices, reports, commit messages, branch names.

Ticket and model text is shown in them and does nothing there: no links, mentions, HTML or trailers.
"""
