"""Names that documents set as code, and whether the code still has them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mergewright.analysis.documentation_text import DocumentText, Mention
from mergewright.domain.documentation import ApiChange, DocumentationFault, DocumentationFinding

MAX_NAME_LENGTH: Final = 200
MAX_READ_BYTES: Final = 60_000_000
"""So much of the code is searched for names; what is beyond counts as having them all."""

_SEPARATOR: Final = re.compile(r"\.|::|#|->")
_NAME: Final = re.compile(
    r"[A-Za-z_]\w*(?:(?:\.|::|#|->)[A-Za-z_]\w*){0,12}(?P<call>\([^()]{0,200}\))?"
)
_IDENTIFIER: Final = re.compile(rb"[A-Za-z_][A-Za-z0-9_]*")
_INNER_CAPITAL: Final = re.compile(r"[a-z0-9][A-Z]")
_FILE_SUFFIX: Final = re.compile(
    r"\.(?:py|md|rst|txt|toml|ya?ml|json|cfg|ini|lock|js|ts|go|rs|java|rb|sh|html|css|xml|env|log)\Z"
)
_RECORD: Final = re.compile(
    r"(?:changelog|changes|history|news|releases?|release[-_]notes|upgrad\w*|migrat\w*)\b"
)
_RECORD_FOLDERS: Final = frozenset(("decisions", "adr", "adrs", "changelog", "releases", "archive"))


@dataclass(frozen=True, slots=True)
class CodeNames:
    """What the code has, as far as documents are held against it."""

    defined: frozenset[str]
    """Names that it defines."""
    used: frozenset[str]
    """Names that it uses, defined in it or elsewhere."""
    containers: frozenset[str]
    """Classes, modules and the like that it defines."""
    ambiguous: frozenset[str] = frozenset()
    """Names that several files define: a mention does not say which one it means."""
    words: frozenset[str] | None = frozenset()
    """Of the names that documents mention, those found anywhere else in it; None: not all of it was
    read, and any name may be there."""

    def has(self, name: str) -> bool:
        """Whether the code has a name anywhere."""
        return self.words is None or name in self.defined or name in self.used or name in self.words


def is_record(path: str) -> bool:
    """Whether a document tells what was: it may name what the code has no more."""
    *folders, name = path.lower().split("/")
    return bool(_RECORD.match(name)) or not _RECORD_FOLDERS.isdisjoint(folders)


def parts_of(mention: str) -> tuple[str, ...]:
    """Return the names of what is set as code, outermost first; nothing of what is no name.

    A single word counts only where it looks like code: with a call, an underscore or a capital
    inside.
    """
    text = mention.strip()
    found = _NAME.fullmatch(text[: MAX_NAME_LENGTH + 1])
    if found is None or len(text) > MAX_NAME_LENGTH or _FILE_SUFFIX.search(text):
        return ()
    bare = text[: found.start("call")] if found["call"] else text
    parts = tuple(_SEPARATOR.split(bare))
    if len(parts) == 1 and not (found["call"] or "_" in bare or _INNER_CAPITAL.search(bare)):
        return ()
    return parts


def mentioned_names(documents: Iterable[DocumentText]) -> frozenset[str]:
    """Return every name that documents set as code, each part by itself."""
    return frozenset(
        part
        for document in documents
        for mention in document.mentions
        for part in parts_of(mention.text)
    )


def words_among(contents: Iterable[bytes], names: frozenset[str]) -> frozenset[str] | None:
    """Return which names stand anywhere in the contents; None where there is too much to read."""
    wanted = {name.encode() for name in names}
    found: set[bytes] = set()
    left = MAX_READ_BYTES
    for content in contents:
        left -= len(content)
        if left < 0:
            return None
        found |= wanted.intersection(_IDENTIFIER.findall(content))
        if len(found) == len(wanted):
            break
    return frozenset(name.decode() for name in found)


def stale_names(
    documents: Mapping[str, DocumentText],
    names: CodeNames,
    formerly: frozenset[str],
) -> Iterator[DocumentationFinding]:
    """Yield names that documents mention and the code has nowhere any more.

    Args:
        documents: By their paths.
        names: What the code has now.
        formerly: What the code defined when documents were last changed.
    """
    for path, document in _present(documents).items():
        seen: set[str] = set()
        for mention in document.mentions:
            gone = _gone(mention, names, formerly)
            if gone and mention.text not in seen:
                seen.add(mention.text)
                yield DocumentationFinding(
                    fault=DocumentationFault.STALE_NAME,
                    path=path,
                    line=mention.line,
                    subject=mention.text,
                    message=f"`{mention.text}` is named, and the code has no {gone!r} any more.",
                )


def _present(documents: Mapping[str, DocumentText]) -> dict[str, DocumentText]:
    """Return the documents that tell what is."""
    return {path: document for path, document in documents.items() if not is_record(path)}


def _gone(mention: Mention, names: CodeNames, formerly: frozenset[str]) -> str:
    """Return the part of a mention that the code had, or should have, and has not."""
    parts = parts_of(mention.text)
    for place, part in enumerate(parts):
        is_of_ours = part in formerly or (place > 0 and parts[place - 1] in names.containers)
        if is_of_ours and not names.has(part):
            return part
    return ""


def unknown_names(
    documents: Mapping[str, DocumentText], names: CodeNames, known: frozenset[str]
) -> Iterator[DocumentationFinding]:
    """Yield names that documents mention and that exist nowhere: for what was just written.

    Args:
        documents: By their paths.
        names: What the code has.
        known: Names that documents mentioned before; they are judged as stale or not.
    """
    for path, document in _present(documents).items():
        for mention in document.mentions:
            lacking = [
                part for part in parts_of(mention.text) if part not in known and not names.has(part)
            ]
            if lacking:
                yield DocumentationFinding(
                    fault=DocumentationFault.STALE_NAME,
                    path=path,
                    line=mention.line,
                    subject=mention.text,
                    message=f"`{mention.text}` is named, and the code has no {lacking[0]!r}.",
                )


def api_findings(
    documents: Mapping[str, DocumentText],
    changes: Iterable[ApiChange],
    touched: frozenset[str],
    ambiguous: frozenset[str] = frozenset(),
) -> Iterator[DocumentationFinding]:
    """Yield what documents lack or have otherwise, of the public names that came or changed.

    Args:
        documents: By their paths.
        changes: What became of public names since the documentation was last true.
        touched: Documents that were changed since: their authors knew.
        ambiguous: Names that mean several things, of which it is not known which one changed.
    """
    told = _told_in(documents)
    for change in changes:
        last = change.name.rpartition(".")[2]
        where = told.get(last, {})
        if change.action == "added" and not where and not change.explained:
            yield DocumentationFinding(
                fault=DocumentationFault.UNDOCUMENTED,
                path=change.path,
                line=change.line,
                subject=change.name,
                message=f"`{change.name}` is new, and no document or comment explains it.",
            )
        elif change.action == "changed" and last not in ambiguous:
            for path, line in where.items():
                if path not in touched and not is_record(path):
                    yield DocumentationFinding(
                        fault=DocumentationFault.CHANGED_NAME,
                        path=path,
                        line=line,
                        subject=change.name,
                        message=(
                            f"`{change.name}` is told of, and was declared as `{change.before}`;"
                            f" now it is `{change.after}`."
                        ),
                    )


def unexplained_names(changes: Iterable[ApiChange]) -> Iterator[DocumentationFinding]:
    """Yield public names that came or changed and that no comment of their own explains."""
    for change in changes:
        if change.action != "removed" and not change.explained:
            yield DocumentationFinding(
                fault=DocumentationFault.UNDOCUMENTED,
                path=change.path,
                line=change.line,
                subject=change.name,
                message=f"`{change.name}` has no docstring or comment of its own.",
            )


def _told_in(documents: Mapping[str, DocumentText]) -> dict[str, dict[str, int]]:
    """Return in which documents each name is set as code, with the first line."""
    told: dict[str, dict[str, int]] = {}
    for path, document in documents.items():
        for mention in document.mentions:
            for name in re.findall(r"[A-Za-z_]\w*", mention.text[:MAX_NAME_LENGTH]):
                told.setdefault(name, {}).setdefault(path, mention.line)
        for block in document.blocks:
            for name in re.findall(r"[A-Za-z_]\w*", block.text):
                told.setdefault(name, {}).setdefault(path, block.line)
    return told
