"""What check commands run with, and the words for what cannot be installed."""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from mergewright.clients.sandbox import Bind, Sandbox
from mergewright.domain.value import Value
from mergewright.errors import SettingInvalid, StoreFailed
from mergewright.safety.redaction import redact

INSTALL_SECONDS = 1_200
INSTALL_MEMORY_BYTES = 4 << 30
POLICY_FILE = ".mergewright.yml"
_FAULTS = ("error: ", "error ", "npm error ", "npm err! ", "go: ")


class Environment(Value):
    """What the check commands run with."""

    python: Path
    binds: tuple[str, ...]
    """Folders that are shown to the commands, read-only."""
    variables: dict[str, str]
    summary: str
    """One line for the report."""
    modules: Path | None = None
    """Installed packages that each tree is to have as its `node_modules`."""


def make_folder(folder: Path) -> None:
    """Make a folder and its parents where they are missing.

    Raises:
        StoreFailed: That cannot be done.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreFailed(
            f"The folder {str(folder)!r} cannot be made: {error.strerror}.",
            hint="Check that the place may be written and has free space.",
        ) from error


def install(
    sandbox: Sandbox,
    argv: Sequence[str],
    *,
    home: Path,
    source: Path,
    binds: Iterable[str | Path],
    environment: Mapping[str, str],
    manifests: Sequence[str],
) -> None:
    """Run one step of an installation in the sandbox, with network; what failed is not kept.

    Args:
        sandbox: Where.
        argv: The installer's command.
        home: Folder of the environment: what the step may write.
        source: The base's tree, in which it runs.
        binds: What it may read besides.
        environment: Its variables.
        manifests: What it reads, for messages.

    Raises:
        SettingInvalid: The installer failed.
    """
    result = sandbox.run(
        argv,
        folder=source,
        binds=[Bind(home, writable=True), *(Bind(Path(path), writable=False) for path in binds)],
        environment=environment,
        timeout_seconds=INSTALL_SECONDS,
        network=True,
        memory_bytes=INSTALL_MEMORY_BYTES,
    )
    if result.exit_code != 0:
        shutil.rmtree(home, ignore_errors=True)
        raise _not_installable(f"{result.output}\n{result.stopped}", str(source), manifests)


def _not_installable(said: str, source: str, manifests: Sequence[str]) -> SettingInvalid:
    """Return the error that tells what an installer said at its end."""
    lines = redact(said.replace(f"{source}/", "")).strip().splitlines()
    end = "\n".join(lines[-15:])
    cause = next(
        (line for line in lines if line.lower().startswith(_FAULTS)), lines[-1] if lines else ""
    )
    return SettingInvalid(
        f"What {', '.join(manifests)} declares cannot be installed: "
        f"{cause.removeprefix('ERROR: ').rstrip('.')}.",
        hint=f"Mend the requirement or the access to the package index, or name commands that need "
        f"nothing installed under `checks:` in {POLICY_FILE}. The installer said at its end:\n{end}",
    )
