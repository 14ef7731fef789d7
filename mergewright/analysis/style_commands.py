"""With which commands a project checks its formatting and its types, as far as its files say so.

Nothing is assumed: without a configuration, a script or a mention there is no such check.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from mergewright.analysis.project import Project
from mergewright.domain.codebase import CheckCommand, CheckKind

_RUFF_FORMAT = re.compile(r"(?<![\w.-])ruff[ -]format(?![\w.-])")
_BLACK = re.compile(r"(?<![\w.-])black(?![\w.-])")
_MYPY_FILES = ("mypy.ini", ".mypy.ini", "setup.cfg")
_FORMAT_SCRIPTS = ("format:check", "format-check", "check:format", "prettier:check", "fmt:check")
_TYPES_SCRIPTS = ("typecheck", "type-check", "check-types", "types", "tsc")
_PRETTIER = (".prettierrc", ".prettierrc.json", ".prettierrc.yaml", ".prettierrc.yml")
_NPX = ("npx", "--no-install")


def find_style(ecosystem: str, project: Project) -> Iterator[CheckCommand]:
    """Yield the commands that check format and types."""
    finder = _FINDERS.get(ecosystem)
    if finder is not None:
        yield from finder(project)


def _format(*argv: str, source: str) -> CheckCommand:
    return CheckCommand(kind=CheckKind.FORMAT, argv=argv, source=source)


def _types(*argv: str, source: str) -> CheckCommand:
    return CheckCommand(kind=CheckKind.TYPES, argv=argv, source=source)


def _python(project: Project) -> Iterator[CheckCommand]:
    if project.pyproject_table("ruff", "format"):
        yield _format("ruff", "format", "--check", ".", source="pyproject.toml [tool.ruff.format]")
    elif source := project.mentioning(_RUFF_FORMAT):
        yield _format("ruff", "format", "--check", ".", source=source)
    elif source := _black_source(project):
        yield _format("black", "--check", ".", source=source)
    yield from _mypy(project)


def _black_source(project: Project) -> str:
    if project.pyproject_table("black"):
        return "pyproject.toml [tool.black]"
    return project.declaring("python", "black") or project.mentioning(_BLACK)


def _mypy(project: Project) -> Iterator[CheckCommand]:
    configured = project.pyproject_table("mypy")
    if configured:
        places = () if {"files", "packages", "modules"} & configured.keys() else (".",)
        yield _types("mypy", *places, source="pyproject.toml [tool.mypy]")
        return
    for path in _MYPY_FILES:
        if project.has_section(path, "mypy"):
            named = re.search(
                r"^(?:files|packages|modules)\s*=", project.sources.text(path), re.MULTILINE
            )
            yield _types("mypy", *(() if named else (".",)), source=f"{path} [mypy]")
            return


def _node(project: Project) -> Iterator[CheckCommand]:
    yield from _node_format(project)
    script = next((name for name in _TYPES_SCRIPTS if project.scripts.get(name)), "")
    if script:
        source = f"package.json scripts.{script}"
        yield _types(project.script_runner, "run", script, source=source)
    elif "tsconfig.json" in project.sources and project.declaring("node", "typescript"):
        yield _types(*_NPX, "tsc", "--noEmit", source="tsconfig.json")


def _node_format(project: Project) -> Iterator[CheckCommand]:
    script = next((name for name in _FORMAT_SCRIPTS if project.scripts.get(name)), "")
    if script:
        source = f"package.json scripts.{script}"
        yield _format(project.script_runner, "run", script, source=source)
        return
    configured = next((path for path in _PRETTIER if path in project.sources), "")
    if configured and project.declaring("node", "prettier"):
        yield _format(*_NPX, "prettier", "--check", ".", source=configured)


def _go(project: Project) -> Iterator[CheckCommand]:
    if "go.mod" in project.sources:
        yield _format("gofmt", "-l", ".", source="go.mod")


def _rust(project: Project) -> Iterator[CheckCommand]:
    for path in ("rustfmt.toml", ".rustfmt.toml"):
        if path in project.sources:
            yield _format("cargo", "fmt", "--check", source=path)


_FINDERS: Mapping[str, Callable[[Project], Iterator[CheckCommand]]] = {
    "python": _python,
    "node": _node,
    "go": _go,
    "rust": _rust,
}
