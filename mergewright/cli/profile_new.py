"""Making a delivery profile: asked for or given, tried, and only then saved."""

from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from mergewright.cli.engine import prefect_engine
from mergewright.cli.exit_codes import OK
from mergewright.cli.output import human_console
from mergewright.cli.profile_questions import Questions, ask_profile
from mergewright.cli.watch import can_ask
from mergewright.errors import ServiceError, SettingInvalid

if TYPE_CHECKING:
    from blocks.profile_files import ProfileFile

DEFAULT_NAME = "team"


def new(
    name: str = "",
    /,
    *,
    source: Annotated[Path | None, Parameter(name="--from")] = None,
    fields: Annotated[tuple[str, ...], Parameter(name="--set")] = (),
    replace: Annotated[bool, Parameter(negative="")] = False,
    unchecked: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Make a profile: ask for what is needed, try each service, and save it.

    With --from or --set nothing is asked: a service that does not answer well then ends it with 8,
    and nothing is saved.

    Args:
        name: Name of the profile; `team` if neither it nor the file says one.
        source: Take it from this YAML file.
        fields: Set a field, as tracker.type=mergewright-jira-project; may be given several times.
        replace: Replace a profile of this name.
        unchecked: Save it without trying it.
    """
    console = human_console()
    is_asked = source is None and not fields
    _check_options(console, source=source, fields=fields)
    with prefect_engine(console):
        from blocks.profile_changes import (  # noqa: PLC0415 - imports Prefect
            apply_profile,
            known_profiles,
        )
        from blocks.profile_files import read_profile  # noqa: PLC0415 - as above

        if is_asked:
            _refuse_taken(name or DEFAULT_NAME, replace=replace, known=known_profiles())
            file = ask_profile(console, name or DEFAULT_NAME)
        else:
            file = read_profile(source, name=name) if source else _from_fields(fields, name)
            _refuse_taken(file.name, replace=replace, known=known_profiles())
        if not unchecked and not _is_wanted(console, file, ask=is_asked):
            console.print("Nothing is saved.", style="red")
            return ServiceError.exit_code
        apply_profile(file)
    console.print(f"Saved. Use it: mergewright run ... --profile {file.name}", soft_wrap=True)
    return OK


def _check_options(console: Console, *, source: Path | None, fields: tuple[str, ...]) -> None:
    if source is not None and fields:
        raise SettingInvalid("--from goes with no --set.", hint="Write the field into the file.")
    if source is None and not fields and not can_ask(console):
        raise SettingInvalid(
            "There is no terminal to ask at.",
            hint="Give --from FILE, or --set FIELD=VALUE for each field; "
            "or use: mergewright profile apply FILE",
        )


def _refuse_taken(name: str, *, replace: bool, known: tuple[Any, ...]) -> None:
    if not replace and name in {one.name for one in known}:
        raise SettingInvalid(
            f"There is a profile {name!r} already.",
            hint="Give another name, --replace, or change it with `mergewright profile apply`.",
        )


def _is_wanted(console: Console, file: "ProfileFile", *, ask: bool) -> bool:
    from blocks.profile_changes import check_file  # noqa: PLC0415 - imports Prefect
    from mergewright.cli.profile import print_findings  # noqa: PLC0415 - it names this module

    findings = check_file(file)
    print_findings(console, findings)
    if all(one.is_well for one in findings):
        return True
    return ask and Questions(console).yes("Save it all the same?", default=False)


def _from_fields(fields: tuple[str, ...], name: str) -> "ProfileFile":
    """Read `tracker.project=SHOP` and its like as the file that they would be.

    Raises:
        SettingInvalid: One of them is no field with a value, or something in it is wrong.
    """
    from blocks.profile_files import parse_profile  # noqa: PLC0415 - imports Prefect

    document: dict[str, Any] = {}
    for field in fields:
        path, mark, text = field.partition("=")
        *above, last = path.split(".")
        node: Any = document
        for part in above:
            node = node.setdefault(part, {}) if isinstance(node, dict) else None
        if not mark or not isinstance(node, dict):
            raise SettingInvalid(
                f"--set {path!r} is no field.", hint="Write it as tracker.project=SHOP."
            )
        node[last] = _value(text, path)
    text_file = StringIO()
    YAML().dump(document, text_file)
    return parse_profile(text_file.getvalue(), source="--set", name=name, default_name=DEFAULT_NAME)


def _value(text: str, path: str) -> object:
    # `#` begins a comment of YAML, and the field of a secret.
    if "://" in text:
        return text
    try:
        return YAML(typ="safe", pure=True).load(text)
    except (YAMLError, ValueError):
        raise SettingInvalid(f"--set {path!r}: its value is not YAML.", hint="Quote it.") from None
