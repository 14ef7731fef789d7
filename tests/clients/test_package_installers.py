"""Packages of Node are installed once per lock file, from a package that the repository brings itself."""

import base64
import hashlib
import io
import json
import shutil
import tarfile

import pytest

from mergewright.clients.checks import CheckRunner
from mergewright.clients.environments import prepare_environment
from mergewright.clients.package_installers import chosen_installers, link_modules
from mergewright.domain.checks import CheckStatus, TestOutcome
from mergewright.domain.codebase import CheckCommand, CheckKind, Codebase, Manifest
from mergewright.errors import SettingInvalid
from tests.clients.check_samples import any_sandbox, git, make_repository

TEST = CheckCommand(kind=CheckKind.TESTS, argv=("node", "--test"), source="test")
needs_npm = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed here")
BODY = (
    'const test = require("node:test");\nconst assert = require("node:assert");\n'
    'test("greets", () => assert.equal(require("greeter"), "hello"));\n'
)


def package_of(words):
    """Return a package as npm packs it."""
    files = {"package.json": '{"name":"greeter","version":"1.0.0"}', "index.js": words}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, body in files.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(body)
            archive.addfile(entry, io.BytesIO(body.encode()))
    return packed.getvalue()


def make_shop(folder, packed, integrity=""):
    """Commit a repository that depends on a package which lies in it."""
    repository = make_repository(folder / "repository")
    root = repository.parent
    wanted = {"greeter": "file:vendor/greeter.tgz"}
    digest = base64.b64encode(hashlib.sha512(packed).digest()).decode()
    locked = {
        "version": "1.0.0",
        "resolved": "file:vendor/greeter.tgz",
        "integrity": integrity or f"sha512-{digest}",
    }
    lock = {
        "name": "shop",
        "version": "1.0.0",
        "lockfileVersion": 3,
        "packages": {
            "": {"name": "shop", "version": "1.0.0", "dependencies": wanted},
            "node_modules/greeter": locked,
        },
    }
    (root / "vendor").mkdir()
    (root / "vendor/greeter.tgz").write_bytes(packed)
    manifest = {"name": "shop", "version": "1.0.0", "dependencies": wanted}
    (root / "package.json").write_text(json.dumps(manifest))
    (root / "package-lock.json").write_text(json.dumps(lock))
    (root / "greets.test.js").write_text(BODY)
    git(root, "add", "--all", "--force")
    git(root, "commit", "--quiet", "--message", "Shop")
    return repository, git(root, "rev-parse", "HEAD"), git(root, "rev-parse", "HEAD^{tree}")


def codebase(commit, *commands):
    manifest = Manifest(path="package.json", ecosystem="node", dependencies=("greeter@1.0.0",))
    return Codebase(commit=commit, file_count=4, manifests=(manifest,), commands=commands)


@needs_npm
def test_packages_are_installed_once_and_seen_by_the_tests(tmp_path):
    repository, commit, tree = make_shop(tmp_path, package_of('module.exports = "hello";'))
    folder, sandbox = tmp_path / "environments", any_sandbox()
    found = prepare_environment(codebase(commit, TEST), repository, folder, sandbox)
    assert "package-lock.json" in found.summary
    installed = found.modules / "greeter/index.js"
    before = installed.stat().st_mtime_ns
    again = prepare_environment(codebase(commit, TEST), repository, folder, sandbox)
    assert again == found
    assert installed.stat().st_mtime_ns == before
    runner = CheckRunner(repository, sandbox, (TEST,), found, tmp_path / "scratch")
    (result,) = runner.run_all_tests(tree).results
    assert [(test.id, test.outcome) for test in result.tests] == [("greets", TestOutcome.PASSED)]
    assert result.status is CheckStatus.PASSED


@needs_npm
def test_what_cannot_be_installed_is_named_with_what_the_installer_said(tmp_path):
    repository, commit, _ = make_shop(tmp_path, package_of("1"), integrity="sha512-AAAA")
    folder = tmp_path / "environments"
    with pytest.raises(SettingInvalid) as caught:
        prepare_environment(codebase(commit, TEST), repository, folder, any_sandbox())
    assert "package.json declare" in caught.value.message
    assert "EINTEGRITY" in caught.value.hint
    assert not [entry for entry in folder.iterdir() if entry.is_dir()]


def test_nothing_is_installed_that_no_command_needs():
    lint = CheckCommand(kind=CheckKind.LINT, argv=("ruff", "check"), source="test")
    assert list(chosen_installers(codebase("c", lint))) == []
    names = [installer.argv[0] for installer in chosen_installers(codebase("c", TEST))]
    assert names == ["pnpm", "yarn", "npm", "npm"]


def test_packages_of_the_repository_itself_lead_into_the_tree(tmp_path):
    modules, tree = tmp_path / "modules", tmp_path / "tree"
    (modules / "@scope/other").mkdir(parents=True)
    (modules / "plain").mkdir()
    (modules / "own").symlink_to("../packages/own")
    (tree / "packages/own").mkdir(parents=True)
    link_modules(modules, tree)
    assert (tree / "node_modules/own").resolve() == tree / "packages/own"
    assert (tree / "node_modules/plain").resolve() == modules / "plain"
    assert (tree / "node_modules/@scope/other").resolve() == modules / "@scope/other"
    (tree / "node_modules/plain").unlink()
    link_modules(modules, tree)
    assert not (tree / "node_modules/plain").exists()
