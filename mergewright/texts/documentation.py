"""What is said about a repository's documentation: to people, and to the agent that corrects it."""

from mergewright.domain.documentation import (
    DocumentationFault,
    DocumentationFinding,
    DocumentationState,
)
from mergewright.domain.plan import Plan, PlannedFile
from mergewright.domain.ticket import Ticket, TicketKind
from mergewright.texts.facts import public_address
from mergewright.texts.templates import count, render

MAX_TOLD = 60
"""So many findings one run is to mend; the next one finds what is left."""
MAX_API_TOLD = 80
_DIGITS = 7


def documentation_state(repository: str, state: DocumentationState) -> str:
    """Return what is known of the documentation, as a person reads it before anything is written."""
    return render("documentation", repository=public_address(repository), state=state)


def documentation_ticket(
    repository: str, commit: str, state: DocumentationState | None, *, prefix: str = "DOCS"
) -> Ticket:
    """Return the ticket that a run without one works on: one for each commit of a repository.

    Args:
        repository: Path or URL.
        commit: Base of the work.
        state: What was found; None before anybody looked.
        prefix: What its key begins with.
    """
    name = public_address(repository).rstrip("/").rpartition("/")[2].removesuffix(".git")
    findings = state.findings[:MAX_TOLD] if state else ()
    return Ticket(
        key=f"{prefix}-{int(commit[:_DIGITS], 16)}",
        title=f"Bring the documentation of {name or 'the repository'} up to date"[:300],
        description=_description(state) if state else "",
        kind=TicketKind.DOCUMENTATION,
        acceptance_criteria=tuple(finding.told() for finding in findings),
    )


def documentation_plan(state: DocumentationState, *, in_code: bool = False) -> Plan:
    """Return what is going to be done about findings.

    Args:
        state: With at least one finding.
        in_code: Whether names are explained where they are, and not in documents.
    """
    findings = state.findings[:MAX_TOLD]
    documents = dict.fromkeys(
        finding.path
        for finding in findings
        if in_code or finding.fault != DocumentationFault.UNDOCUMENTED
    )
    files = [PlannedFile(path=path, action="edit", why=_why(path, findings)) for path in documents]
    if len(documents) < len({finding.path for finding in findings}) or not files:
        main = state.documents[0] if state.documents else "README.md"
        files += [
            PlannedFile(
                path=main,
                action="edit" if state.documents else "create",
                why="Or the document that fits best: new names are explained nowhere.",
            )
        ]
    return Plan(
        summary=f"Correct {count(len(findings), 'place')} of the documentation that are not true.",
        steps=tuple(finding.told() for finding in findings),
        files=tuple(files),
        acceptance_criteria=("Every link, name and code block of the documents holds.",),
        test_plan=("Links, names, code blocks and style of the documents are checked again.",),
    )


def findings_told(title: str, findings: tuple[DocumentationFinding, ...]) -> str:
    """Say findings to an agent, one to a line; nothing of none."""
    if not findings:
        return ""
    lines = [f"- {finding.told()}" for finding in findings[:MAX_TOLD]]
    if len(findings) > MAX_TOLD:
        lines.append(f"- … and {len(findings) - MAX_TOLD} more")
    return "\n".join([f"{title}:", *lines])


def changes_told(state: DocumentationState) -> str:
    """Say to an agent what has changed in the code since the documentation was last true."""
    lines = [f"Commits since {state.documented_commit[:12] or 'the beginning'}:"]
    lines += [f"- {subject}" for subject in state.subjects]
    lines.append("Public names:")
    for change in state.api[:MAX_API_TOLD]:
        told = {"added": change.after, "removed": change.before}.get(
            change.action, f"{change.before} -> {change.after}"
        )
        lines.append(f"- {change.action} {change.path}: {change.name}: {told}")
    return "\n".join(lines)


def _description(state: DocumentationState) -> str:
    since = state.documented_commit[:12]
    told = (
        f"The documentation was last true at {since}; {count(state.commits_since, 'commit')} came since."
        if since
        else "No commit is known at which the documentation was true."
    )
    findings = findings_told("What is not true", state.findings)
    return f"{told}\n\n{findings}".strip()


def _why(path: str, findings: tuple[DocumentationFinding, ...]) -> str:
    faults = [finding.fault.value for finding in findings if finding.path == path]
    return ", ".join(dict.fromkeys(faults))
