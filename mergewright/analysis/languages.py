"""Which language a file is written in, by its name and its first line.

Source: extensions and interpreter names follow GitHub Linguist's `languages.yml`, 2026-11-20.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class LanguageRule:
    """How a language is recognised, and the grammar that checks its syntax."""

    name: str
    suffixes: tuple[str, ...] = ()
    file_names: tuple[str, ...] = ()
    interpreters: tuple[str, ...] = ()
    grammar: str = ""
    """Name in tree-sitter-language-pack of the grammar by which files are checked for syntax errors;
    empty when there is none, or when it complains about too much that is right."""
    family: str = ""
    """Language it is counted as; empty means its own."""
    is_code: bool = True
    """Whether it is programmed in; data and prose are not counted as languages."""


_RULES = (
    LanguageRule(
        "Python", (".py", ".pyi", ".pyw"), interpreters=("python", "pypy"), grammar="python"
    ),
    LanguageRule(
        "JavaScript", (".js", ".mjs", ".cjs", ".jsx"), interpreters=("node",), grammar="javascript"
    ),
    LanguageRule(
        "TypeScript", (".ts", ".mts", ".cts"), interpreters=("deno", "bun"), grammar="typescript"
    ),
    LanguageRule("TSX", (".tsx",), grammar="tsx", family="TypeScript"),
    LanguageRule("Java", (".java",), grammar="java"),
    LanguageRule("Kotlin", (".kt", ".kts"), grammar="kotlin"),
    LanguageRule("Groovy", (".groovy", ".gradle"), ("Jenkinsfile",), ("groovy",), grammar="groovy"),
    LanguageRule("Scala", (".scala", ".sbt"), grammar="scala"),
    LanguageRule("Go", (".go",), grammar="go"),
    LanguageRule("Rust", (".rs",), grammar="rust"),
    LanguageRule("C", (".c", ".h"), grammar="c"),
    LanguageRule("C++", (".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx"), grammar="cpp"),
    LanguageRule("C#", (".cs",), grammar="csharp"),
    LanguageRule(
        "Ruby", (".rb", ".rake", ".gemspec", ".ru"), ("Gemfile", "Rakefile"), ("ruby",), "ruby"
    ),
    LanguageRule("PHP", (".php",), interpreters=("php",), grammar="php"),
    LanguageRule("Swift", (".swift",), grammar="swift"),
    LanguageRule("Dart", (".dart",), grammar="dart"),
    LanguageRule("Elixir", (".ex", ".exs"), interpreters=("elixir",), grammar="elixir"),
    LanguageRule("Lua", (".lua",), interpreters=("lua",), grammar="lua"),
    LanguageRule("Perl", (".pl", ".pm"), interpreters=("perl",), grammar="perl"),
    LanguageRule("R", (".r",), interpreters=("Rscript",), grammar="r"),
    LanguageRule(
        "Shell", (".sh", ".bash"), interpreters=("sh", "bash", "dash", "zsh"), grammar="bash"
    ),
    LanguageRule("PowerShell", (".ps1", ".psm1"), interpreters=("pwsh",), grammar="powershell"),
    LanguageRule("SQL", (".sql",)),
    LanguageRule("HTML", (".html", ".htm"), grammar="html"),
    LanguageRule("CSS", (".css",), grammar="css"),
    LanguageRule("SCSS", (".scss",), grammar="scss"),
    LanguageRule("Vue", (".vue",), grammar="vue"),
    LanguageRule("Svelte", (".svelte",), grammar="svelte"),
    LanguageRule("Terraform", (".tf",), grammar="hcl"),
    LanguageRule(
        "Dockerfile", (".dockerfile",), ("Dockerfile", "Containerfile"), grammar="dockerfile"
    ),
    LanguageRule("Makefile", (".mk",), ("Makefile", "makefile", "GNUmakefile"), grammar="make"),
    LanguageRule("JSON", (".json",), is_code=False),
    LanguageRule("TOML", (".toml",), is_code=False),
    LanguageRule("YAML", (".yml", ".yaml"), is_code=False),
    LanguageRule("XML", (".xml",), grammar="xml", is_code=False),
    LanguageRule("Markdown", (".md", ".markdown"), is_code=False),
    LanguageRule("reStructuredText", (".rst",), is_code=False),
)

LANGUAGES: Mapping[str, LanguageRule] = MappingProxyType({rule.name: rule for rule in _RULES})

_BY_SUFFIX = {suffix: rule for rule in _RULES for suffix in rule.suffixes}
_BY_FILE_NAME = {name: rule for rule in _RULES for name in rule.file_names}
_BY_INTERPRETER = {name: rule for rule in _RULES for name in rule.interpreters}

_SHEBANG = re.compile(r"#!\s*(?:\S*/)?(?:env\s+(?:-\S+\s+)*)?(?:\S*/)?([A-Za-z]+)")


def language_of(path: str, first_line: str = "") -> LanguageRule | None:
    """Return the language of a file, or None when its name and first line do not tell."""
    file = PurePosixPath(path)
    by_name = _BY_FILE_NAME.get(file.name) or _BY_SUFFIX.get(file.suffix.lower())
    if by_name is not None or file.suffix:
        return by_name
    shebang = _SHEBANG.match(first_line)
    return _BY_INTERPRETER.get(shebang[1]) if shebang else None
