import pytest

from mergewright.analysis.check_settings import changed_settings, is_shared_setup

PYPROJECT = '[project]\nname = "a"\n[tool.ruff]\nline-length = 100\n[tool.pytest.ini_options]\naddopts = "-q"\n'
PACKAGE = '{"scripts": {"test": "jest", "build": "tsc"}, "jest": {"bail": true}}'


@pytest.mark.parametrize(
    ("path", "before", "after", "settings"),
    [
        ("pyproject.toml", PYPROJECT, PYPROJECT.replace("-q", "-q --lf"), ("tool.pytest",)),
        ("pyproject.toml", PYPROJECT, PYPROJECT.replace("[tool.ruff]\nline-length = 100\n", ""), ("tool.ruff",)),
        ("pyproject.toml", PYPROJECT, PYPROJECT.replace('"a"', '"b"'), ()),
        ("pyproject.toml", PYPROJECT, PYPROJECT.replace("100", "100 # so"), ()),
        ("setup.cfg", "[flake8]\nignore = E1\n", "[flake8]\nignore = E1,E2\n", ("flake8",)),
        ("setup.cfg", "[metadata]\nname = a\n", "[metadata]\nname = b\n", ()),
        ("web/package.json", PACKAGE, PACKAGE.replace('"jest",', '"jest --passWithNoTests",'), ("scripts.test",)),
        ("web/package.json", PACKAGE, PACKAGE.replace("true", "false"), ("jest",)),
        ("web/package.json", PACKAGE, PACKAGE.replace("tsc", "tsc -b"), ()),
        ("Cargo.toml", "", "[lints.rust]\nunused = 'allow'\n", ("lints",)),
        ("jest.config.mjs", "", "export default {}\n", ("the file",)),
        ("tox.ini", "[tox]\n", "", ("the file",)),
        (".github/workflows/ci.yml", "a: 1\n", "a: 2\n", ("the file",)),
        ("src/pytest.py", "a = 1\n", "a = 2\n", ()),
    ],
)  # fmt: skip
def test_settings_are_compared_as_they_are_read(path, before, after, settings):
    assert changed_settings(path, before, after) == settings
    assert changed_settings(path, before, before) == ()


def test_what_many_tests_share():
    assert is_shared_setup("tests/conftest.py")
    assert is_shared_setup("jest.setup.ts")
    assert not is_shared_setup("tests/test_conftest.py")
