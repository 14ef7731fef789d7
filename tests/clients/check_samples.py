"""Small real repositories and sandboxes for the tests of checks."""

import shutil
import subprocess
import zipfile

import pytest

from mergewright.clients.sandbox import Sandbox
from mergewright.domain.checks import SandboxLevel

needs_bwrap = pytest.mark.skipif(
    shutil.which("bwrap") is None, reason="bubblewrap (bwrap) is not installed on this host"
)


def git(folder, *arguments):
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        env={
            "PATH": "/usr/bin:/bin:/usr/local/bin",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_SYSTEM": "/dev/null",
            "GIT_AUTHOR_NAME": "A",
            "GIT_AUTHOR_EMAIL": "a@example.org",
            "GIT_COMMITTER_NAME": "A",
            "GIT_COMMITTER_EMAIL": "a@example.org",
        },
    )
    return done.stdout.strip()


def make_repository(folder):
    """Make a repository whose trees `write_tree` adds to; return where its objects are."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    return folder / ".git"


def commit_files(repository, files):
    """Make exactly these files the repository's next commit; return its commit and tree."""
    folder = repository.parent
    for entry in folder.iterdir():
        if entry.name != ".git":
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    for name, body in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(body)
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "Files")
    return git(folder, "rev-parse", "HEAD"), git(folder, "rev-parse", "HEAD^{tree}")


def any_sandbox():
    """Return the best sandbox that this host has a program for."""
    level = SandboxLevel.BUBBLEWRAP if shutil.which("bwrap") else SandboxLevel.LIMITS
    return Sandbox(level)


def make_wheel(folder, name, modules):
    """Write a wheel of one version with these modules."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    wheel = "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files = {**modules, f"{info}/METADATA": metadata, f"{info}/WHEEL": wheel}
    record = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        for path, body in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(path, body)
