"""The documentation of a commit held against its code: what is asked of git, and of what is cached."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

from mergewright.analysis.code_index import CodeIndex
from mergewright.analysis.documentation import (
    Documented,
    code_names,
    defined_names,
    find_api_changes,
    find_faults,
    ordered,
    read_documents,
)
from mergewright.analysis.documentation_api import public_names
from mergewright.analysis.documentation_names import (
    mentioned_names,
    parts_of,
    unknown_names,
    words_among,
)
from mergewright.analysis.file_roles import is_own_text, is_test
from mergewright.analysis.source_files import MAX_TEXT_BYTES
from mergewright.clients.code_index import index_commit
from mergewright.clients.documentation_history import (
    Since,
    changed_since,
    document_history,
    later_of,
)
from mergewright.clients.fact_store import FactStore
from mergewright.clients.git import git_in
from mergewright.clients.git_objects import (
    LINK_MODE,
    SUBMODULE_MODE,
    TreeEntry,
    list_tree,
    stream_blobs,
)
from mergewright.clients.trees import resolve_object
from mergewright.domain.documentation import (
    DocumentationCheck,
    DocumentationFault,
    DocumentationFinding,
    DocumentationState,
)

MAX_DOCUMENTS = 2000
MAX_EARLIER = 12
"""So many earlier commits are looked at for names that the code had."""


@dataclass(frozen=True)
class _Commit:
    """A commit or tree whose files are read when somebody asks for them."""

    mirror: Path
    treeish: str

    @cached_property
    def entries(self) -> dict[str, TreeEntry]:
        """Its files of text by path, without links and submodules."""
        return {
            entry.path: entry
            for entry in list_tree(self.mirror, self.treeish)
            if entry.mode not in {LINK_MODE, SUBMODULE_MODE}
            and entry.size_bytes is not None
            and entry.size_bytes <= MAX_TEXT_BYTES
            and is_own_text(entry.path)
        }

    def read(self, path: str) -> str:
        """Return the text of a file; empty where there is none."""
        return self.texts((path,)).get(path, "")

    def texts(self, paths: Iterable[str]) -> dict[str, str]:
        """Return the texts of files by path, without those that are no text."""
        wanted = [self.entries[path] for path in paths if path in self.entries]
        contents = dict(stream_blobs(self.mirror, [entry.blob for entry in wanted]))
        return {
            entry.path: content.decode("utf-8-sig", errors="replace")
            for entry in wanted
            if (content := contents.get(entry.blob)) is not None and b"\0" not in content
        }

    def contents(self, apart_from: Iterable[str]) -> Iterator[bytes]:
        """Yield what its files hold, one after the other."""
        left_out = frozenset(apart_from)
        blobs = [entry.blob for path, entry in self.entries.items() if path not in left_out]
        for _, content in stream_blobs(self.mirror, blobs):
            if content is not None:
                yield content


class DocumentationExaminer:
    """Holds documents against code, for one repository.

    Args:
        mirror: Its mirror; nothing is written to it and nothing fetched.
        is_document: Whether a path is a document's.
        store: Where facts about code are found and kept.
    """

    def __init__(self, mirror: Path, is_document: Callable[[str], bool], store: FactStore) -> None:
        self._mirror = mirror
        self._is_document = is_document
        self._store = store

    def examine(self, commit: str, *, recorded: str = "", since: str = "") -> DocumentationState:
        """Return what is known of the documentation of a commit.

        Args:
            commit: The commit.
            recorded: Commit at which a run found all of it true; the last one that touched a document
                counts where it is later.
            since: Commit at which it was true, as a person says; empty finds it.

        Raises:
            NotFound: There is no such repository or commit, or none that a person names.
            ConfigError: A grammar does not load.
            ServiceUnavailable: git was killed or took too long.
            SettingInvalid: git is not installed.
        """
        now = _Commit(self._mirror, commit)
        documents, unseen = self._documents(now)
        history = document_history(self._mirror, commit, documents)
        named = resolve_object(git_in(self._mirror), since, "commit") if since else ""
        true_at = named or later_of(self._mirror, commit, history.last, recorded)
        come = changed_since(self._mirror, true_at, commit) if true_at else Since()
        facts = self._facts(now, documents, true_at, history.commits, come.touched)
        api = find_api_changes(facts)
        return DocumentationState(
            commit=commit,
            documented_commit=true_at,
            documented_by=_by(true_at, named, history.last),
            commits_since=come.commits,
            subjects=come.subjects,
            documents=tuple(documents),
            api=api,
            findings=find_faults(facts, api),
            unseen=unseen,
        )

    def examine_change(self, state: DocumentationState, tree: str) -> DocumentationCheck:
        """Return what a change of documents leaves and brings, by what was found on its base.

        Args:
            state: The documentation of its base.
            tree: The tree that the change makes.

        Raises:
            NotFound: There is no such repository, commit or tree.
            ConfigError: A grammar does not load.
            ServiceUnavailable: git was killed or took too long.
            SettingInvalid: git is not installed.
        """
        base, after = _Commit(self._mirror, state.commit), _Commit(self._mirror, tree)
        before, documents = base.texts(state.documents), self._documents(after)[0]
        changed = {path for path in documents if before.get(path) != documents[path]}
        true_at = state.documented_commit
        touched = changed_since(self._mirror, true_at, state.commit).touched if true_at else ()
        facts = self._facts(after, documents, true_at, (), {*touched, *changed})
        facts = replace(facts, formerly=facts.formerly | _names_of(state))
        written = read_documents({path: documents[path] for path in changed})
        known = mentioned_names(read_documents(before).values())
        faults = ordered(
            [
                *find_faults(facts, state.api),
                *unknown_names(written, code_names(facts.code, written, facts.words), known),
            ]
        )
        earlier = {finding.identity for finding in state.findings}
        return DocumentationCheck(
            left=tuple(finding for finding in faults if finding.identity in earlier),
            new=tuple(finding for finding in faults if finding.identity not in earlier),
        )

    def unexplained(
        self, tree: str, findings: Iterable[DocumentationFinding]
    ) -> tuple[DocumentationFinding, ...]:
        """Return which names of the code a tree still does not explain.

        Raises:
            NotFound: There is no such tree.
            ConfigError: A grammar does not load.
            ServiceUnavailable: git was killed or took too long.
        """
        asked = tuple(findings)
        after = _Commit(self._mirror, tree)
        paths = sorted({finding.path for finding in asked})
        names = public_names(self._index(tree), paths, after.read)
        return tuple(
            finding
            for finding in asked
            if (name := names.get((finding.path, finding.subject))) and not name.explained
        )

    def documents(self, treeish: str) -> dict[str, str]:
        """Return the texts of the documents of a commit or tree by path.

        Raises:
            NotFound: There is no such repository, commit or tree.
            ServiceUnavailable: git was killed or took too long.
        """
        return self._documents(_Commit(self._mirror, treeish))[0]

    def _documents(self, commit: _Commit) -> tuple[dict[str, str], tuple[str, ...]]:
        paths = [path for path in commit.entries if self._is_document(path) and not is_test(path)]
        unseen: tuple[str, ...] = ()
        if len(paths) > MAX_DOCUMENTS:
            unseen = (
                f"{len(paths) - MAX_DOCUMENTS} of {len(paths)} documents: there are too many",
            )
        return commit.texts(sorted(paths)[:MAX_DOCUMENTS]), unseen

    def _facts(
        self,
        now: _Commit,
        documents: dict[str, str],
        true_at: str,
        commits: Sequence[str],
        touched: Iterable[str],
    ) -> Documented:
        earlier = self._index(true_at) if true_at else None
        formerly = defined_names(earlier) if earlier else frozenset()
        for commit in commits[:MAX_EARLIER]:
            formerly |= defined_names(self._index(commit))
        then = _Commit(self._mirror, true_at) if true_at else now
        return Documented(
            documents=documents,
            code=self._index(now.treeish),
            words=lambda names: words_among(now.contents(documents), names),
            formerly=formerly,
            earlier=earlier,
            touched=frozenset(touched),
            read=now.read,
            read_earlier=then.read,
        )

    def _index(self, treeish: str) -> CodeIndex:
        return index_commit(self._mirror, treeish, self._store)


def _by(true_at: str, named: str, last: str) -> Literal["named", "recorded", "history", ""]:
    if not true_at:
        return ""
    if named:
        return "named"
    return "history" if true_at == last else "recorded"


def _names_of(state: DocumentationState) -> frozenset[str]:
    """Return what the code had of which findings tell that it has it no more."""
    gone = {change.name.rpartition(".")[2] for change in state.api}
    stale = (one for one in state.findings if one.fault is DocumentationFault.STALE_NAME)
    return frozenset(gone.union(*(parts_of(finding.subject) for finding in stale)))
