"""Packages of other languages than Python: installed once per content of what declares and locks them.

As with Python: from the base commit, in the sandbox, with network, without home, and without scripts of
the packages where the installer can leave them out. Checks see what was installed, read-only.
"""

import hashlib
import json
import platform
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from mergewright.clients.check_environment import (
    INSTALL_SECONDS,
    Environment,
    install,
    make_folder,
)
from mergewright.clients.locks import file_lock
from mergewright.clients.sandbox import Sandbox
from mergewright.clients.toolchains import find_toolchains
from mergewright.clients.trees import export_tree, read_blob, tree_of
from mergewright.domain.codebase import Codebase

_SCHEME = 1
_DIGEST_CHARACTERS = 16
_MODULES = "node_modules"


class Installer(NamedTuple):
    """How one package manager installs what a lock file, or a manifest, names."""

    ecosystem: str
    lock: str
    """The file that decides that it is this one."""
    files: tuple[str, ...]
    """All files whose content decides what is installed."""
    argv: tuple[str, ...]
    programs: frozenset[str]
    """Programs of check commands that need the packages."""
    variables: Mapping[str, str] = {}
    """Where it puts them; `{home}` stands for the folder of the environment."""

    @property
    def makes_modules(self) -> bool:
        """Whether the packages lie in the tree's own `node_modules`."""
        return self.ecosystem == "node"


_NODE = frozenset(
    {"npm", "npx", "pnpm", "yarn", "node", "jest", "vitest", "mocha", "eslint", "tsc"}
)
_QUIET = ("--ignore-scripts", "--no-audit", "--no-fund")
_NODE_FILES = ("package.json", ".npmrc")
INSTALLERS = (
    Installer(
        "node",
        "pnpm-lock.yaml",
        (*_NODE_FILES, "pnpm-lock.yaml"),
        ("pnpm", "install", "--frozen-lockfile", "--ignore-scripts"),
        _NODE,
    ),
    Installer(
        "node",
        "yarn.lock",
        (*_NODE_FILES, "yarn.lock", ".yarnrc.yml"),
        ("yarn", "install", "--frozen-lockfile", "--ignore-scripts"),
        _NODE,
    ),
    Installer(
        "node",
        "package-lock.json",
        (*_NODE_FILES, "package-lock.json"),
        ("npm", "ci", *_QUIET),
        _NODE,
        {"npm_config_cache": "{home}/scratch/npm"},
    ),
    Installer(
        "node",
        "package.json",
        _NODE_FILES,
        ("npm", "install", "--no-package-lock", *_QUIET),
        _NODE,
        {"npm_config_cache": "{home}/scratch/npm"},
    ),
    Installer(
        "rust",
        "Cargo.toml",
        ("Cargo.toml", "Cargo.lock"),
        ("cargo", "fetch"),
        frozenset({"cargo"}),
        {"CARGO_HOME": "{home}/cargo"},
    ),
    Installer(
        "go",
        "go.mod",
        ("go.mod", "go.sum"),
        ("go", "mod", "download"),
        frozenset({"go"}),
        {"GOMODCACHE": "{home}/modules", "GOFLAGS": "-modcacherw"},
    ),
)
"""In the order in which they are asked: the first of an ecosystem whose file is there installs."""


def chosen_installers(codebase: Codebase) -> Iterator[Installer]:
    """Yield the installers of what check commands need and manifests at the root declare."""
    programs = {command.argv[0] for command in codebase.commands if command.argv}
    declared = {
        manifest.ecosystem
        for manifest in codebase.manifests
        if manifest.dependencies and "/" not in manifest.path
    }
    for installer in INSTALLERS:
        if installer.ecosystem in declared and programs & installer.programs:
            yield installer


