"""The command line of bubblewrap that shuts a command in.

What the command sees is built from nothing: system folders read-only, the folder it works on,
and what its caller binds. It has its own processes, network, host name, home and user.

For a caller who is root that is not enough: bubblewrap maps root to another user inside, but to
the kernel the owner of `/proc/sys` is still the one who calls, capabilities or not. So everything
in `/proc` that its owner may write is bound read-only.
Source: bubblewrap 0.8 covers only folders that `access(2)` calls writable (SETUP_MOUNT_PROC in
bubblewrap.c), and `/proc/sys` is not one; seen on Linux 6.18, 2026-11-20.
"""

import os
import stat
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

HOME = "/home/sandbox"
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"
_SYSTEM_FOLDERS = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
# Only what programs need to start and to check certificates: no keys, no configuration of services.
_ETC = (
    "alternatives",
    "ca-certificates",
    "crypto-policies",
    "group",
    "hosts",
    "ld.so.cache",
    "localtime",
    "nsswitch.conf",
    "passwd",
    "pki/ca-trust/extracted",
    "pki/tls/certs",
    "protocols",
    "services",
    "ssl/cert.pem",
    "ssl/certs",
    "ssl/openssl.cnf",
)
_UNPRIVILEGED = 65_534


class Bind(NamedTuple):
    """A path of this host that a command sees at the same place."""

    path: Path
    writable: bool


def interpreter_folders() -> tuple[Path, ...]:
    """Return the folders outside the system's that this Python needs to start elsewhere."""
    executable = Path(sys.executable)
    found = [Path(sys.prefix), Path(sys.base_prefix), executable.resolve().parent.parent]
    found += [folder.resolve() for folder in found]
    return tuple(dict.fromkeys(folder for folder in found if not is_system(folder)))


def shut_in(
    bwrap: str,
    argv: Sequence[str],
    *,
    folder: Path,
    binds: Iterable[Bind] = (),
    network: bool = False,
    memory_bytes: int,
) -> list[str]:
    """Return the command line that runs `argv` in `folder`, shut in.

    The environment is what the caller of this command line passes on: nothing is put into the
    arguments, which every user of the host can read.

    Args:
        bwrap: Path of the bubblewrap program.
        argv: The command.
        folder: The one folder of the host that it may change, at its own path.
        binds: What else of the host it sees.
        network: Whether it shares the host's network.
        memory_bytes: Limit of each of its folders in memory.
    """
    can_size, can_forbid_users = _features(bwrap)
    size = ("--size", str(memory_bytes)) if can_size else ()
    arguments = [bwrap, *_isolation(network=network)]
    if can_forbid_users:
        arguments.append("--disable-userns")
    arguments += [*_system(), *_etc(network=network), "--proc", "/proc", *_proc_covers()]
    arguments += ["--dev", "/dev"]
    for place in ("/dev/shm", "/tmp", HOME):  # noqa: S108 - inside these are new and private
        arguments += [*size, "--tmpfs", place]
    arguments += _bound([*binds, Bind(folder, writable=True)])
    return [*arguments, "--remount-ro", "/", "--chdir", str(folder), "--", *argv]


def _isolation(*, network: bool) -> list[str]:
    user, group = (
        (_UNPRIVILEGED, _UNPRIVILEGED) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
    )
    arguments = ["--unshare-all", "--unshare-user", "--uid", str(user), "--gid", str(group)]
    arguments += ["--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    arguments += ["--hostname", "sandbox"]
    return [*arguments, "--share-net"] if network else arguments


@cache
def _features(bwrap: str) -> tuple[bool, bool]:
    """Ask which of the newer options there are: `--size` and `--disable-userns`."""
    shown = subprocess.run(  # noqa: S603 - a program found on PATH, with one fixed argument
        [bwrap, "--help"], capture_output=True, text=True, timeout=10, check=False
    )
    options = shown.stdout + shown.stderr
    return "--size" in options, "--disable-userns" in options


@cache
def _system() -> tuple[str, ...]:
    arguments: list[str] = []
    for name in _SYSTEM_FOLDERS:
        folder = Path(name)
        if folder.is_symlink():
            arguments += ["--symlink", str(folder.readlink()), name]
        elif folder.is_dir():
            arguments += ["--ro-bind", name, name]
    return tuple(arguments)


def _etc(*, network: bool) -> list[str]:
    names = (*_ETC, "resolv.conf") if network else _ETC
    present = [path for path in (f"/etc/{name}" for name in names) if Path(path).exists()]
    return [argument for path in present for argument in ("--ro-bind", path, path)]


@cache
def _proc_covers() -> tuple[str, ...]:
    """Bind read-only each entry of `/proc`, but for processes, with something its owner may write.

    Each mount costs a millisecond, so what nobody may write is left alone.
    """
    arguments: list[str] = []
    for entry in sorted(Path("/proc").iterdir()):
        if entry.name.isdigit() or entry.is_symlink():
            continue
        if any(_is_owners_to_write(path) for path in _files(entry)):
            arguments += ["--ro-bind", str(entry), str(entry)]
    return tuple(arguments)


def _files(entry: Path) -> Iterator[Path]:
    if not entry.is_dir():
        yield entry
    for place, _, names in os.walk(entry):
        yield from (Path(place, name) for name in names)


def _is_owners_to_write(path: Path) -> bool:
    try:
        mode = path.lstat().st_mode
    except OSError:
        return False
    return stat.S_ISREG(mode) and bool(mode & stat.S_IWUSR)


def _bound(binds: Iterable[Bind]) -> list[str]:
    """Bind parents before what lies in them; what is asked for twice is as writable as it may be."""
    wanted: dict[Path, bool] = {}
    for path, writable in binds:
        wanted[path] = writable or wanted.get(path, False)
    arguments: list[str] = []
    for path in sorted(wanted, key=lambda path: len(path.parts)):
        arguments += ["--bind" if wanted[path] else "--ro-bind", str(path), str(path)]
    return arguments


def is_system(folder: Path) -> bool:
    """Say whether a folder lies in those of the system, which every command sees."""
    return any(folder.is_relative_to(name) for name in _SYSTEM_FOLDERS)
