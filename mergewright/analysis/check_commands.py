"""With which commands a project checks itself, each with the place that says so.

At most one command per kind of check: the one of the ecosystem with most source code.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from mergewright.analysis.file_roles import is_test, is_test_module
from mergewright.analysis.manifests import mapping, parse_ini, parse_json
from mergewright.analysis.project import Project
from mergewright.analysis.source_files import Sources
from mergewright.analysis.style_commands import find_style
from mergewright.domain.codebase import CheckCommand, CheckKind, Language, Manifest

BUILT_IN = "built in"
BUILT_IN_RULES = "built in rules"
FALLBACK_LINT = ("ruff", "check", "--isolated", "--select", "E9,F")

_ECOSYSTEMS: Mapping[str, str] = {
    "Python": "python",
    "JavaScript": "node",
    "TypeScript": "node",
    "Vue": "node",
    "Svelte": "node",
    "Go": "go",
    "Rust": "rust",
    "Java": "java",
    "Kotlin": "java",
    "Groovy": "java",
    "Ruby": "ruby",
    "PHP": "php",
}

_MENTIONS_RUFF = re.compile(r"(?<![\w.-])ruff(?![\w.-])")
_NPM_PLACEHOLDER = "no test specified"


def find_commands(
    sources: Sources, manifests: Sequence[Manifest], languages: Sequence[Language]
) -> tuple[CheckCommand, ...]:
    """Return the check commands of a tree."""
    commands = [CheckCommand(kind=CheckKind.SYNTAX, argv=(), source=BUILT_IN)] if languages else []
    project = Project(sources, manifests)
    ecosystems = dict.fromkeys(_ECOSYSTEMS.get(language.name, "") for language in languages)
    found = [
        command
        for ecosystem in ecosystems
        if ecosystem in _FINDERS
        for command in (*_FINDERS[ecosystem](project), *find_style(ecosystem, project))
    ]
    for kind in (CheckKind.LINT, CheckKind.FORMAT, CheckKind.TYPES, CheckKind.TESTS):
        commands += [command for command in found if command.kind is kind][:1]
    if not any(command.kind is CheckKind.TESTS for command in commands):
        commands += _make_tests(project)
    return tuple(commands)


def _lint(*argv: str, source: str) -> CheckCommand:
    return CheckCommand(kind=CheckKind.LINT, argv=argv, source=source)


def _tests(*argv: str, source: str) -> CheckCommand:
    return CheckCommand(kind=CheckKind.TESTS, argv=argv, source=source)


def _python(project: Project) -> Iterator[CheckCommand]:
    source = _ruff_source(project)
    yield (
        _lint("ruff", "check", source=source)
        if source
        else _lint(*FALLBACK_LINT, source=BUILT_IN_RULES)
    )
    yield from _python_tests(project)


def _ruff_source(project: Project) -> str:
    """Return where ruff is configured or mentioned; empty when nowhere."""
    if project.pyproject_table("ruff"):
        return "pyproject.toml [tool.ruff]"
    for path in ("ruff.toml", ".ruff.toml"):
        if path in project.sources:
            return path
    declared = project.declaring("python", "ruff")
    if declared:
        return declared
    return project.mentioning(_MENTIONS_RUFF)


def _python_tests(project: Project) -> Iterator[CheckCommand]:
    configured = _pytest_source(project)
    modules = [
        file.path
        for file in project.sources
        if file.path.endswith(".py") and is_test(file.path) and is_test_module(file.path)
    ]
    if configured:
        yield _tests("pytest", source=configured)
    elif modules and all(_is_unittest_only(project.sources.text(path)) for path in modules):
        yield _tests(*_unittest_argv(project.sources, modules), source=modules[0])
    elif modules:
        yield _tests("pytest", source=modules[0])


def _pytest_source(project: Project) -> str:
    """Return where pytest is configured or declared; empty when nowhere."""
    tables = {
        "ini_options": "pyproject.toml [tool.pytest.ini_options]",
        "": "pyproject.toml [tool.pytest]",
    }
    for name, place in tables.items():
        if project.pyproject_table("pytest", *([name] if name else [])):
            return place
    for path, section in (
        ("pytest.ini", "pytest"),
        ("tox.ini", "pytest"),
        ("setup.cfg", "tool:pytest"),
    ):
        if parse_ini(project.sources.text(path)).has_section(section):
            return f"{path} [{section}]"
    declared = project.declaring("python", "pytest")
    if declared:
        return declared
    conftests = (
        file.path for file in project.sources if file.path.rpartition("/")[2] == "conftest.py"
    )
    return next(conftests, "")


def _is_unittest_only(text: str) -> bool:
    return "unittest" in text and not re.search(
        r"^(?:import|from)[ \t]+pytest\b|^(?:async[ \t]+)?def[ \t]+test_", text, re.MULTILINE
    )


def _unittest_argv(sources: Sources, modules: Sequence[str]) -> tuple[str, ...]:
    """Return a discovery that starts where the tests are, which a plain one may not reach."""
    argv = ("python", "-m", "unittest", "discover")
    folders = {path.rpartition("/")[0] for path in modules}
    tops = {folder.partition("/")[0] for folder in folders}
    if len(tops) != 1 or "" in tops:
        return argv
    top = tops.pop()
    return argv if f"{top}/__init__.py" in sources else (*argv, "-s", top)


def _node(project: Project) -> Iterator[CheckCommand]:
    scripts, runner = project.scripts, project.script_runner
    if scripts.get("lint"):
        yield _lint(runner, "run", "lint", source="package.json scripts.lint")
    test = scripts.get("test")
    if isinstance(test, str) and test and _NPM_PLACEHOLDER not in test:
        yield _tests(runner, "test", source="package.json scripts.test")


def _go(project: Project) -> Iterator[CheckCommand]:
    if "go.mod" in project.sources:
        yield _lint("go", "vet", "./...", source="go.mod")
    if any(file.path.endswith("_test.go") for file in project.sources):
        yield _tests("go", "test", "./...", source="go.mod")


def _rust(project: Project) -> Iterator[CheckCommand]:
    if "Cargo.toml" in project.sources:
        yield _tests("cargo", "test", source="Cargo.toml")


def _java(project: Project) -> Iterator[CheckCommand]:
    if "pom.xml" in project.sources:
        yield _tests("mvn", "--batch-mode", "test", source="pom.xml")
    elif "gradlew" in project.sources:
        yield _tests("./gradlew", "test", source="gradlew")


def _ruby(project: Project) -> Iterator[CheckCommand]:
    if any(file.path.endswith("_spec.rb") for file in project.sources):
        yield _tests("bundle", "exec", "rspec", source="spec/")
    elif "Rakefile" in project.sources:
        yield _tests("bundle", "exec", "rake", "test", source="Rakefile")


def _php(project: Project) -> Iterator[CheckCommand]:
    scripts = mapping(parse_json(project.sources.text("composer.json")).get("scripts"))
    if scripts.get("test"):
        yield _tests("composer", "test", source="composer.json scripts.test")


def _make_tests(project: Project) -> Iterator[CheckCommand]:
    targets = re.findall(r"^(tests?):(?!=)", project.sources.text("Makefile"), re.MULTILINE)
    if targets:
        target = min(targets, key=len)
        yield _tests("make", target, source=f"Makefile: {target}")


_FINDERS: Mapping[str, Callable[[Project], Iterator[CheckCommand]]] = {
    "python": _python,
    "node": _node,
    "go": _go,
    "rust": _rust,
    "java": _java,
    "ruby": _ruby,
    "php": _php,
}
