"""Our gates on a commit of a local repository: one file per commit, beside its pull requests.

Nothing runs there, so that there are no checks of others and no workflows.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from mergewright.clients.documents import (
    file_errors,
    format_document,
    locked,
    read_document,
    write_file,
)
from mergewright.clients.local_places import LocalPlaces
from mergewright.clients.ports import Compensation, Effect
from mergewright.domain.gates import Gate
from mergewright.domain.pull_request import ExternalCheck, ExternalChecks, WorkflowRun
from mergewright.errors import Rejected

PREFIX = "mergewright/"

_GONE = Compensation("already", "The commit does not show these gates.")


class LocalGates(LocalPlaces):
    """Gates of commits as files `gates-COMMIT.md`.

    All methods raise:
        NotFound: There is no such local repository.
        AccessDenied: A file may not be read or written.
        Rejected: The file of the gates is no longer one.
        ServiceUnavailable: The disk is full or failed.
        SettingInvalid: The repository is a URL and this forge has no folder.
    """

    def report_gates(
        self, repository: str, commit: str, gates: Sequence[Gate], url: str = ""
    ) -> Effect[tuple[str, ...]]:
        """Write gates into the file of a commit; return the names they have there."""
        path = self._gates_file(repository, commit)
        with locked(path.parent):
            there = _gates_in(path)
            wanted = {**there, **{_name(gate): _told(gate, url) for gate in gates}}
            if wanted != there:
                _write(path, commit, wanted)
        return Effect(tuple(_name(gate) for gate in gates), found=wanted == there)

    def withdraw_gates(
        self,
        repository: str,
        commit: str,
        gates: Sequence[Gate],
        url: str = "",
        *,
        reason: str,
        rehearse: bool = False,
    ) -> Compensation:
        """Write into the file of a commit that gates are taken back."""
        path = self._gates_file(repository, commit)
        if not path.parent.exists():
            return _GONE
        with locked(path.parent):
            there = _gates_in(path)
            ours = [_name(gate) for gate in gates if there.get(_name(gate)) == _told(gate, url)]
            if not ours:
                named = any(_name(gate) in there for gate in gates)
                told = "They say something else now than we reported."
                return Compensation("kept", told, path.as_uri()) if named else _GONE
            if not rehearse:
                line = f"taken back: {' '.join(reason.split())}"
                _write(path, commit, {**there, **dict.fromkeys(ours, line)})
        return Compensation("undone", f"Taken back were {', '.join(ours)}.", path.as_uri())

    def dispatch_workflow(
        self,
        repository: str,
        workflow: str,
        ref: str,
        inputs: Mapping[str, str],
        *,
        marker: str,
        since: datetime | None = None,
    ) -> Effect[WorkflowRun]:
        """Refuse: a folder runs nothing."""
        _ = (ref, inputs, marker, since)
        raise Rejected(
            f"The workflow {workflow!r} of {repository!r} cannot be started: a folder runs nothing.",
            hint="Choose a code host that runs workflows, or take the workflow out of the profile.",
        )

    def cancel_workflow(
        self, repository: str, run_id: int, *, rehearse: bool = False
    ) -> Compensation:
        """Say that nothing runs."""
        _ = (repository, run_id, rehearse)
        return Compensation("already", "Nothing runs there.")

    def external_checks(self, repository: str, commit: str) -> tuple[ExternalCheck, ...]:
        """Return none: a folder checks nothing."""
        _ = (repository, commit)
        return ()

    def wait_for_checks(
        self, repository: str, commit: str, *, timeout_seconds: float
    ) -> ExternalChecks:
        """Return at once: a folder checks nothing."""
        _ = timeout_seconds
        checks = self.external_checks(repository, commit)
        return ExternalChecks(commit=commit, checks=checks, complete=True)

    def _gates_file(self, repository: str, commit: str) -> Path:
        if not commit.isalnum():
            raise Rejected(f"{commit!r} is no id of a commit.", hint="Name it by its whole id.")
        return self.pulls_folder(repository) / f"gates-{commit}.md"


def _name(gate: Gate) -> str:
    return f"{PREFIX}{gate.name}"


def _told(gate: Gate, url: str) -> str:
    line = f"{gate.status.value}: {' '.join(gate.summary.split())}"
    return f"{line} <{url}>" if url else line


def _gates_in(path: Path) -> dict[str, str]:
    with file_errors(path, "read"):
        if not path.exists():
            return {}
    fields = read_document(path, hint="Repair the file, or remove it.").fields
    return {name: str(value) for name, value in fields.items() if name.startswith(PREFIX)}


def _write(path: Path, commit: str, gates: Mapping[str, str]) -> None:
    write_file(path, format_document({"commit": commit, **gates}, f"# Gates of {commit[:12]}"))
