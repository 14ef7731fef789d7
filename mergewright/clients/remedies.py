"""What a person does on this host so that bubblewrap works."""

import shutil
import sys
from pathlib import Path


def remedy(said: str, *, root: Path = Path("/")) -> str:
    """Return the one line that makes bubblewrap work here.

    Source: https://github.com/containers/bubblewrap/issues/632 (AppArmor on Ubuntu from 23.10 on)
    and /505 (masked `/proc` in containers), read 2026-11-20.

    Args:
        said: What bubblewrap said when it was tried; empty when it is not there.
        root: Where this host's `/proc` and `/run` are.
    """
    if sys.platform != "linux":
        return "Run Mergewright in a Linux container or virtual machine that has bubblewrap."
    if not said:
        return _install_line()
    settings = {
        "kernel/apparmor_restrict_unprivileged_userns": ("1", "0"),
        "kernel/unprivileged_userns_clone": ("0", "1"),
        "user/max_user_namespaces": ("0", "15000"),
    }
    for name, (bad, good) in settings.items():
        file = root / "proc/sys" / name
        if file.is_file() and file.read_text().strip() == bad:
            return f"`sudo sysctl -w {name.replace('/', '.')}={good}`"
    if any((root / mark).exists() for mark in (".dockerenv", "run/.containerenv")):
        return (
            "Start the container with `--security-opt seccomp=unconfined --security-opt "
            "apparmor=unconfined --security-opt systempaths=unconfined`."
        )
    return "Allow user namespaces for `bwrap` on this host (kernel, AppArmor or SELinux policy)."


def _install_line() -> str:
    tools = {
        "apt-get": "sudo apt-get install bubblewrap",
        "dnf": "sudo dnf install bubblewrap",
        "pacman": "sudo pacman -S bubblewrap",
        "zypper": "sudo zypper install bubblewrap",
        "apk": "sudo apk add bubblewrap",
    }
    line = next((line for tool, line in tools.items() if shutil.which(tool)), "")
    return f"`{line}`" if line else "Install the package `bubblewrap` of this system."
