from mergewright.analysis.conventions import find_conventions
from tests.analysis.trees import sources

PYPROJECT = """\
[project]
requires-python = ">=3.11"
[tool.ruff]
line-length = 100
[tool.ruff.format]
quote-style = "single"
[tool.ruff.lint.pydocstyle]
convention = "google"
[tool.black]
line-length = 88
[tool.mypy]
strict = true
"""


def rules(contents):
    found = find_conventions(sources(contents))
    return {(convention.topic, convention.rule): convention.source for convention in found}


def test_a_pyproject_states_most_of_them():
    assert rules({"pyproject.toml": PYPROJECT}) == {
        ("python version", "Python >=3.11"): "pyproject.toml [project] requires-python",
        ("line length", "at most 100 characters"): "pyproject.toml [tool.ruff]",
        ("line length", "at most 88 characters"): "pyproject.toml [tool.black]",
        ("quotes", "single quotes"): "pyproject.toml [tool.ruff] format.quote-style",
        ("formatter", "formatted by black"): "pyproject.toml [tool.black]",
        ("docstrings", "google style"): "pyproject.toml [tool.ruff] pydocstyle.convention",
        ("types", "mypy in strict mode"): "pyproject.toml [tool.mypy]",
    }


def test_other_files_state_them_too():
    found = rules(
        {
            "ruff.toml": "line-length = 79\n[pydocstyle]\nconvention = 'numpy'\n",
            ".flake8": "[flake8]\nmax-line-length = 79\n",
            "tox.ini": "[pycodestyle]\nmax_line_length = 120\n",
            ".python-version": "3.12\n",
            ".pre-commit-config.yaml": "repos:\n  - hooks:\n      - id: ruff-format\n",
            ".prettierrc": '{"singleQuote": true}',
            "tsconfig.json": '{"compilerOptions": {"strict": true}}',
            ".editorconfig": "root = true\n\n[*]\nindent_style = space\nindent_size = 2\nend_of_line = lf\n",
        }
    )
    assert found == {
        ("python version", "developed on Python 3.12"): ".python-version",
        ("line length", "at most 79 characters"): "ruff.toml",
        ("line length", "at most 120 characters"): "tox.ini [pycodestyle]",
        ("formatter", "formatted by ruff-format"): ".pre-commit-config.yaml",
        ("formatter", "formatted by prettier with single quotes"): ".prettierrc",
        ("docstrings", "numpy style"): "ruff.toml pydocstyle.convention",
        ("types", "TypeScript in strict mode"): "tsconfig.json",
        ("indentation", "space, 2 wide"): ".editorconfig",
        ("line ends", "lf"): ".editorconfig",
    }


def test_the_layout_of_tests_is_counted():
    found = rules(
        {
            "tests/unit/test_a.py": "",
            "tests/test_b.py": "",
            "tests/data.json": "",
            "src/c_test.py": "",
        }
    )
    assert found == {
        ("test layout", "tests are in tests/ (2 modules)"): "tests/test_b.py",
        ("test layout", "tests are beside the code (1 modules)"): "src/c_test.py",
    }


def test_broken_files_state_nothing():
    assert (
        rules(
            {
                "pyproject.toml": "[[[",
                ".editorconfig": "x",
                "setup.cfg": "no section",
                "tsconfig.json": "//",
            }
        )
        == {}
    )
