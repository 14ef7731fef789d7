"""What a repository's checks need to be there: this interpreter, or one with its dependencies.

Dependencies are installed once per content of the manifests, from the base commit, in a step of
its own: in the sandbox, with network, without home and without secrets but those that the package
index asks for. A change is never installed; its code is found through `PYTHONPATH`.
"""

import hashlib
import importlib.util
import json
import platform
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from mergewright.clients.check_environment import (
    INSTALL_SECONDS,
    POLICY_FILE,
    Environment,
    install,
    make_folder,
)
from mergewright.clients.locks import file_lock
from mergewright.clients.package_installers import PackageShop, chosen_installers
from mergewright.clients.python_requirements import (
    Installation,
    needs_installation,
    plan_installation,
    python_manifests,
)
from mergewright.clients.sandbox import Sandbox, interpreter_folders
from mergewright.clients.toolchains import OFFLINE, Toolchains, find_toolchains
from mergewright.clients.trees import export_tree, read_blob, tree_of
from mergewright.domain.codebase import Codebase
from mergewright.errors import SettingInvalid

__all__ = ["Environment", "installation_steps", "make_folder", "prepare_environment"]

_SCHEME = 1
_DIGEST_CHARACTERS = 16
_PIP_VARIABLES = frozenset(
    {
        "PIP_CERT",
        "PIP_CLIENT_CERT",
        "PIP_CONFIG_FILE",
        "PIP_CONSTRAINT",
        "PIP_DEFAULT_TIMEOUT",
        "PIP_EXTRA_INDEX_URL",
        "PIP_FIND_LINKS",
        "PIP_INDEX_URL",
        "PIP_NO_BINARY",
        "PIP_NO_INDEX",
        "PIP_ONLY_BINARY",
        "PIP_PREFER_BINARY",
        "PIP_PROXY",
        "PIP_RETRIES",
        "PIP_TIMEOUT",
        "PIP_TRUSTED_HOST",
    }
)
# The repository's own modules must come from the tree under test, never from this installation.
_FORGET_PROJECT = """
import importlib.metadata, json, pathlib, sys
for found in importlib.metadata.distributions():
    origin = json.loads(found.read_text("direct_url.json") or "{}").get("url", "")
    if origin.rstrip("/") == pathlib.Path(sys.argv[1]).as_uri():
        for file in found.files or ():
            if ".dist-info" not in file.parts[0] and file.parts[0] != "..":
                pathlib.Path(found.locate_file(file)).unlink(missing_ok=True)
"""


def prepare_environment(
    codebase: Codebase,
    mirror: Path,
    folder: Path,
    sandbox: Sandbox,
    *,
    installer_environment: Mapping[str, str] = {},
) -> Environment:
    """Return the environment for a repository's checks, building it if nobody has.

    Args:
        codebase: Facts of the base commit.
        mirror: Repository that holds the commit.
        folder: Where environments are kept, one folder per content of the manifests.
        sandbox: Where the installer runs.
        installer_environment: Variables that installers need to reach their indexes.

    Raises:
        SettingInvalid: What the repository declares cannot be installed.
        SandboxUnavailable: The sandbox could not be set up.
        ServiceUnavailable: Another process has been building it for too long.
        NotFound: The mirror does not have the commit.
        StoreFailed: The folder cannot be written.
    """
    environment = _python_environment(codebase, mirror, folder, sandbox, installer_environment)
    shop = PackageShop(mirror, folder, sandbox, installer_environment)
    for installer in chosen_installers(codebase):
        try:
            environment = shop.extend(environment, codebase, installer)
        except SettingInvalid as error:
            if not _has_own_commands(codebase):
                raise
            summary = f"{environment.summary}; {error.message}"
            environment = environment.model_copy(update={"summary": summary})
    return environment


def _python_environment(
    codebase: Codebase,
    mirror: Path,
    folder: Path,
    sandbox: Sandbox,
    installer_environment: Mapping[str, str],
) -> Environment:
    if not needs_installation(codebase):
        return _own_environment(codebase, "this Python; the repository declares nothing to install")
    manifests = _read_manifests(codebase, mirror)
    home = folder / _digest(manifests)
    make_folder(folder)
    with file_lock(folder / f"{home.name}.lock", timeout_seconds=INSTALL_SECONDS):
        ready = home / "ready.json"
        if not ready.is_file():
            try:
                _build(codebase, mirror, home, manifests, sandbox, installer_environment)
            except SettingInvalid as error:
                if not _has_own_commands(codebase):
                    raise
                return _own_environment(codebase, f"this Python; {error.message}")
            ready.write_text(json.dumps({"manifests": sorted(manifests)}))
    return _built_environment(codebase, home, sorted(manifests))


