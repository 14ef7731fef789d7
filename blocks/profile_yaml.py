"""YAML with the line and column of each part."""

from collections.abc import Iterable, Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from blocks.secret_fields import Place
from mergewright.errors import SettingInvalid


def load_mapping(text: str, source: str, *, fields: Iterable[str]) -> CommentedMap:
    """Return a document that is a mapping.

    Args:
        text: The YAML.
        source: Where it is from, for errors.
        fields: Names of the fields that it may have.

    Raises:
        SettingInvalid: It is not YAML, or no mapping.
    """
    try:
        document = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        # No word of the document: the fault may be within a secret.
        raise SettingInvalid(
            f"{source!r}, line {line}, column {column}: this is not YAML.",
            hint="Look for a missing colon, quote, bracket or indentation there.",
        ) from None
    except (YAMLError, ValueError, RecursionError):
        raise SettingInvalid(f"{source!r} is not YAML.", hint="Give a YAML file.") from None
    if not isinstance(document, CommentedMap):
        raise SettingInvalid(
            f"{source!r}, line 1, column 1: this is not a mapping of fields.",
            hint=f"The fields are: {', '.join(fields)}.",
        )
    return document


def plain(node: object) -> object:
    """Return a node with built-in containers, which the models take."""
    if isinstance(node, Mapping):
        return {str(key): plain(value) for key, value in node.items()}
    if isinstance(node, CommentedSeq | list):
        return [plain(value) for value in node]
    return node


def position_of(document: CommentedMap, place: Place) -> tuple[int, int]:
    """Return line and column, from 0, of the innermost part of a place that the document has."""
    node: Any = document
    found = (0, 0)
    for part in place:
        try:
            found = node.lc.key(part) if isinstance(node, CommentedMap) else node.lc.item(part)
            node = node[part]
        except (AttributeError, KeyError, TypeError, IndexError):
            continue
    return found
