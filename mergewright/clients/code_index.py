"""Indexing a commit: its tree from git, what is known from the store, the rest read once and kept."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from mergewright.analysis.blob_facts import decode_measures
from mergewright.analysis.code_index import STATES, CodeIndex, FileState, IndexedFile
from mergewright.analysis.extraction import EXTRACTION_VERSION
from mergewright.analysis.file_roles import is_own_text
from mergewright.analysis.generated import Attributes, Provenance
from mergewright.analysis.grammars import GRAMMARS, pack_version, query_text
from mergewright.analysis.languages import LanguageRule, language_of
from mergewright.clients.fact_store import FactStore
from mergewright.clients.git_objects import (
    LINK_MODE,
    SUBMODULE_MODE,
    TreeEntry,
    list_tree,
    stream_blobs,
)
from mergewright.clients.parser_process import MAX_CPU_SECONDS, ParserProcess

MAX_READ_BYTES: Final = 1_000_000
"""Larger files are counted and not read: nobody wrote them by hand."""

_ROWS_PER_COMMIT: Final = 500
_ATTRIBUTES_FILE: Final = ".gitattributes"
_BY_FIRST_LINE: Final = "?"
_VERSION_BYTES: Final = 12


class _Wanted(NamedTuple):
    """Facts that are needed: of which blob, read as which language."""

    key: bytes
    blob: str
    language: str
    file_name: str
    """One of the names it has; a file without a suffix is told by name and first line."""


@dataclass(slots=True)
class _Counted:
    """A file that is listed, and what is wanted of it, if anything."""

    file: IndexedFile
    wanted: _Wanted | None


def index_commit(
    repository: Path,
    commit: str,
    store: FactStore,
    *,
    blob_cpu_seconds: float = MAX_CPU_SECONDS,
) -> CodeIndex:
    """Return what a commit's files define, use and import.

    Args:
        repository: Bare mirror or git directory; nothing is written to it and nothing fetched.
        commit: Commit or tree, as the recorded tree of a worktree with changes.
        store: Where facts are found and kept.
        blob_cpu_seconds: Processor time that reading one file may take.

    Raises:
        NotFound: There is no such repository or commit; or trees are missing.
        ConfigError: A grammar does not load.
        ServiceUnavailable: git was killed or took too long, or no process can be started.
        SettingInvalid: git is not installed.
    """
    entries = list_tree(repository, commit)
    attributes = _attributes(repository, entries)
    submodules = tuple(entry.path for entry in entries if entry.mode == SUBMODULE_MODE)
    counted = [_count(entry, attributes) for entry in entries if entry.mode != SUBMODULE_MODE]
    counted.sort(key=lambda each: each.file.path)
    wanted = {each.wanted.key: each.wanted for each in counted if each.wanted is not None}
    facts = store.find(list(wanted))
    lacking = [each for key, each in wanted.items() if key not in facts]
    with ParserProcess(cpu_seconds=blob_cpu_seconds) as parser:
        facts.update(_read(repository, lacking, store, parser))
    files: list[IndexedFile] = []
    rows: dict[str, bytes] = {}
    for each in counted:
        file, row = _settled(each, facts)
        files.append(file)
        if row is not None:
            rows[file.path] = row
    return CodeIndex(commit=commit, files=tuple(files), rows=rows, submodules=submodules)


def _attributes(repository: Path, entries: Sequence[TreeEntry]) -> Attributes:
    paths = {
        entry.blob: entry.path
        for entry in entries
        if entry.path.endswith(_ATTRIBUTES_FILE)
        and entry.mode not in {LINK_MODE, SUBMODULE_MODE}
        and entry.size_bytes is not None
        and entry.size_bytes <= MAX_READ_BYTES
    }
    contents = stream_blobs(repository, paths)
    return Attributes.read((paths[blob], text) for blob, text in contents if text is not None)


def _count(entry: TreeEntry, attributes: Attributes) -> _Counted:
    name = entry.path.rpartition("/")[2]
    rule = _language_by_name(f"x.{name.rpartition('.')[2]}" if "." in name[1:] else name)
    language = rule.name if rule else ""
    state = _state(entry, attributes, is_prose=rule is not None and not rule.is_code)
    file = IndexedFile(entry.path, entry.blob, entry.size_bytes or 0, language, state)
    is_wanted = state is FileState.PARSED
    return _Counted(file, _wanted(entry, language) if is_wanted else None)


def _state(entry: TreeEntry, attributes: Attributes, *, is_prose: bool) -> FileState:
    """Return what is known of a file before it is read; what is to be read counts as parsed."""
    if entry.mode == LINK_MODE:
        return FileState.LINK
    provenance = attributes.provenance(entry.path)
    if provenance is Provenance.VENDORED:
        return FileState.VENDORED
    if _is_binary(entry.path.rpartition(".")[2]):
        return FileState.BINARY
    if provenance is Provenance.GENERATED:
        return FileState.GENERATED
    return _state_by_size(entry.size_bytes, is_prose=is_prose)


def _state_by_size(size_bytes: int | None, *, is_prose: bool) -> FileState:
    if size_bytes is None:
        return FileState.MISSING
    if size_bytes > MAX_READ_BYTES:
        return FileState.HUGE
    return FileState.TEXT if is_prose else FileState.PARSED


def _wanted(entry: TreeEntry, language: str) -> _Wanted:
    name = entry.path.rpartition("/")[2]
    how = language if language or "." in name else _BY_FIRST_LINE
    return _Wanted(_version(how) + bytes.fromhex(entry.blob), entry.blob, language, name)


@cache
def _version(language: str) -> bytes:
    """Return what changes with the grammar, its query and what we make of them."""
    query = query_text(GRAMMARS[language]) if language in GRAMMARS else ""
    text = f"{EXTRACTION_VERSION}\n{pack_version()}\n{language}\n{query}"
    if language == _BY_FIRST_LINE:
        text += "".join(map(query_text, GRAMMARS.values()))
    return hashlib.blake2b(text.encode(), digest_size=_VERSION_BYTES).digest()


@cache
def _language_by_name(name: str) -> LanguageRule | None:
    return language_of(name)


@cache
def _is_binary(suffix: str) -> bool:
    return not is_own_text(f"x.{suffix}")


def _read(
    repository: Path, lacking: Iterable[_Wanted], store: FactStore, parser: ParserProcess
) -> dict[bytes, bytes]:
    """Read blobs, each once even where it is several languages' file, and keep what is learnt."""
    by_blob: dict[str, list[_Wanted]] = {}
    for wanted in lacking:
        by_blob.setdefault(wanted.blob, []).append(wanted)
    if not by_blob:
        return {}
    # Before streaming, which has threads.
    parser.start()
    found: dict[bytes, bytes] = {}
    fresh: dict[bytes, bytes] = {}
    for blob, content in stream_blobs(repository, by_blob):
        if content is None:
            continue
        for wanted in by_blob[blob]:
            reading = parser.read(_language(wanted, content), content)
            found[wanted.key] = reading.row
            if reading.is_lasting:
                fresh[wanted.key] = reading.row
        if len(fresh) >= _ROWS_PER_COMMIT:
            store.keep(fresh)
            fresh = {}
    store.keep(fresh)
    store.evict()
    return found


def _language(wanted: _Wanted, content: bytes) -> str:
    if wanted.language or "." in wanted.file_name:
        return wanted.language
    rule = language_of(wanted.file_name, content[:200].partition(b"\n")[0].decode(errors="replace"))
    return rule.name if rule else ""


def _settled(counted: _Counted, facts: dict[bytes, bytes]) -> tuple[IndexedFile, bytes | None]:
    """Return a file with what came of reading it."""
    if counted.wanted is None:
        return counted.file, None
    row = facts.get(counted.wanted.key)
    if row is None:
        return counted.file._replace(state=FileState.MISSING), None
    return counted.file._replace(state=STATES[decode_measures(row).outcome]), row