class PackageShop:
    """Builds what installers install, and finds it again.

    Args:
        mirror: Repository that holds the base commit.
        folder: Where environments are kept.
        sandbox: Where the installer runs.
        given: Variables that it needs to reach its index.
    """

    def __init__(
        self, mirror: Path, folder: Path, sandbox: Sandbox, given: Mapping[str, str]
    ) -> None:
        self._mirror = mirror
        self._folder = folder
        self._sandbox = sandbox
        self._given = {
            name: value for name, value in given.items() if not name.startswith(("PIP_", "UV_"))
        }

    def extend(
        self, environment: Environment, codebase: Codebase, installer: Installer
    ) -> Environment:
        """Return an environment with an installer's packages, installed if nobody has.

        It stays as it is where the installer's file or program is not there, or another installer of
        the ecosystem was before.

        Raises:
            SettingInvalid: What the repository declares cannot be installed.
            SandboxUnavailable: The sandbox could not be set up.
            ServiceUnavailable: Another process has been building it for too long.
            NotFound: The mirror does not have the commit.
            StoreFailed: The folder cannot be written.
        """
        declared = self._read(codebase.commit, installer)
        toolchains = find_toolchains(frozenset({installer.ecosystem}))
        is_there = shutil.which(installer.argv[0], path=toolchains.path) is not None
        is_done = installer.makes_modules and environment.modules is not None
        if installer.lock not in declared or not is_there or is_done:
            return environment
        home = self._folder / _digest(installer, declared)
        make_folder(self._folder)
        with file_lock(self._folder / f"{home.name}.lock", timeout_seconds=INSTALL_SECONDS):
            ready = home / "ready.json"
            if not ready.is_file():
                self._build(codebase.commit, home, installer, sorted(declared))
                ready.write_text(json.dumps({"manifests": sorted(declared)}))
        return environment.model_copy(
            update={
                "binds": (*environment.binds, str(home)),
                "variables": {**environment.variables, **_variables(installer, home)},
                "modules": home / _MODULES if installer.makes_modules else environment.modules,
                "summary": f"{environment.summary}; what {', '.join(sorted(declared))} declare",
            }
        )

    def _read(self, commit: str, installer: Installer) -> dict[str, bytes]:
        bodies = {path: read_blob(self._mirror, commit, path) for path in installer.files}
        return {path: body for path, body in bodies.items() if body is not None}

    def _build(self, commit: str, home: Path, installer: Installer, files: list[str]) -> None:
        shutil.rmtree(home, ignore_errors=True)
        source, scratch = home / "source", home / "scratch"
        make_folder(scratch)
        export_tree(self._mirror, tree_of(self._mirror, commit), source)
        toolchains = find_toolchains(frozenset({installer.ecosystem}))
        variables = {**self._given, **toolchains.variables, **_variables(installer, home)}
        install(
            self._sandbox,
            installer.argv,
            home=home,
            source=source,
            binds=toolchains.binds,
            environment={**variables, "PATH": toolchains.path, "TMPDIR": str(scratch)},
            manifests=files,
        )
        made = source / _MODULES
        if installer.makes_modules and made.is_dir():
            made.rename(home / _MODULES)
        for folder in (source, scratch):
            shutil.rmtree(folder, ignore_errors=True)


def link_modules(modules: Path, tree: Path) -> None:
    """Give a tree the packages that were installed, as links, without changing what it has itself.

    Links between the packages of one repository are made anew, so that they lead into this tree.
    """
    folder = tree / _MODULES
    if folder.exists() or folder.is_symlink() or not modules.is_dir():
        return
    for package in _packages(modules):
        place = folder / package.relative_to(modules)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(package.readlink() if package.is_symlink() else package)


def _packages(modules: Path) -> Iterator[Path]:
    """Yield the packages, those of a scope one by one."""
    for entry in sorted(modules.iterdir()):
        if entry.name.startswith("@") and not entry.is_symlink():
            yield from sorted(entry.iterdir())
        else:
            yield entry


def _variables(installer: Installer, home: Path) -> dict[str, str]:
    return {name: value.format(home=home) for name, value in installer.variables.items()}


def _digest(installer: Installer, declared: Mapping[str, bytes]) -> str:
    facts = [_SCHEME, installer.argv, platform.machine(), sorted(declared)]
    digest = hashlib.sha256(json.dumps(facts).encode())
    for path in sorted(declared):
        digest.update(len(declared[path]).to_bytes(8) + declared[path])
    return digest.hexdigest()[:_DIGEST_CHARACTERS]