def _own_environment(codebase: Codebase, summary: str) -> Environment:
    python, others = Path(sys.executable), _toolchains_for(codebase)
    return Environment(
        python=python,
        binds=tuple(str(path) for path in (*interpreter_folders(), *others.binds)),
        variables={
            **OFFLINE,
            **others.variables,
            "PATH": f"{python.parent}:{others.path}",
            # Plugins of this installation are no part of a repository that declares none.
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
        summary=summary,
    )


def _toolchains_for(codebase: Codebase) -> Toolchains:
    return find_toolchains(frozenset(manifest.ecosystem for manifest in codebase.manifests))


def _built_environment(codebase: Codebase, home: Path, manifests: Sequence[str]) -> Environment:
    venv, others = home / "venv", _toolchains_for(codebase)
    return Environment(
        python=venv / "bin" / "python",
        binds=tuple(str(path) for path in (*interpreter_folders(), *others.binds, venv)),
        variables={
            **OFFLINE,
            **others.variables,
            "PATH": f"{venv / 'bin'}:{others.path}",
            "VIRTUAL_ENV": str(venv),
        },
        summary=f"Python {platform.python_version()} with what {', '.join(manifests)} declares",
    )


def _has_own_commands(codebase: Codebase) -> bool:
    return any(command.source.startswith(POLICY_FILE) for command in codebase.commands)


def _read_manifests(codebase: Codebase, mirror: Path) -> dict[str, str]:
    bodies = {path: read_blob(mirror, codebase.commit, path) for path in python_manifests(codebase)}
    return {path: body.decode("utf-8", "replace") for path, body in bodies.items() if body}


def _digest(manifests: Mapping[str, str]) -> str:
    facts = [_SCHEME, sys.version, platform.machine(), sys.base_prefix, sorted(manifests.items())]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:_DIGEST_CHARACTERS]


def _build(
    codebase: Codebase,
    mirror: Path,
    home: Path,
    manifests: Mapping[str, str],
    sandbox: Sandbox,
    installer_environment: Mapping[str, str],
) -> None:
    """Build in place, since a virtual environment cannot be moved; `ready.json` says it is whole.

    Raises:
        SettingInvalid: The installer failed.
        StoreFailed: The folder cannot be written.
    """
    shutil.rmtree(home, ignore_errors=True)
    home = home.resolve()
    source, scratch = home / "source", home / "scratch"
    make_folder(scratch)
    export_tree(mirror, tree_of(mirror, codebase.commit), source)
    variables = _installer_variables(installer_environment, scratch)
    binds = [*interpreter_folders(), *_named_paths(variables)]
    own_pip = importlib.util.find_spec("pip") is not None
    plan = plan_installation(manifests)
    for argv in installation_steps(home, source, plan, own_pip=own_pip):
        install(
            sandbox,
            argv,
            home=home,
            source=source,
            binds=binds,
            environment=variables,
            manifests=sorted(manifests),
        )
    for folder in (source, scratch):
        shutil.rmtree(folder, ignore_errors=True)


def installation_steps(
    home: Path, source: Path, installation: Installation, *, own_pip: bool
) -> list[list[str]]:
    """Return the commands that build an environment.

    Args:
        home: Folder that gets the environment as `venv`.
        source: The repository's files.
        installation: What to install.
        own_pip: Whether this Python's pip does it, which saves the seconds that another takes.
    """
    venv = home / "venv"
    python = str(venv / "bin" / "python")
    # `-P`: a module of the repository must not stand in for one of Python's own.
    make = [sys.executable, "-P", "-m", "venv", str(venv)]
    pip = [python, "-P", "-m", "pip"]
    if own_pip:
        make.append("--without-pip")
        pip = [sys.executable, "-P", "-m", "pip", "--python", python]
    pip += ["install", "--no-input", "--disable-pip-version-check", "--no-cache-dir"]
    pip += ["--no-warn-script-location", "--progress-bar=off"]
    forget = [python, "-P", "-c", _FORGET_PROJECT, str(source)]
    return [make, [*pip, *installation.arguments(source)], forget]


def _installer_variables(given: Mapping[str, str], scratch: Path) -> dict[str, str]:
    chosen = {
        name: value
        for name, value in given.items()
        if name in _PIP_VARIABLES or not name.startswith(("PIP_", "UV_", "NPM_", "npm_"))
    }
    # Without `.git`, tools that read the version from tags need to be told one.
    versions = {"SETUPTOOLS_SCM_PRETEND_VERSION": "0.0.0", "PBR_VERSION": "0.0.0"}
    return {**versions, "PIP_CONFIG_FILE": "/dev/null", **chosen, "TMPDIR": str(scratch)}


def _named_paths(variables: Mapping[str, str]) -> list[Path]:
    """Return the files and folders of this host that pip's variables point to."""
    words = [
        word.removeprefix("file://")
        for name, value in variables.items()
        if name in _PIP_VARIABLES or name in {"SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"}
        for word in value.split()
    ]
    paths = [Path(word) for word in words if word.startswith("/") and not word.startswith("/dev/")]
    return [path for path in paths if path.exists()]
