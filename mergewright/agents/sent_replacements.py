"""The names that models know from other editing tools, read as those of ours.

A model that has seen `old_string` or `edits` a thousand times sends them now and then; refusing that
costs a call and teaches it nothing about the edit.
"""

import json
from collections.abc import Mapping
from typing import Final

_LISTS: Final = ("replacements", "edits", "changes")
_NAMES: Final = {
    "old": ("old_string", "old_str", "old_text", "oldText", "search", "find"),
    "new": ("new_string", "new_str", "new_text", "newText", "replace", "replacement"),
    "near_line": ("line", "line_number", "start_line"),
}


def with_replacements(sent: object) -> object:
    """Return the arguments of an edit with a list of replacements, as far as they can be read so."""
    if not isinstance(sent, Mapping):
        return sent
    arguments = dict(sent)
    for name in _LISTS:
        if name in arguments:
            listed = _decoded(arguments.pop(name))
            replacements = listed if isinstance(listed, list) else [listed]
            return {**arguments, "replacements": [_renamed(one) for one in replacements]}
    single = _renamed({name: value for name, value in arguments.items() if name != "path"})
    if "path" in arguments and isinstance(single, dict) and {"old", "new"} <= single.keys():
        return {"path": arguments["path"], "replacements": [single]}
    return sent


def _decoded(value: object) -> object:
    """Read a list that was sent as a text."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _renamed(value: object) -> object:
    if not isinstance(value, Mapping):
        return value
    known = {other: name for name, others in _NAMES.items() for other in others}
    return {known.get(name, name): item for name, item in value.items()}
