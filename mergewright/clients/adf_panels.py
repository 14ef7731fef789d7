"""Panels in ADF: a quote that begins with what a panel is called becomes that panel again.

Source: developer.atlassian.com/cloud/jira/platform/apis/document/nodes/panel, 2026-11-20.
"""

from types import MappingProxyType
from typing import Any

_PANELS = MappingProxyType(
    {
        "Info:": "info",
        "Note:": "note",
        "Warning:": "warning",
        "Error:": "error",
        "Success:": "success",
    }
)

Node = dict[str, Any]


def with_panels(document: Node) -> Node:
    """Return a document with panels for the quotes that `to_markdown` makes of panels."""
    return document | {"content": [_panel_of(block) for block in document.get("content", [])]}


def _panel_of(block: Node) -> Node:
    content = block.get("content", [])
    if block["type"] != "blockquote" or len(content) < 2:  # noqa: PLR2004 - its name and its text
        return block
    first = content[0].get("content", [])
    is_strong = len(first) == 1 and first[0].get("marks") == [{"type": "strong"}]
    name = _PANELS.get(first[0].get("text", "")) if is_strong else None
    if name is None:
        return block
    return {"type": "panel", "attrs": {"panelType": name}, "content": content[1:]}
