import json
import sys
from pathlib import Path

import pytest

from mergewright.clients.checks import CheckRunner
from mergewright.clients.environments import installation_steps, prepare_environment
from mergewright.clients.python_requirements import Installation
from mergewright.domain.checks import CheckStatus
from mergewright.domain.codebase import CheckCommand, CheckKind, Codebase, Manifest
from mergewright.errors import SettingInvalid
from tests.clients.check_samples import any_sandbox, commit_files, make_repository, make_wheel

# Builds a wheel with nothing but the standard library, so that no index is asked.
BACKEND = """
import zipfile
def build_wheel(folder, config=None, metadata=None):
    name = "thing-1.0-py3-none-any.whl"
    info = "thing-1.0.dist-info"
    files = {
        "thing.py": open("thing.py").read(),
        info + "/METADATA": "Metadata-Version: 2.1\\nName: thing\\nVersion: 1.0\\n"
        "Provides-Extra: test\\nRequires-Dist: extra_part; extra == 'test'\\n",
        info + "/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    record = "".join(path + ",,\\n" for path in files) + info + "/RECORD,,\\n"
    with zipfile.ZipFile(folder + "/" + name, "w") as archive:
        for path, body in {**files, info + "/RECORD": record}.items():
            archive.writestr(path, body)
    return name
"""
FILES = {
    "thing.py": "VALUE = 'base'\n",
    "backend/making.py": BACKEND,
    "libs/wheels.txt": "",
    "requirements.txt": "dependency\n",
    "pyproject.toml": """
        [build-system]
        requires = []
        build-backend = "making"
        backend-path = ["backend"]
        [project]
        name = "thing"
        version = "1.0"
        dependencies = []
        [project.optional-dependencies]
        test = ["extra_part"]
    """,
}
RUNNER = "import sys\nprint('stand-in runner', *sys.argv[1:])\n"


def codebase(commit, *dependencies, commands=()):
    manifest = Manifest(path="requirements.txt", ecosystem="python", dependencies=dependencies)
    return Codebase(commit=commit, file_count=1, manifests=(manifest,), commands=commands)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheels")
    make_wheel(folder, "dependency", {"dependency.py": "NAME = 'dependency'\n"})
    make_wheel(folder, "extra_part", {"extra_part.py": "NAME = 'extra'\n"})
    make_wheel(folder, "pytest", {"pytest.py": RUNNER})
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder), "PIP_TARGET": "/nowhere"}


@pytest.fixture(scope="module")
def built(tmp_path_factory, wheels):
    place = tmp_path_factory.mktemp("built")
    repository = make_repository(place / "repository")
    commit, tree = commit_files(repository, FILES)
    facts = codebase(commit, "dependency")
    folder = place / "environments"

    def prepare():
        return prepare_environment(
            facts, repository, folder, any_sandbox(), installer_environment=wheels
        )

    return prepare(), prepare, repository, tree, folder


def test_a_repository_that_declares_nothing_uses_this_interpreter(tmp_path):
    found = prepare_environment(codebase("c", "pytest"), tmp_path, tmp_path / "e", any_sandbox())
    assert found.python == Path(sys.executable)
    assert "nothing to install" in found.summary
    assert not (tmp_path / "e").exists()


def test_dependencies_and_test_extras_are_installed_and_the_project_is_not_importable(
    built, tmp_path
):
    environment, _, repository, _, _ = built
    script = (
        "import importlib.metadata as m, importlib.util as u, json, dependency, extra_part\n"
        "print(json.dumps([m.version('thing'), u.find_spec('thing') is None]))"
    )
    command = CheckCommand(kind=CheckKind.TESTS, argv=("python", "run.py"), source="test")
    _, tree = commit_files(repository, {"run.py": script})
    runner = CheckRunner(repository, any_sandbox(), [command], environment, tmp_path / "scratch")
    result = runner.run(tree).results[-1]
    assert result.status is CheckStatus.PASSED, result.output
    assert json.loads(result.output) == ["1.0", True]


def test_the_code_of_the_tree_under_test_is_what_runs(built, tmp_path):
    environment, _, repository, _, _ = built
    files = {
        **FILES,
        "thing.py": "VALUE = 'change'\n",
        "run.py": "import thing\nprint(thing.VALUE)",
    }
    _, tree = commit_files(repository, files)
    command = CheckCommand(kind=CheckKind.TESTS, argv=("python", "run.py"), source="test")
    runner = CheckRunner(repository, any_sandbox(), [command], environment, tmp_path / "scratch")
    assert runner.run(tree).results[-1].output == "change"


def test_an_environment_is_built_once_and_leaves_no_sources(built):
    environment, prepare, _, _, folder = built
    (home,) = (entry for entry in folder.iterdir() if entry.is_dir())
    assert sorted(entry.name for entry in home.iterdir()) == ["ready.json", "venv"]
    before = (home / "ready.json").stat().st_mtime_ns
    assert prepare() == environment
    assert (home / "ready.json").stat().st_mtime_ns == before
    assert environment.python.is_relative_to(home)
    assert str(home / "venv") in environment.binds


def test_a_half_built_environment_is_built_again(built):
    environment, prepare, _, _, _ = built
    ready = environment.python.parents[2] / "ready.json"
    ready.unlink()
    environment.python.unlink()
    assert prepare() == environment
    assert environment.python.exists()
    assert ready.exists()


@pytest.mark.parametrize("own_pip", [True, False])
def test_there_is_an_installer_with_and_without_a_pip_of_our_own(own_pip):
    plan = Installation(requirements=("pytest",), files=(), project=False)
    make, install, _ = installation_steps(Path("/h"), Path("/s"), plan, own_pip=own_pip)
    assert ("--without-pip" in make) is own_pip
    assert install[0] == (sys.executable if own_pip else "/h/venv/bin/python")
    assert install[-1] == "pytest"


class TestFailure:
    @pytest.fixture
    def place(self, tmp_path_factory):
        place = tmp_path_factory.mktemp("failing")
        repository = make_repository(place / "repository")
        commit, _ = commit_files(repository, {"requirements.txt": "no-such-thing-at-all==3\n"})
        return place, repository, commit

    def test_what_cannot_be_installed_is_named_with_a_remedy(self, place, wheels):
        folder, repository, commit = place
        with pytest.raises(SettingInvalid) as caught:
            prepare_environment(
                codebase(commit, "no-such-thing-at-all==3"),
                repository,
                folder / "environments",
                any_sandbox(),
                installer_environment=wheels,
            )
        assert "requirements.txt declares cannot be installed" in caught.value.message
        assert "no-such-thing-at-all" in caught.value.message
        assert "checks:" in caught.value.hint
        assert "No matching distribution" in caught.value.hint
        assert not [entry for entry in (folder / "environments").iterdir() if entry.is_dir()]

    def test_a_repository_with_commands_of_its_own_goes_on(self, place, wheels):
        folder, repository, commit = place
        own = CheckCommand(kind=CheckKind.TESTS, argv=("make", "test"), source=".mergewright.yml")
        found = prepare_environment(
            codebase(commit, "no-such-thing-at-all==3", commands=(own,)),
            repository,
            folder / "environments",
            any_sandbox(),
            installer_environment=wheels,
        )
        assert found.python == Path(sys.executable)
        assert "cannot be installed" in found.summary
