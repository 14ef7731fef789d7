"""What of a repository's documentation is not true at a commit, found without a model."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mergewright.analysis.blob_facts import Kind
from mergewright.analysis.code_index import CodeIndex, FileState
from mergewright.analysis.documentation_api import MAX_CHANGED_FILES, api_changes, public_names
from mergewright.analysis.documentation_blocks import block_faults
from mergewright.analysis.documentation_links import Tree, broken_links
from mergewright.analysis.documentation_names import (
    CodeNames,
    api_findings,
    mentioned_names,
    stale_names,
)
from mergewright.analysis.documentation_text import DocumentText, read_document
from mergewright.domain.documentation import ApiChange, DocumentationFinding

MAX_FINDINGS = 200
_CONTAINERS = frozenset((Kind.ENUM, Kind.INTERFACE, Kind.TRAIT, Kind.CLASS, Kind.OBJECT))


@dataclass(frozen=True, slots=True)
class Documented:
    """What is held against each other: the documents, the code, and both as they were."""

    documents: Mapping[str, str]
    """Texts by path."""
    code: CodeIndex
    words: Callable[[frozenset[str]], frozenset[str] | None]
    """Returns which of some names stand anywhere outside the documents; None where that is not known."""
    formerly: frozenset[str]
    """What the code defined when documents were last changed."""
    earlier: CodeIndex | None
    """The code at the commit where the documentation was last true; None where there is none."""
    touched: frozenset[str]
    """Documents that were changed since."""
    read: Callable[[str], str]
    """Returns the text of a file of the code now."""
    read_earlier: Callable[[str], str]
    """Returns the text of a file of the code then."""


def read_documents(documents: Mapping[str, str]) -> dict[str, DocumentText]:
    """Return what documents hold, by path, in the order of the paths."""
    return {path: read_document(path, text) for path, text in sorted(documents.items())}


def find_api_changes(facts: Documented) -> tuple[ApiChange, ...]:
    """Return what became of the code's public names since the documentation was last true."""
    if facts.earlier is None:
        return ()
    before = {file.path: file.blob for file in facts.earlier.files}
    after = {file.path: file.blob for file in facts.code.files}
    differing = sorted(
        path for path in before.keys() | after.keys() if before.get(path) != after.get(path)
    )[:MAX_CHANGED_FILES]
    return api_changes(
        public_names(facts.earlier, differing, facts.read_earlier),
        public_names(facts.code, differing, facts.read),
    )


def find_faults(
    facts: Documented, api: tuple[ApiChange, ...] = ()
) -> tuple[DocumentationFinding, ...]:
    """Return what of the documents is not true, by place; the same facts give the same answer.

    Args:
        facts: What is held against each other.
        api: What became of public names since.

    Raises:
        ConfigError: The grammar of a known language does not load.
    """
    documents = read_documents(facts.documents)
    names = code_names(facts.code, documents, facts.words)
    found = [
        *broken_links(documents, Tree(file.path for file in facts.code.files)),
        *stale_names(documents, names, facts.formerly),
        *block_faults(documents),
        *api_findings(documents, api, facts.touched, names.ambiguous),
    ]
    return ordered(found)


def ordered(findings: list[DocumentationFinding]) -> tuple[DocumentationFinding, ...]:
    """Return findings by place, each once, and no more than anybody reads."""
    found = {finding.identity: finding for finding in reversed(findings)}
    return tuple(
        sorted(found.values(), key=lambda one: (one.path, one.line, one.fault, one.subject))
    )[:MAX_FINDINGS]


def code_names(
    code: CodeIndex,
    documents: Mapping[str, DocumentText],
    words: Callable[[frozenset[str]], frozenset[str] | None],
) -> CodeNames:
    """Return what the code has, as far as documents are held against it."""
    defining: Counter[str] = Counter()
    modules: set[str] = set()
    used: set[str] = set()
    containers: set[str] = set()
    for file in code.files:
        modules.update(_module_names(file.path))
        if file.state is FileState.PARSED and file.path not in documents:
            definitions = code.definitions(file.path)
            defining.update({definition.name for definition in definitions})
            containers.update(one.name for one in definitions if one.kind in _CONTAINERS)
            used.update(reference.name for reference in code.references(file.path))
    defined = modules.union(defining)
    lacking = mentioned_names(documents.values()) - defined - used
    return CodeNames(
        defined=frozenset(defined),
        used=frozenset(used),
        containers=frozenset(containers),
        ambiguous=frozenset(name for name, count in defining.items() if count > 1),
        words=words(lacking) if lacking else frozenset(),
    )


def defined_names(code: CodeIndex) -> frozenset[str]:
    """Return every name that the code of a commit defines."""
    return frozenset(
        definition.name
        for file in code.files
        if file.state is FileState.PARSED
        for definition in code.definitions(file.path)
    )


def _module_names(path: str) -> set[str]:
    """Return what a file and its folders are called, as an import names them."""
    return {part.partition(".")[0] for part in path.split("/")}
