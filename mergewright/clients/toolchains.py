"""Programs of other languages that lie outside the system's folders, shown to check commands as they are.

Only the folders with the programs are shown, never the home folder that they may lie in: there are
credentials beside them.
"""

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from mergewright.clients.bubblewrap import SYSTEM_PATH, is_system

PROGRAMS = {
    "node": ("node", "pnpm", "yarn", "bun"),
    "go": ("go",),
    "rust": ("cargo",),
    "java": ("java", "mvn", "gradle"),
    "ruby": ("ruby",),
    "php": ("php",),
}
"""Programs by the ecosystem of the manifests that ask for them."""
OFFLINE = {"CARGO_NET_OFFLINE": "true", "GOPROXY": "off", "npm_config_offline": "true"}
"""What keeps programs from asking a network that checks have not."""
# Debian's Java and Maven link here; Maven's settings, which may hold passwords, are left out.
_CONFIGURATION = ("java-*-openjdk", "maven/m2.conf", "maven/logging")


class Toolchains(NamedTuple):
    """What the programs need to be found and to start."""

    binds: tuple[Path, ...]
    path: str
    """Folders of programs, as `PATH` has them; those of the system last."""
    variables: dict[str, str]


@cache
def find_toolchains(ecosystems: frozenset[str]) -> Toolchains:
    """Return the programs of some ecosystems that are found on this host's `PATH`.

    Only those: each place that is shown costs every command a millisecond.
    """
    names = _CONFIGURATION if "java" in ecosystems else ()
    configured = [place for name in names for place in sorted(Path("/etc").glob(name))]
    binds: dict[Path, None] = dict.fromkeys(configured)
    folders: dict[Path, None] = {}
    variables: dict[str, str] = {}
    for program in (each for name in sorted(ecosystems) for each in PROGRAMS.get(name, ())):
        found = shutil.which(program)
        if found is None or is_system(Path(found).resolve()):
            continue
        folders[Path(found).parent] = None
        binds |= dict.fromkeys(_folders(Path(found)))
        if Path(found).resolve().name == "rustup":
            rustup = Path.home() / ".rustup"
            binds[rustup] = None
            variables["RUSTUP_HOME"] = str(rustup)
    path = ":".join([*map(str, folders), SYSTEM_PATH])
    return Toolchains(tuple(place for place in binds if place.exists()), path, variables)


def _folders(program: Path) -> Iterator[Path]:
    """Yield the folder of a program, and the installation that it is a part of."""
    yield program.parent
    real, home = program.resolve(), Path.home()
    whole = real.parent.parent
    is_shared = home.is_relative_to(whole) or whole in (home / ".local", home / ".cargo")
    yield real.parent if real.parent.name != "bin" or is_shared else whole
