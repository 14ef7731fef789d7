"""Changing a list in a file's front matter, all else untouched."""

import json
from collections.abc import Sequence

from mergewright.clients.documents import Document, parse_document, rejected


def replace_list(document: Document, field: str, values: Sequence[object]) -> str:
    """Return the document's text with one list changed, added, or taken out when it is empty.

    Args:
        document: The file.
        field: The list's name.
        values: Texts, or maps of texts.

    Raises:
        Rejected: The field is written in a form that cannot be changed in place.
    """
    lines = document.text[: document.header_end].splitlines(keepends=True)
    line = f"{field}: {json.dumps(list(values), ensure_ascii=False)}{document.newline}"
    new = [line] if values else []
    if field in document.fields:
        first = document.line(field) - 1
        later = [at - 1 for at in document.lines.values() if at - 1 > first]
        lines[first : min(later, default=len(lines))] = new
    else:
        lines += new
    text = "".join(lines) + document.text[document.header_end :]
    expected = {name: held for name, held in document.fields.items() if name != field}
    if values:
        expected[field] = list(values)
    if dict(parse_document(document.path, text).fields) != expected:
        raise rejected(
            document.path,
            document.line(field),
            f"{field!r} cannot be changed in this form",
            hint=f"Write it on one line as `{line.strip()}`.",
        )
    return text
