"""The facts of one commit's tree, from its files and the ticket at hand."""

from collections.abc import Sequence

from mergewright.analysis.check_commands import find_commands
from mergewright.analysis.conventions import find_conventions
from mergewright.analysis.file_roles import is_test_module, test_root
from mergewright.analysis.frameworks import find_frameworks
from mergewright.analysis.manifests import find_manifests
from mergewright.analysis.relevance import find_relevant_files
from mergewright.analysis.source_files import SourceFile, Sources
from mergewright.domain.codebase import Codebase, Language
from mergewright.domain.ticket import Ticket

__all__ = ["SourceFile", "survey"]


def survey(commit: str, files: Sequence[SourceFile], ticket: Ticket) -> Codebase:
    """Return what a tree is made of, how it is checked, and which files the ticket concerns.

    The same files and ticket give the same answer, whatever the order of the files.
    """
    sources = Sources(files)
    languages = find_languages(sources)
    manifests = find_manifests(sources)
    return Codebase(
        commit=commit,
        file_count=len(files),
        languages=languages,
        manifests=manifests,
        frameworks=find_frameworks(manifests),
        commands=find_commands(sources, manifests, languages),
        conventions=find_conventions(sources),
        relevant_files=find_relevant_files(sources, ticket),
        test_paths=tuple(
            sorted({test_root(file.path) for file in sources if is_test_module(file.path)})
        ),
    )


def find_languages(sources: Sources) -> tuple[Language, ...]:
    """Return the programming languages of a tree, the one with most code first."""
    counts: dict[str, list[int]] = {}
    for file in sources:
        language = sources.language(file.path)
        if language is not None and language.is_code:
            counts.setdefault(language.family or language.name, []).append(file.size_bytes)
    languages = [
        Language(name=name, files=len(sizes), size_bytes=sum(sizes))
        for name, sizes in counts.items()
    ]
    return tuple(sorted(languages, key=lambda language: (-language.size_bytes, language.name)))
