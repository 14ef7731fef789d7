"""A message to people."""

from typing import Literal

from mergewright.domain.value import Value


class Notice(Value):
    """What to tell, in a form that every messenger can show."""

    subject: str
    body: str
    """Markdown."""
    url: str = ""
    level: Literal["information", "warning"] = "information"
