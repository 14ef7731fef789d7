"""Links of documents that lead nowhere in the repository; links to other places are nobody's here."""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from mergewright.analysis.documentation_text import DocumentText, Link
from mergewright.domain.documentation import DocumentationFault, DocumentationFinding

_ELSEWHERE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_TEMPLATE: Final = re.compile(r"[{}<>$*]")
_QUOTED: Final = re.compile(rb"%([0-9A-Fa-f]{2})")
_LINE: Final = re.compile(r"L\d+(?:-L?\d+)?")
_SUFFIXES: Final = ("", ".md", ".mdx", ".rst", "/index.md", "/README.md", "/index.rst")
_SITE_SUFFIX: Final = ".html"


class Tree:
    """The files and folders of a commit, as links name them.

    Args:
        paths: Every file of the commit.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        files = frozenset(paths)
        folders = {""}
        for path in files:
            folder = posixpath.dirname(path)
            while folder not in folders:
                folders.add(folder)
                folder = posixpath.dirname(folder)
        self._places = files | folders

    def find(self, document: str, target: str) -> str | None:
        """Return the path that a target means, seen from a document; None where there is none.

        Builders of sites drop endings, take a leading slash as the site's root, and give each
        document a folder of its own.
        """
        starts = [posixpath.dirname(document), posixpath.splitext(document)[0]]
        if target.startswith("/"):
            starts = ["", posixpath.dirname(document), document.partition("/")[0]]
        for start in starts:
            place = posixpath.normpath(posixpath.join(start, target.lstrip("/"))).strip("/")
            place = "" if place == "." else place
            for name in (place, place.removesuffix(_SITE_SUFFIX)):
                for suffix in _SUFFIXES:
                    if name + suffix in self._places:
                        return name + suffix
        return None


def broken_links(
    documents: Mapping[str, DocumentText], tree: Tree
) -> Iterator[DocumentationFinding]:
    """Yield relative links without a file, and anchors without a heading."""
    for path, document in documents.items():
        for link in document.links:
            found = _fault(path, link, documents, tree)
            if found is not None:
                yield found


def _fault(
    path: str, link: Link, documents: Mapping[str, DocumentText], tree: Tree
) -> DocumentationFinding | None:
    target = link.target.strip()
    if not target or _ELSEWHERE.match(target) or _TEMPLATE.search(_decoded(target)):
        return None
    place, _, anchor = target.partition("#")
    place = _decoded(place.partition("?")[0])
    if _leaves(path, place):
        return None
    found = path if not place else tree.find(path, place)
    if found is None:
        return _finding(DocumentationFault.BROKEN_LINK, path, link, f"leads to no file: {place!r}")
    known = documents.get(found)
    if not anchor or known is None or _LINE.fullmatch(anchor):
        return None
    if _plain(_decoded(anchor)) in {_plain(name) for name in known.anchors}:
        return None
    message = f"leads to no heading of {found!r}: {anchor!r}"
    return _finding(DocumentationFault.BROKEN_ANCHOR, path, link, message)


def _finding(
    fault: DocumentationFault, path: str, link: Link, message: str
) -> DocumentationFinding:
    target = link.target[:300]
    return DocumentationFinding(
        fault=fault,
        path=path,
        line=link.line,
        subject=target,
        message=f"The link {target!r} {message}.",
    )


def _leaves(path: str, target: str) -> bool:
    """Whether a target lies outside the repository, as `../../issues` does on a code host."""
    place = posixpath.normpath(posixpath.join(posixpath.dirname(path), target.lstrip("/")))
    return place == ".." or place.startswith("../")


def _decoded(target: str) -> str:
    def byte(found: re.Match[bytes]) -> bytes:
        return bytes((int(found[1], 16),))

    return _QUOTED.sub(byte, target.encode(errors="replace")).decode(errors="replace")


def _plain(anchor: str) -> str:
    """Return what all ways to make an anchor of a heading keep of it."""
    return "".join(char for char in anchor.lower() if char.isalnum())
