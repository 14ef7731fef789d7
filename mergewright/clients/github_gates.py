"""Our gates on a commit at GitHub: as check runs when we are an App, as statuses when we are not.

Only Apps may make check runs. Both are called `mergewright/GATE`, so that a branch may require
them either way. Neither can be deleted: one that is taken back says so and stops counting as
passed.

Source: docs.github.com/en/rest/checks/runs and /commits/statuses (description: 140 characters;
1 000 statuses per commit and context), 2026-11-20.
"""

from collections.abc import Mapping, Sequence

from mergewright.clients.github_answers import Anything, CheckRun, CommitStatus
from mergewright.clients.github_repository import Repositories, checked_commit
from mergewright.clients.ports import Compensation, Effect
from mergewright.domain.gates import Gate, GateStatus

PREFIX = "mergewright/"
MAX_DESCRIPTION_CHARACTERS = 140
MAX_SUMMARY_CHARACTERS = 60_000

_CONCLUSIONS = {
    GateStatus.PASSED: "success",
    GateStatus.WARNED: "neutral",
    GateStatus.FAILED: "failure",
}
_STATES = {
    GateStatus.PASSED: "success",
    GateStatus.WARNED: "success",
    GateStatus.FAILED: "failure",
}
_TITLES = {
    GateStatus.PASSED: "Passed",
    GateStatus.WARNED: "Not proved",
    GateStatus.FAILED: "Failed",
}
_GONE = Compensation("already", "The commit does not show these gates.")


class GateReports(Repositories):
    """Gates shown on commits."""

    def report_gates(
        self, repository: str, commit: str, gates: Sequence[Gate], url: str = ""
    ) -> Effect[tuple[str, ...]]:
        """Show gates on a commit; return the names they have there.

        Args:
            repository: URL of the repository.
            commit: Id of the commit.
            gates: Each with its outcome.
            url: Where a person reads more; empty shows no link.

        Raises:
            NotFound: There is no such repository or commit.
            AccessDenied: The account may not report there.
            Rejected: GitHub refused it.
            SettingInvalid: The repository is none of this GitHub.
            ServiceError: GitHub did not answer, or asks to wait.
        """
        if self.app is not None:
            changed = self._report_runs(repository, commit, gates, url)
        else:
            changed = self._report_statuses(repository, commit, gates, url)
        return Effect(tuple(_name(gate) for gate in gates), found=not changed)

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
        """Say on a commit that gates are taken back: they do not count as passed any more.

        Args:
            repository: URL of the repository.
            commit: Id of the commit.
            gates: As they were reported: one that says something else now is kept.
            url: As it was reported.
            reason: What its readers are told.
            rehearse: Only say what would come of it.

        Raises:
            AccessDenied: The account may not report there.
            SettingInvalid: The repository is none of this GitHub.
            ServiceError: GitHub did not answer, or refused.
        """
        if self.app is not None:
            return self._withdraw_runs(repository, commit, gates, url, reason, rehearse=rehearse)
        there = self.statuses(repository, commit)
        ours = [_name(gate) for gate in gates if there.get(_name(gate)) == _status(gate, url)]
        if not ours:
            return _GONE if not _named(gates, there) else _said_otherwise()
        for name in () if rehearse else ours:
            told = {"context": name, "state": "error", "description": _short(reason)}
            self._set_status(repository, commit, told)
        return Compensation("undone", f"Taken back were {', '.join(ours)}.")

    def check_runs(self, repository: str, commit: str) -> list[CheckRun]:
        """Return the latest check runs of a commit.

        Raises:
            ServiceError: GitHub did not answer, or refused.
        """
        path = self.commit_path(repository, commit, "check-runs")
        about = f"read the check runs of {commit[:12]} of {repository!r}"
        latest = {"filter": "latest"}
        return list(self.api.pages(CheckRun, path, about=about, params=latest, within="check_runs"))

    def statuses(self, repository: str, commit: str) -> dict[str, CommitStatus]:
        """Return the latest status of a commit for each context.

        Raises:
            ServiceError: GitHub did not answer, or refused.
        """
        path = self.commit_path(repository, commit, "status")
        about = f"read the statuses of {commit[:12]} of {repository!r}"
        found = self.api.pages(CommitStatus, path, about=about, within="statuses")
        return {one.context: one for one in found}

    def _report_statuses(
        self, repository: str, commit: str, gates: Sequence[Gate], url: str
    ) -> bool:
        there = self.statuses(repository, commit)
        new = [_status(gate, url) for gate in gates if there.get(_name(gate)) != _status(gate, url)]
        for status in new:
            told = {name: value for name, value in status.model_dump().items() if value}
            self._set_status(repository, commit, told)
        return bool(new)

    def _set_status(self, repository: str, commit: str, told: dict[str, str]) -> None:
        path = self.path(repository, f"statuses/{checked_commit(commit)}")
        about = f"report {told['context']!r} on {commit[:12]} of {repository!r}"
        self.api.replace(Anything, path, told, about=about, method="POST")

    def _report_runs(self, repository: str, commit: str, gates: Sequence[Gate], url: str) -> bool:
        there = self._own_runs(repository, commit)
        changed = False
        for gate in gates:
            run, wanted = there.get(_name(gate)), _run(gate, url)
            if run is not None and _says(run, wanted):
                continue
            changed = True
            if run is not None:
                self._change_run(repository, run, wanted)
            else:
                path = self.path(repository, "check-runs")
                about = f"report {gate.name!r} on {commit[:12]} of {repository!r}"
                named = {"name": _name(gate), "head_sha": commit}
                self.api.create(CheckRun, path, {**named, **wanted}, about=about)
        return changed

    def _withdraw_runs(
        self,
        repository: str,
        commit: str,
        gates: Sequence[Gate],
        url: str,
        reason: str,
        *,
        rehearse: bool,
    ) -> Compensation:
        there = self._own_runs(repository, commit)
        ours = [
            run
            for gate in gates
            if (run := there.get(_name(gate))) is not None and _says(run, _run(gate, url))
        ]
        if not ours:
            return _GONE if not _named(gates, there) else _said_otherwise()
        told = {"title": "Taken back", "summary": reason}
        for run in () if rehearse else ours:
            body = {"status": "completed", "conclusion": "cancelled", "output": told}
            self._change_run(repository, run, body)
        return Compensation("undone", f"Taken back were {', '.join(run.name for run in ours)}.")

    def _own_runs(self, repository: str, commit: str) -> dict[str, CheckRun]:
        slug = self.login().removesuffix("[bot]")
        runs = self.check_runs(repository, commit)
        return {run.name: run for run in runs if run.app.slug == slug}

    def _change_run(self, repository: str, run: CheckRun, body: Mapping[str, object]) -> None:
        path = self.path(repository, f"check-runs/{run.id}")
        about = f"report {run.name!r} in {repository!r}"
        self.api.replace(Anything, path, body, about=about)


