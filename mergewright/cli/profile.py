"""Delivery profiles on the command line: made, kept as files, applied, shown and tried."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter
from rich.console import Console
from rich.text import Text

from mergewright.cli.engine import prefect_engine
from mergewright.cli.exit_codes import OK
from mergewright.cli.file_watch import changes_of
from mergewright.cli.formats import plain
from mergewright.cli.output import human_console, print_error, print_json, print_text
from mergewright.errors import MergewrightError, ServiceError, SettingInvalid

if TYPE_CHECKING:
    from blocks.profile_changes import Change
    from blocks.profile_checks import ServiceFinding

app = App(name="profile", help="Make, apply, show and try delivery profiles.")
app.command("mergewright.cli.profile_new:new", name="new", help="Make a profile and try it.")
STYLES = {"created": "green", "changed": "yellow", "unchanged": "dim"}


@app.command
def apply(
    file: Path,
    /,
    *,
    plan: Annotated[bool, Parameter(negative="")] = False,
    watch: Annotated[bool, Parameter(negative="")] = False,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Bring a profile to what a YAML file says; what is so already is left as it is.

    Args:
        file: The file; secrets in it are references, as vault://mount/path#field.
        plan: Only show what would change.
        watch: Apply the file again whenever it changes, until Ctrl-C.
        json: Print what was changed as JSON.
    """
    if watch and (plan or json):
        raise SettingInvalid("--watch goes with neither --plan nor --json.", hint="Leave it out.")
    console = human_console(as_json=json)
    with prefect_engine(console):
        changes = _bring(file, plan=plan) if not watch else ()
        if watch:
            return _keep_applying(console, file)
    if json:
        print_json({"planned": plan, "blocks": [_change_document(one) for one in changes]})
    else:
        print_changes(console, changes, planned=plan)
    return OK


@app.command
def export(name: str, /) -> int:
    """Print a profile as YAML; a secret that is no reference is masked.

    Args:
        name: Name of the profile.
    """
    with prefect_engine(human_console(as_json=True)):
        from blocks.profile_changes import export_profile  # noqa: PLC0415 - imports Prefect

        text, masked = export_profile(name)
    print_text(text)
    if masked:
        note = f"Masked, to be replaced by a reference before it is applied: {', '.join(masked)}"
        human_console(as_json=True).print(Text(note, style="yellow"), soft_wrap=True)
    return OK


@app.command(name="list")
def list_profiles(*, json: Annotated[bool, Parameter(negative="")] = False) -> int:
    """List the profiles that are saved, and which services each names.

    Args:
        json: Print them as JSON.
    """
    console = human_console(as_json=json)
    with prefect_engine(console):
        from blocks.profile_changes import known_profiles  # noqa: PLC0415 - imports Prefect

        known = known_profiles()
    if json:
        rows: list[dict[str, Any]] = [
            {
                "name": one.name,
                "services": one.services,
                "updated_at": one.updated_at and one.updated_at.astimezone(UTC).isoformat(),
                "problem": one.problem,
            }
            for one in known
        ]
        print_json({"profiles": rows})
        return OK
    for one in known:
        services = [name.removeprefix("mergewright-") for name in one.services]
        line = Text.assemble((one.name, "bold"), "  ", plain(", ".join(services) or one.problem))
        if isinstance(one.updated_at, datetime):
            line.append(f"  {one.updated_at.astimezone():%Y-%m-%d %H:%M}", style="dim")
        console.print(line, soft_wrap=True)
    if not known:
        console.print("No profile is saved; `local` is made at its first use.")
    return OK


@app.command
def check(name: str, /, *, json: Annotated[bool, Parameter(negative="")] = False) -> int:
    """Ask each service of a profile who we are there; exit 8 where one does not answer well.

    Args:
        name: Name of the profile.
        json: Print what they said as JSON.
    """
    console = human_console(as_json=json)
    with prefect_engine(console):
        from blocks.profile_changes import require_profile  # noqa: PLC0415 - imports Prefect

        findings = require_profile(name).check()
    if json:
        print_json({"profile": name, "checks": [one.model_dump(mode="json") for one in findings]})
    else:
        print_findings(console, findings)
    return OK if all(one.is_well for one in findings) else ServiceError.exit_code


def print_findings(console: Console, findings: Sequence["ServiceFinding"]) -> None:
    """Show what each service said."""
    for one in findings:
        mark = ("ok  ", "green") if one.is_well else ("FAIL", "bold red")
        said = " at ".join(part for part in (one.account, one.place) if part) or one.problem
        line = Text.assemble(mark, "  ", (one.part, "bold"), f" ({one.kind}): {plain(said)}")
        console.print(line, soft_wrap=True)
        for missing in one.missing:
            console.print(Text(f"      missing: {plain(missing)}", style="yellow"), soft_wrap=True)
        if one.hint:
            console.print(Text(f"      → {plain(one.hint)}", style="bold"), soft_wrap=True)


def print_changes(console: Console, changes: Sequence["Change"], *, planned: bool = False) -> None:
    """Show what was changed, or would be."""
    for one in changes:
        would = "would be " if planned and one.outcome != "unchanged" else ""
        line = Text.assemble((f"{would}{one.outcome}", STYLES[one.outcome]), f"  {one.name}")
        console.print(line, soft_wrap=True)
        for field, before, after in one.differences:
            change = f"{plain(before) or '(default)'} → {plain(after) or '(default)'}"
            console.print(Text(f"    {field}: {change}"), soft_wrap=True)


def _bring(file: Path, *, plan: bool) -> "tuple[Change, ...]":
    from blocks.profile_changes import apply_profile, plan_profile  # noqa: PLC0415 - imports Prefect
    from blocks.profile_files import read_profile  # noqa: PLC0415 - as above

    read = read_profile(file)
    return plan_profile(read) if plan else apply_profile(read)


def _keep_applying(console: Console, file: Path) -> int:
    console.print(Text(f"Watching {str(file)!r}; Ctrl-C ends it."), soft_wrap=True)
    try:
        for _ in changes_of(file):
            try:
                print_changes(console, _bring(file, plan=False))
            except MergewrightError as error:
                print_error(error, as_json=False)
                console.print("Nothing was changed; waiting for the next change.", style="dim")
    except KeyboardInterrupt:
        console.print("Not watched any more.")
    return OK


def _change_document(change: "Change") -> dict[str, Any]:
    return {
        "name": change.name,
        "outcome": change.outcome,
        "differences": [one._asdict() for one in change.differences],
    }
