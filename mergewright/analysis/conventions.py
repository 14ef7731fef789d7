"""How things are done in a project, as its own files say."""

import configparser
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from mergewright.analysis.file_roles import is_test_module, test_root
from mergewright.analysis.manifests import parse_ini, parse_json, parse_toml, table
from mergewright.analysis.source_files import Sources
from mergewright.domain.codebase import Convention

_INI_FILES = ("setup.cfg", "tox.ini", ".flake8", ".pylintrc", "mypy.ini")


def find_conventions(sources: Sources) -> tuple[Convention, ...]:
    """Return the conventions of a tree, the most binding source of each topic first."""
    found: dict[tuple[str, str], Convention] = {}
    for convention in (convention for find in _FINDERS for convention in find(sources)):
        found.setdefault((convention.topic, convention.rule), convention)
    return tuple(found.values())


def _pyproject(sources: Sources) -> Mapping[str, object]:
    return parse_toml(sources.text("pyproject.toml"))


def _ruff(sources: Sources) -> tuple[Mapping[str, object], str]:
    """Return ruff's settings and where they are."""
    for path in (".ruff.toml", "ruff.toml"):
        if path in sources:
            return parse_toml(sources.text(path)), path
    return table(_pyproject(sources), "tool", "ruff"), "pyproject.toml [tool.ruff]"


def _python_version(sources: Sources) -> Iterator[Convention]:
    wanted = table(_pyproject(sources), "project").get("requires-python")
    if isinstance(wanted, str):
        yield Convention(
            topic="python version",
            rule=f"Python {wanted}",
            source="pyproject.toml [project] requires-python",
        )
    pinned = sources.text(".python-version").strip()
    if pinned:
        version = pinned.splitlines()[0]
        yield Convention(
            topic="python version", rule=f"developed on Python {version}", source=".python-version"
        )


def _line_length(sources: Sources) -> Iterator[Convention]:
    settings, place = _ruff(sources)
    lengths: list[tuple[object, str]] = [
        (settings.get("line-length"), place),
        (
            table(_pyproject(sources), "tool", "black").get("line-length"),
            "pyproject.toml [tool.black]",
        ),
    ]
    for path in _INI_FILES:
        parser = parse_ini(sources.text(path))
        lengths += [
            (parser.get(section, option, fallback=None), f"{path} [{section}]")
            for section in parser.sections()
            for option in ("max-line-length", "max_line_length")
        ]
    for length, source in lengths:
        if length:
            yield Convention(
                topic="line length", rule=f"at most {length} characters", source=source
            )


def _formatting(sources: Sources) -> Iterator[Convention]:
    settings, place = _ruff(sources)
    style = table(settings, "format").get("quote-style")
    if isinstance(style, str):
        yield Convention(
            topic="quotes", rule=f"{style} quotes", source=f"{place} format.quote-style"
        )
    if table(_pyproject(sources), "tool", "black"):
        yield Convention(
            topic="formatter", rule="formatted by black", source="pyproject.toml [tool.black]"
        )
    hooks = sources.text(".pre-commit-config.yaml")
    for hook in ("ruff-format", "black", "prettier", "isort"):
        if f"id: {hook}\n" in f"{hooks}\n":
            yield Convention(
                topic="formatter", rule=f"formatted by {hook}", source=".pre-commit-config.yaml"
            )
    for path in (".prettierrc", ".prettierrc.json"):
        if path in sources:
            single = parse_json(sources.text(path)).get("singleQuote")
            quotes = " with single quotes" if single is True else ""
            yield Convention(topic="formatter", rule=f"formatted by prettier{quotes}", source=path)


def _docstrings(sources: Sources) -> Iterator[Convention]:
    settings, place = _ruff(sources)
    lint = table(settings, "lint") or settings
    candidates = (
        (table(lint, "pydocstyle").get("convention"), f"{place} pydocstyle.convention"),
        (
            table(_pyproject(sources), "tool", "pydocstyle").get("convention"),
            "pyproject.toml [tool.pydocstyle]",
        ),
    )
    for style, source in candidates:
        if isinstance(style, str):
            yield Convention(topic="docstrings", rule=f"{style} style", source=source)


def _types(sources: Sources) -> Iterator[Convention]:
    if table(_pyproject(sources), "tool", "mypy").get("strict") is True:
        yield Convention(
            topic="types", rule="mypy in strict mode", source="pyproject.toml [tool.mypy]"
        )
    elif parse_json(sources.text("tsconfig.json")):
        options = table(parse_json(sources.text("tsconfig.json")), "compilerOptions")
        if options.get("strict") is True:
            yield Convention(
                topic="types", rule="TypeScript in strict mode", source="tsconfig.json"
            )


def _editor(sources: Sources) -> Iterator[Convention]:
    # The preamble before the first section is not INI.
    text = sources.text(".editorconfig")
    parser = parse_ini(text[text.find("[") :] if "[" in text else "")
    section = _first_section(parser)
    if section is None:
        return
    style, size = section.get("indent_style"), section.get("indent_size")
    if style:
        width = f", {size} wide" if size else ""
        yield Convention(topic="indentation", rule=f"{style}{width}", source=".editorconfig")
    if section.get("end_of_line"):
        yield Convention(topic="line ends", rule=section["end_of_line"], source=".editorconfig")


def _first_section(parser: configparser.ConfigParser) -> configparser.SectionProxy | None:
    return parser["*"] if parser.has_section("*") else None


def _test_layout(sources: Sources) -> Iterator[Convention]:
    modules = [file.path for file in sources if is_test_module(file.path)]
    roots = Counter(test_root(path) for path in modules if test_root(path) != path)
    for root, count in sorted(roots.items(), key=lambda item: (-item[1], item[0]))[:3]:
        example = next(path for path in modules if path.startswith(f"{root}/"))
        yield Convention(
            topic="test layout",
            rule=f"tests are in {root}/ ({count} modules)",
            source=example,
        )
    beside = [path for path in modules if test_root(path) == path]
    if beside:
        yield Convention(
            topic="test layout",
            rule=f"tests are beside the code ({len(beside)} modules)",
            source=beside[0],
        )


_FINDERS: tuple[Callable[[Sources], Iterator[Convention]], ...] = (
    _python_version,
    _line_length,
    _formatting,
    _docstrings,
    _types,
    _editor,
    _test_layout,
)