def _name(gate: Gate) -> str:
    return f"{PREFIX}{gate.name}"


def _named(gates: Sequence[Gate], there: dict[str, CommitStatus] | dict[str, CheckRun]) -> bool:
    return any(_name(gate) in there for gate in gates)


def _said_otherwise() -> Compensation:
    return Compensation("kept", "They say something else now than we reported.")


def _status(gate: Gate, url: str) -> CommitStatus:
    said = _short(f"{_TITLES[gate.status]}: {gate.summary}")
    state = _STATES[gate.status]
    return CommitStatus(context=_name(gate), state=state, description=said, target_url=url)


def _run(gate: Gate, url: str) -> dict[str, object]:
    details = "\n".join(f"- {detail}" for detail in gate.details)
    text = f"{gate.summary}\n\n{details}".strip()[:MAX_SUMMARY_CHARACTERS]
    told: dict[str, object] = {
        "status": "completed",
        "conclusion": _CONCLUSIONS[gate.status],
        "output": {"title": _TITLES[gate.status], "summary": text},
    }
    return told | ({"details_url": url} if url else {})


def _says(run: CheckRun, wanted: dict[str, object]) -> bool:
    output = {"title": run.output.title, "summary": run.output.summary}
    same_link = wanted.get("details_url", run.details_url) == run.details_url
    return (run.conclusion, output) == (wanted["conclusion"], wanted["output"]) and same_link


def _short(text: str) -> str:
    line = " ".join(text.split())
    limit = MAX_DESCRIPTION_CHARACTERS
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
