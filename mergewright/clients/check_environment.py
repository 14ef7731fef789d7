"""What check commands run with, and the words for what cannot be installed."""

from collections.abc import Sequence
from pathlib import Path

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


def not_installable(said: str, source: str, manifests: Sequence[str]) -> SettingInvalid:
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
