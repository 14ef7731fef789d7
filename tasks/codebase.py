"""Stages about what is there: the facts of the repository."""

from mergewright.analysis.commit_style import commit_style
from mergewright.analysis.survey import SourceFile, survey
from mergewright.clients import trees
from mergewright.clients.blobs import BlobReader
from mergewright.clients.history import recent_subjects
from mergewright.domain.codebase import CheckCommand, CheckKind, Codebase, Convention
from mergewright.domain.delivery import Run
from mergewright.domain.ticket import Ticket
from mergewright.domain.workspace import Workspace
from mergewright.safety.repository_policy import FILE_NAME, RepositoryPolicy
from tasks._policies import stage
from tasks._workbench import read_policy


@stage("Analyse the repository")
def analyse_repository(
    run: Run,  # noqa: ARG001 - part of the identity of the result
    ticket: Ticket,
    workspace: Workspace,
) -> Codebase:
    """Collect languages, manifests, frameworks, check commands, conventions and relevant files.

    Raises:
        SettingInvalid: The repository's policy file is wrong.
    """
    mirror, commit = workspace.mirror, workspace.base_commit
    with BlobReader(mirror) as blobs:
        files = [
            SourceFile(path=file.path, size_bytes=file.size_bytes, read=blobs.reader(file.blob))
            for file in trees.list_files(mirror, commit)
        ]
        codebase = survey(commit, files, ticket)
    style = commit_style(recent_subjects(mirror, commit))
    if style is not None:
        codebase = codebase.model_copy(update={"conventions": (*codebase.conventions, style)})
    return _with_policy(codebase, read_policy(mirror, commit))


def _with_policy(codebase: Codebase, policy: RepositoryPolicy) -> Codebase:
    """Let the repository's own words win over what was guessed."""
    commands = [command for command in codebase.commands if not policy.commands_for(command.kind)]
    commands += [
        CheckCommand(kind=kind, argv=policy.commands_for(kind), source=FILE_NAME)
        for kind in CheckKind
        if policy.commands_for(kind)
    ]
    conventions = codebase.conventions + tuple(
        Convention(topic="repository policy", rule=rule, source=FILE_NAME)
        for rule in policy.conventions
    )
    return codebase.model_copy(update={"commands": tuple(commands), "conventions": conventions})
