"""Confluence's storage format as a tree, with the place of each element in the bytes.

A page's storage format is a piece of XML without a root, with the prefixes `ac` and `ri` and HTML's
entities. The reader is expat with an unread external subset: an entity that it does not know is
handed to us, and none can be declared, since a piece of a document may not hold a `DOCTYPE`.

Source: confluence.atlassian.com/doc/confluence-storage-format-790796544.html, 2026-11-20.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

_OPENING = b'<!DOCTYPE page SYSTEM "page"><page xmlns:ac="ac" xmlns:ri="ri">'
_CLOSING = b"</page>"
MAX_DEPTH = 200
_VOLATILE = frozenset(
    {"ac:macro-id", "ac:local-id", "ac:schema-version", "local-id", "ac:original-width"}
    | {"ac:original-height", "data-layout", "ac:layout", "ac:width", "class", "style"}
)
"""Attributes that Confluence or its editor adds by itself."""
_OWN_NAMES = frozenset({"ac:task-id", "ac:task-uuid"})
_WITH_PARAGRAPH = frozenset({"li", "td", "th", "ac:task-body"})
"""Where the editor puts a paragraph around words that have none."""
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class NotStorage(ValueError):
    """A text is no well-formed storage format."""


@dataclass(slots=True)
class Element:
    """An element, its children in order, and where it stands in the bytes of the page."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)
    start: int = 0
    """Offset of `<` of its start tag."""
    inside_end: int = 0
    """Offset of its end tag."""

    @property
    def elements(self) -> Iterator["Element"]:
        """Its children without the text between them."""
        return (child for child in self.children if isinstance(child, Element))

    @property
    def text(self) -> str:
        """All text in it."""
        return "".join(one if isinstance(one, str) else one.text for one in self.children)

    def first(self, name: str) -> "Element | None":
        """Return its first child of this name."""
        return next((child for child in self.elements if child.name == name), None)

    def parameter(self, name: str) -> str:
        """Return a parameter of a macro; empty when it has none."""
        for child in self.elements:
            if child.name == "ac:parameter" and child.attributes.get("ac:name") == name:
                return child.text.strip()
        return ""


def without_control(text: str) -> str:
    """Return a text without the characters that XML cannot hold."""
    return _NOT_XML.sub("", text)


class _Reader:
    """Builds the tree as expat reads."""

    def __init__(self) -> None:
        self.root = Element("page")
        self._open: list[Element] = []
        self._parser = expat.ParserCreate("utf-8")
        self._parser.buffer_text = True
        self._parser.UseForeignDTD(True)
        self._parser.StartElementHandler = self._started
        self._parser.EndElementHandler = self._ended
        self._parser.CharacterDataHandler = self._said
        self._parser.SkippedEntityHandler = self._skipped

    def read(self, storage: str) -> None:
        self._parser.Parse(_OPENING + storage.encode() + _CLOSING, True)

    def _place(self) -> int:
        return int(self._parser.CurrentByteIndex) - len(_OPENING)

    def _started(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) > MAX_DEPTH:
            raise NotStorage(f"elements are nested deeper than {MAX_DEPTH}")
        element = Element(name, attributes, start=self._place()) if self._open else self.root
        if self._open:
            self._open[-1].children.append(element)
        self._open.append(element)

    def _ended(self, _name: str) -> None:
        self._open.pop().inside_end = self._place()

    def _said(self, text: str) -> None:
        self._open[-1].children.append(text)

    def _skipped(self, name: str, is_parameter: bool) -> None:
        if not is_parameter:
            self._said(html.unescape(f"&{name};"))


def parse(storage: str) -> Element:
    """Return the root of a page's storage format.

    Raises:
        NotStorage: It is not well-formed, or nested deeper than any page.
    """
    reader = _Reader()
    try:
        reader.read(storage)
    except (expat.ExpatError, UnicodeEncodeError) as error:
        raise NotStorage(f"it is no well-formed storage format: {error}") from error
    return reader.root


def canonical(storage: str) -> str:
    """Return a form in which storage format is equal if it says the same.

    Confluence gives back other bytes than it was sent: ids of macros, attributes in another order,
    entities for letters, spaces between blocks.
    """
    try:
        return _canonical(parse(storage))
    except NotStorage:
        return " ".join(storage.split())


def _canonical(element: Element, within: str = "") -> str:
    attributes = "".join(
        f" {name}={value!r}"
        for name, value in sorted(element.attributes.items())
        if name not in _VOLATILE
    )
    verbatim = element.name in {"ac:plain-text-body", "pre"}
    parts: list[str] = []
    text = ""
    for child in [*element.children, Element("")]:
        if isinstance(child, str):
            text += child
            continue
        if text.strip():
            parts.append(text if verbatim else " ".join(text.split()))
        text = ""
        if child.name and child.name not in _OWN_NAMES:
            parts.append(_canonical(child, element.name))
    if element.name == "span" or (element.name == "p" and within in _WITH_PARAGRAPH):
        return "|".join(parts)
    return f"<{element.name}{attributes}>{'|'.join(parts)}</>"
