"""A page of documentation."""

from mergewright.domain.value import Value


class PageDraft(Value):
    """What to publish; a page with the same space and slug becomes a new version of it."""

    space: str
    slug: str
    title: str
    body: str
    """Markdown."""


class Page(Value):
    """What was published."""

    url: str
    title: str
    version: int
