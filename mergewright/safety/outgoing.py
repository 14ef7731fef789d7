"""Texts that leave: what is published is refused with a secret in it, what is told goes without it.

A message is worth more with a gap in it than not at all; a commit, a page or a pull request is not.
"""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from mergewright.domain.notice import Notice
from mergewright.errors import SecretFound
from mergewright.safety.redaction import redact
from mergewright.safety.secret_scan import scan_text

MIN_CHARACTERS = 8
"""Shorter texts hold no secret that a rule would know."""


def refuse_secrets(label: str, *texts: str) -> None:
    """Let texts leave only if there is no secret in them.

    Args:
        label: What they are, as `commit message`.
        texts: The texts.

    Raises:
        SecretFound: One holds what looks like a secret.
    """
    found = scan_text(label, "\n".join(text for text in texts if len(text) >= MIN_CHARACTERS))
    if found:
        rules = ", ".join(sorted({one.rule for one in found}))
        raise SecretFound(
            f"The {label} holds what looks like a secret ({rules}), and was not published.",
            hint="If it is real, revoke it. Take it out of the ticket or the repository, and run again.",
        )


def texts_of(value: object) -> Iterator[str]:
    """Yield every text inside a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, BaseModel):
        yield from texts_of(value.model_dump(mode="json"))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from texts_of(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts_of(item)


def without_secrets(notice: Notice) -> Notice:
    """Return a message without what this process knows to be secret, or what has a secret's form."""
    return notice.model_copy(
        update={
            "subject": redact(notice.subject),
            "body": redact(notice.body),
            "details": tuple(
                one.model_copy(update={"value": redact(one.value)}) for one in notice.details
            ),
            "files": tuple(
                one.model_copy(update={"text": redact(one.text)}) for one in notice.files
            ),
        }
    )
