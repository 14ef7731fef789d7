"""What kind of answer a service says it gives.

Source: RFC 6839 section 3.1 (`+json`) and RFC 9110 section 8.3, 2026-11-20.
"""


def is_json(content_type: str | None) -> bool:
    """Whether a `Content-Type` header promises JSON: what does not is a log-in page or a proxy's."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")
