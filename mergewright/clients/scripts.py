"""Running a team's old script on a ticket: shut in, told of the ticket, and given nothing of ours.

The script is called with the ticket's key as its one argument, in a working copy of the repository.
What else it is told is in variables, and what it cost it may write to a file as `{"cost_usd": 0.42}`.
"""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from pydantic import ConfigDict, Field, ValidationError

from mergewright.clients.check_environment import Environment, make_folder
from mergewright.clients.check_output import keep_end, tidier
from mergewright.clients.junit import read_report
from mergewright.clients.sandbox import Bind, CommandResult, Sandbox
from mergewright.clients.script_copies import ScriptCopy
from mergewright.domain.ticket import Ticket
from mergewright.domain.value import Value
from mergewright.errors import SettingInvalid, StoreFailed
from mergewright.texts.tickets import ticket_text

MEMORY_BYTES = 4 << 30
GIT_SECONDS = 300.0
"""How long git may take in a working copy that a script has left."""
_COST_FILE, _TICKET_FILE, _TICKET_JSON = "cost.json", "ticket.md", "ticket.json"


class Cost(NamedTuple):
    """What a script says that it cost."""

    usd: Decimal | None = None
    fault: str = ""
    """Why what it says cannot be used."""


class _ToldCost(Value):
    """The file in which a script says what it cost; whatever else it says there is its own."""

    model_config = ConfigDict(extra="ignore")

    cost_usd: Decimal = Field(ge=0, lt=1_000_000)


@dataclass(frozen=True, slots=True)
class Script:
    """A team's old script, and what it is given."""

    path: Path
    time_limit_seconds: float
    may_read: tuple[Path, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Those that a person named; their values may be secrets."""
    network: bool = False


def find_script(name: str) -> Path:
    """Return an executable file.

    Raises:
        SettingInvalid: It is not there, is no file, or may not be executed.
    """
    path = Path(name)
    fault, hint = "", "Name the script's file, as in: --baseline ./old.sh"
    if not path.exists():
        fault = "there is no such file"
    elif not path.is_file():
        fault = "it is no file"
    elif not os.access(path, os.X_OK):
        fault, hint = "it is not executable", f"Make it executable: chmod +x {path}"
    if fault:
        raise SettingInvalid(f"The old script {name!r} cannot be run: {fault}.", hint=hint)
    return path.resolve()


class ScriptPlace:
    """Where a script works: a copy of the repository, and beside it what it is told and tells.

    Args:
        folder: Folder for what it is told and tells.
        copy: The working copy.
        sandbox: Where it runs.
        environment: What the repository's checks run with; the script has it as well.
    """

    def __init__(
        self, folder: Path, copy: ScriptCopy, sandbox: Sandbox, environment: Environment
    ) -> None:
        self._told = folder / "told"
        self._tells = folder / "tells"
        self._copy = copy
        self._sandbox = sandbox
        self._environment = environment

    def run(self, script: Script, ticket: Ticket, *, base: str) -> CommandResult:
        """Run a script on a ticket; whatever comes of it is a result.

        Args:
            script: The script.
            ticket: What is asked for.
            base: Name of the branch that it begins from.

        Raises:
            SandboxUnavailable: The sandbox could not be set up.
            StoreFailed: The disk cannot be written.
        """
        self._tell(ticket)
        told = {
            "MERGEWRIGHT_TICKET_KEY": ticket.key,
            "MERGEWRIGHT_TICKET_FILE": str(self._told / _TICKET_FILE),
            "MERGEWRIGHT_TICKET_JSON": str(self._told / _TICKET_JSON),
            "MERGEWRIGHT_BASE": base,
            "MERGEWRIGHT_COST_FILE": str(self._tells / _COST_FILE),
        }
        readable = [script.path, *script.may_read, self._told]
        result = self._sandbox.run(
            [str(script.path), ticket.key],
            folder=self._copy.folder,
            binds=[*self._binds(), *(Bind(path, writable=False) for path in readable)],
            environment={**self._environment.variables, **script.variables, **told},
            timeout_seconds=script.time_limit_seconds,
            network=script.network,
            memory_bytes=MEMORY_BYTES,
        )
        tidy = tidier(self._copy.folder)
        return result.model_copy(update={"output": keep_end(tidy(result.output))})

    def look(self, argv: Sequence[str]) -> CommandResult:
        """Run a command in what the script has left, shut in as the script was, without network.

        Raises:
            SandboxUnavailable: The sandbox could not be set up.
        """
        return self._sandbox.run(
            argv, folder=self._copy.folder, binds=self._binds(), timeout_seconds=GIT_SECONDS
        )

    def read_cost(self) -> Cost:
        """Return what the script says that it cost."""
        file = self._tells / _COST_FILE
        if not file.exists():
            return Cost()
        text = read_report(file)
        try:
            return Cost(_ToldCost.model_validate(json.loads(text or "")).cost_usd)
        except (ValueError, ValidationError):
            return Cost(fault='it wrote no cost in the form {"cost_usd": 0.42}')

    def _tell(self, ticket: Ticket) -> None:
        for folder in (self._told, self._tells):
            shutil.rmtree(folder, ignore_errors=True)
            make_folder(folder)
        try:
            (self._told / _TICKET_FILE).write_text(ticket_text(ticket), encoding="utf-8")
            (self._told / _TICKET_JSON).write_text(
                ticket.model_dump_json(indent=2), encoding="utf-8"
            )
        except OSError as error:
            raise StoreFailed(
                f"The folder {str(self._told)!r} cannot be written: {error.strerror}.",
                hint="Free space on the disk, or check who owns the folder.",
            ) from error

    def _binds(self) -> list[Bind]:
        shown = [Bind(Path(path), writable=False) for path in self._environment.binds]
        writable = (self._copy.origin, self._tells)
        return [*shown, *(Bind(path, writable=True) for path in writable)]
