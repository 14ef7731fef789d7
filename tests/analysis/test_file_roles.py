import pytest

from mergewright.analysis.file_roles import is_own_text, is_test, is_test_module, test_root

test_root.__test__ = False


@pytest.mark.parametrize(
    "path",
    [
        "node_modules/a/index.js",
        "vendor/github.com/x/y.go",
        "dist/app.js",
        "build/lib/a.py",
        "web/app.min.js",
        "api/thing_pb2.py",
        "package-lock.json",
        "poetry.lock",
        "logo.PNG",
        "data/model.pkl",
    ],
)
def test_foreign_generated_and_binary_files_are_not_own_text(path):
    assert not is_own_text(path)


@pytest.mark.parametrize(
    "path",
    ["src/a.py", "src/build/rules.py", "docs/vendor.md", "distribution/a.py", ".github/ci.yml"],
)
def test_ordinary_files_are_own_text(path):
    assert is_own_text(path)


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("tests/test_a.py", True),
        ("src/a_test.go", True),
        ("web/a.spec.ts", True),
        ("src/test/java/ATests.java", True),
        ("spec/models/a_spec.rb", True),
        ("tests/conftest.py", False),
        ("tests/data/sample.json", False),
    ],
)
def test_tests_are_known_by_folder_or_name(path, module):
    assert is_test(path)
    assert is_test_module(path) is module


@pytest.mark.parametrize("path", ["src/testing.py", "src/latest.py", "src/contest/a.py"])
def test_sources_are_no_tests(path):
    assert not is_test(path)


def test_the_topmost_test_folder_is_the_root():
    assert test_root("pkg/tests/unit/tests/test_a.py") == "pkg/tests"
    assert test_root("src/a_test.go") == "src/a_test.go"
