"""The stage in which a team's old script works on the ticket, from the same commit as the workflow."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from mergewright.clients import patches, trees
from mergewright.clients.checks import remove_folder
from mergewright.clients.script_copies import make_copy
from mergewright.clients.scripts import Script, ScriptPlace, find_script
from mergewright.domain.changeset import Changeset, ImplementationSummary
from mergewright.domain.codebase import Codebase
from mergewright.domain.compare_request import CompareRequest
from mergewright.domain.comparison import ScriptRun
from mergewright.domain.delivery import Run
from mergewright.domain.ticket import Ticket
from mergewright.domain.workspace import Workspace
from mergewright.errors import Rejected, SettingInvalid
from mergewright.safety.redaction import redact, register_secret
from mergewright.settings import environment_variable
from tasks._facts import pinned
from tasks._policies import stage
from tasks._runs import journal_of, run_folder
from tasks._workbench import check_environment, require_sandbox

STAGE = "script"
"""How the stages of the old script begin: the workflow's own time is without them."""
MAX_PATCH_CHARACTERS = 20_000_000


def see_script(request: CompareRequest) -> Script:
    """Return the script with what it is given, before anything is paid.

    Raises:
        SettingInvalid: The script cannot be run, a path is not there, or a variable is not set.
    """
    variables = {name: _value_of(name) for name in request.variables}
    return Script(
        path=find_script(request.script),
        time_limit_seconds=request.time_limit_minutes * 60,
        may_read=tuple(map(_readable, request.may_read)),
        variables=variables,
        network=request.network,
    )


def _value_of(name: str) -> str:
    value = environment_variable(name)
    if value is None:
        raise SettingInvalid(
            f"The old script is to be given the variable {name!r}, which is not set.",
            hint=f"Set {name}, or leave it out.",
        )
    register_secret(value)
    return value


def _readable(name: str) -> Path:
    path = Path(name)
    if not path.is_absolute() or not path.exists():
        raise SettingInvalid(
            f"The old script is to read {name!r}: there is no such absolute path.",
            hint="Name a file or folder that is there.",
        )
    return path.resolve()


@stage("Run the old script", kept=False, repeats=0)
def run_script(
    run: Run, ticket: Ticket, workspace: Workspace, codebase: Codebase, request: CompareRequest
) -> ScriptRun:
    """Run the old script in a working copy of its own, and record what it left.

    A run keeps what came of it, so that it is run once; changed, or run with other means, it is
    another script. Killed meanwhile, it begins anew from the base.

    Raises:
        SettingInvalid: The script cannot be run.
        Rejected: What it left cannot be recorded.
        SandboxUnavailable: There is no sandbox to run it in.
        StoreFailed: The log or the disk cannot be read or written.
    """
    script = see_script(request)
    journal = journal_of(run, STAGE)

    def work() -> ScriptRun:
        return _run(run, ticket, workspace, codebase, script)

    done = pinned(journal, f"{STAGE} {_digest(script)}", ScriptRun, work)
    _hold_tree(run, workspace, done)
    journal.note(f"{done.name}: {done.ended}, after {done.seconds:.1f} s")
    return done


def _hold_tree(run: Run, workspace: Workspace, done: ScriptRun) -> None:
    """See that the mirror of this machine holds what the script left."""
    mirror = workspace.mirror
    if patches.holds_tree(mirror, done.tree):
        return
    made = patches.rebuild_tree(mirror, base=workspace.base_tree, patch=done.patch)
    if made != done.tree:
        raise Rejected(
            f"What the old script {done.name!r} left is only on the machine where it ran: there was"
            " a secret in it, which the log does not keep.",
            hint="Go on there, or compare anew with --fresh.",
            run_id=run.id,
        )


def _run(
    run: Run, ticket: Ticket, workspace: Workspace, codebase: Codebase, script: Script
) -> ScriptRun:
    # by this name it is tidied away with the run's worktree, should this process be killed
    folder = run_folder(run) / "worktree-script"
    try:
        copy = make_copy(
            workspace.mirror,
            commit=workspace.base_commit,
            branch=workspace.base,
            place=folder / "copy",
        )
        environment = check_environment(run, workspace, codebase)
        place = ScriptPlace(folder, copy, require_sandbox(), environment)
        ended = place.run(script, ticket, base=workspace.base)
        cost = place.read_cost()
        left = copy.record(place.look)
    finally:
        remove_folder(folder)
    patch = patches.make_patch(workspace.mirror, workspace.base_tree, left.tree)
    if len(patch) > MAX_PATCH_CHARACTERS:
        raise Rejected(
            f"The old script {script.path.name!r} left a change of {len(patch):,} characters: that"
            " is more than can be compared.",
            hint="Have it remove what it builds, or name that in the repository's .gitignore.",
        )
    return ScriptRun(
        name=script.path.name,
        exit_code=ended.exit_code,
        stopped=ended.stopped,
        seconds=ended.duration_seconds,
        cost_usd=cost.usd,
        cost_fault=cost.fault,
        output=ended.output,
        found_in=left.found_in,
        tree=left.tree,
        patch=patch if redact(patch) == patch else "",
        sandbox=ended.level,
        network=script.network,
    )


def _digest(script: Script) -> str:
    """Return what tells two scripts apart: what is in it, and by what means it runs."""
    means: Iterable[object] = (
        hashlib.sha256(script.path.read_bytes()).hexdigest(),
        script.time_limit_seconds,
        sorted(map(str, script.may_read)),
        sorted(script.variables),
        script.network,
    )
    return hashlib.sha256(json.dumps(list(means)).encode()).hexdigest()[:16]


def script_change(workspace: Workspace, ticket: Ticket, done: ScriptRun) -> Changeset:
    """Return what an old script changed, as the workflow's own change is told.

    Raises:
        NotFound: The mirror does not hold the tree.
    """
    mirror, base = workspace.mirror, workspace.base_commit
    return Changeset(
        base_commit=base,
        tree=done.tree,
        diff=trees.diff(mirror, base, done.tree),
        files=trees.changed_files(mirror, base, done.tree),
        summary=ImplementationSummary(
            summary=f"What {done.name} left.",
            commit_subject=f"{ticket.key} by {done.name}"[:100],
        ),
    )
