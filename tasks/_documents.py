"""Which files of a repository are documents, and what is seen when they are held against the code."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from mergewright.analysis.documentation import ordered, read_documents
from mergewright.analysis.documentation_blocks import (
    help_faults,
    own_modules,
    recorded_commands,
    run_faults,
    runnable_blocks,
)
from mergewright.analysis.documentation_names import unexplained_names
from mergewright.analysis.file_roles import is_test
from mergewright.analysis.languages import language_of
from mergewright.clients import trees
from mergewright.clients.documentation import DocumentationExaminer
from mergewright.clients.documentation_runs import StyleCheck, check_style, run_blocks, run_commands
from mergewright.clients.fact_store import FactStore
from mergewright.domain.changeset import FileChange
from mergewright.domain.checks import CheckStatus
from mergewright.domain.codebase import Codebase
from mergewright.domain.delivery import Run
from mergewright.domain.documentation import (
    DocumentationCheck,
    DocumentationFinding,
    DocumentationState,
)
from mergewright.domain.workflow_policy import load_policy
from mergewright.domain.workspace import Workspace
from mergewright.errors import ConfigError
from mergewright.safety.documents import documents_by
from mergewright.safety.policy import matches_glob
from mergewright.safety.repository_policy import DocumentationRules
from mergewright.settings import settings
from tasks._runs import policy_of
from tasks._workbench import change_policy_of, check_runner, is_explained_only, read_policy

DOCUMENTATION = "documentation"
"""The policy that says what documents are."""


class Seen(NamedTuple):
    """What was seen when documents were carried out in the sandbox."""

    findings: tuple[DocumentationFinding, ...] = ()
    unseen: tuple[str, ...] = ()
    style: StyleCheck = StyleCheck(CheckStatus.SKIPPED)


def rules_of(workspace: Workspace) -> DocumentationRules:
    """Return what the repository says about its documentation.

    Raises:
        SettingInvalid: The repository's policy file is wrong.
    """
    return read_policy(workspace.mirror, workspace.base_commit).documentation


def writable_in(run: Run, workspace: Workspace) -> Callable[[str], bool]:
    """Return what says whether a run may write a path: documents, or code that it explains.

    Raises:
        SettingInvalid: The repository's policy file is wrong.
    """
    if not policy_of(run).comments_only:
        return _documents_of(run, workspace)
    protected = change_policy_of(run, workspace).protected_paths
    return lambda path: _is_code(path) and not any(matches_glob(path, one) for one in protected)


def _is_code(path: str) -> bool:
    language = language_of(path)
    is_read = language is not None and language.is_code and bool(language.grammar)
    return is_read and not is_test(path)


def _documents_of(run: Run, workspace: Workspace) -> Callable[[str], bool]:
    protected = change_policy_of(run, workspace).protected_paths
    is_prose = documents_by(load_policy(DOCUMENTATION), rules_of(workspace), protected)
    return lambda path: is_prose(path) and not is_test(path)


@contextmanager
def examining(run: Run, workspace: Workspace) -> Iterator[DocumentationExaminer]:
    """Give what holds the documents of a run's repository against its code.

    Raises:
        SettingInvalid: The repository's policy file is wrong.
        StoreFailed: The store of facts cannot be opened.
    """
    with FactStore(settings().home / "facts.db") as store:
        yield DocumentationExaminer(workspace.mirror, _documents_of(run, workspace), store)


def look(
    run: Run,
    workspace: Workspace,
    codebase: Codebase,
    *,
    recorded: str = "",
    since: str = "",
) -> DocumentationState:
    """Return all that is known of the documentation of a run's base.

    Args:
        run: The run.
        workspace: Where it works.
        codebase: Facts about the repository.
        recorded: Commit at which an earlier run found all true.
        since: Commit at which all was true, as a person says.

    Raises:
        ConfigError: A grammar does not load, or the repository's policy file is wrong.
        NotFound: The mirror does not have the commit.
        ServiceUnavailable: git was killed or took too long.
    """
    commit = workspace.base_commit
    with examining(run, workspace) as examiner:
        state = examiner.examine(commit, recorded=recorded, since=since)
        if policy_of(run).comments_only:
            return state.model_copy(update={"findings": ordered([*unexplained_names(state.api)])})
        documents = examiner.documents(commit)
    seen = carry_out(run, workspace, codebase, workspace.base_tree, documents)
    return state.model_copy(
        update={
            "findings": ordered([*state.findings, *seen.findings]),
            "unseen": (*state.unseen, *seen.unseen),
        }
    )


def look_at_change(
    run: Run, workspace: Workspace, codebase: Codebase, state: DocumentationState, tree: str
) -> DocumentationCheck:
    """Return what a change of documents leaves and brings.

    Raises:
        ConfigError: A grammar does not load, or the repository's policy file is wrong.
        NotFound: The mirror does not have the tree.
        ServiceUnavailable: git was killed or took too long.
    """
    changed = trees.changed_files(workspace.mirror, workspace.base_commit, tree)
    if policy_of(run).comments_only:
        return _look_at_comments(run, workspace, state, tree, changed)
    with examining(run, workspace) as examiner:
        check = examiner.examine_change(state, tree)
        documents = examiner.documents(tree)
    writable = writable_in(run, workspace)
    styled = [file.path for file in changed if file.path in documents]
    seen = carry_out(run, workspace, codebase, tree, documents, styled=styled)
    known = {finding.identity for finding in state.findings}
    return DocumentationCheck(
        left=ordered([*check.left, *(one for one in seen.findings if one.identity in known)]),
        new=ordered([*check.new, *(one for one in seen.findings if one.identity not in known)]),
        strangers=tuple(file.path for file in changed if not writable(file.path)),
        style=seen.style.status,
        style_output=seen.style.output,
        unseen=seen.unseen,
    )


def _look_at_comments(
    run: Run,
    workspace: Workspace,
    state: DocumentationState,
    tree: str,
    changed: tuple[FileChange, ...],
) -> DocumentationCheck:
    """Return which names are unexplained still, and which files have another code."""
    writable = writable_in(run, workspace)
    with examining(run, workspace) as examiner:
        left = examiner.unexplained(tree, state.findings)
    strangers = (
        file.path
        for file in changed
        if not (writable(file.path) and is_explained_only(workspace, tree, file))
    )
    return DocumentationCheck(left=left, strangers=tuple(strangers))


def carry_out(
    run: Run,
    workspace: Workspace,
    codebase: Codebase,
    tree: str,
    documents: dict[str, str],
    *,
    styled: list[str] | None = None,
) -> Seen:
    """Run what documents show, in the sandbox; what cannot be set up is not looked at.

    Args:
        run: The run.
        workspace: Where it works.
        codebase: Facts about the repository.
        tree: What is looked at.
        documents: Its documents by path.
        styled: Documents whose style is checked; None for none.

    Raises:
        SandboxUnavailable: The sandbox could not be set up.
        NotFound: The mirror does not have the tree.
    """
    rules, read = rules_of(workspace), read_documents(documents)
    blocks = runnable_blocks(read) if rules.run_blocks else ()
    commands = tuple(recorded_commands(read, rules.commands))
    if not (blocks or commands or styled):
        return Seen()
    try:
        runner = check_runner(run, workspace, codebase)
    except ConfigError as error:
        return Seen(unseen=(f"what documents show, for it cannot be run: {error.message}",))
    modules = own_modules(file.path for file in trees.list_files(workspace.mirror, tree))
    with runner.exported(tree) as place:
        ran = run_blocks(place, blocks)
        printed = run_commands(place, commands)
        style = check_style(place, rules.style, styled or ())
    findings = [*run_faults(ran.runs, blocks, modules), *help_faults(commands, printed)]
    return Seen(ordered(findings), ran.unseen, style)
