"""A pull request to open at a local forge."""

from mergewright.domain.pull_request import PullRequestDraft


def draft(repository: object, head: str = "fix/todo-7-lost", **changes) -> PullRequestDraft:
    fields = {
        "repository": str(repository),
        "title": 'TODO-7: Keep "0 kg": parcels # listed',
        "body": "## Why\n\n---\nkey: x\n---\n",
        "head": head,
        "head_commit": "a" * 40,
        "base": "main",
        "base_commit": "b" * 40,
        "ticket_key": "TODO-7",
        "labels": ("bug",),
    }
    return PullRequestDraft.model_validate(fields | changes)
