"""Which files declare what a project is made of, and what they declare."""

import configparser
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from mergewright.analysis.source_files import Sources
from mergewright.domain.codebase import Manifest


class _Reader(NamedTuple):
    """How a manifest is recognised and read."""

    file_name: re.Pattern[str]
    ecosystem: str
    read: Callable[[str], Iterable[str]]


def find_manifests(sources: Sources) -> tuple[Manifest, ...]:
    """Return the manifests of a tree with their dependencies, those of the root first.

    A manifest that cannot be parsed is listed without dependencies.
    """
    found = [
        Manifest(
            path=file.path,
            ecosystem=reader.ecosystem,
            dependencies=tuple(dict.fromkeys(_read(reader, sources.text(file.path)))),
        )
        for file in sources
        for reader in _READERS
        if reader.file_name.fullmatch(file.path)
    ]
    return tuple(sorted(found, key=lambda manifest: (manifest.path.count("/"), manifest.path)))


def dependency_name(ecosystem: str, requirement: str) -> str:
    """Return the name in a requirement as its ecosystem compares names."""
    if ecosystem == "python":
        match = re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", requirement)
        return re.sub(r"[-_.]+", "-", match[0]).lower() if match else ""
    if ecosystem == "java":
        return ":".join(requirement.split(":")[:2])
    head, separator, _ = requirement.rpartition("@")
    return head if separator and head else requirement.split(" ", maxsplit=1)[0]


def mapping(value: object) -> Mapping[str, object]:
    """Return a value if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def parse_toml(text: str) -> Mapping[str, object]:
    """Return a TOML document; an unreadable one is empty."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def parse_json(text: str) -> Mapping[str, object]:
    """Return a JSON object; an unreadable one is empty."""
    try:
        return mapping(json.loads(text))
    except (json.JSONDecodeError, RecursionError):
        return {}


def parse_ini(text: str) -> configparser.ConfigParser:
    """Return an INI document; an unreadable one is empty."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return configparser.ConfigParser(interpolation=None)
    return parser


def table(document: Mapping[str, object], *path: str) -> Mapping[str, object]:
    """Return a table inside a document; one that is not there is empty."""
    for key in path:
        document = mapping(document.get(key))
    return document


def _read(reader: _Reader, text: str) -> Iterator[str]:
    return (item for item in reader.read(text) if item)


def _strings(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _pinned(dependencies: object, separator: str) -> list[str]:
    """Return name and version of each entry of a dependency table."""
    entries = []
    for name, wanted in mapping(dependencies).items():
        version = wanted if isinstance(wanted, str) else mapping(wanted).get("version", "")
        entries.append(f"{name}{separator}{version}" if version else name)
    return entries


def _pyproject(text: str) -> Iterator[str]:
    document = parse_toml(text)
    project = table(document, "project")
    yield from _strings(project.get("dependencies"))
    groups = (
        table(project, "optional-dependencies"),
        table(document, "dependency-groups"),
        table(document, "tool", "pdm", "dev-dependencies"),
    )
    for group in groups:
        for requirements in group.values():
            yield from _strings(requirements)
    yield from _strings(table(document, "tool", "uv").get("dev-dependencies"))
    yield from _poetry(table(document, "tool", "poetry"))


def _poetry(poetry: Mapping[str, object]) -> Iterator[str]:
    tables = [poetry.get("dependencies"), poetry.get("dev-dependencies")]
    tables += [mapping(group).get("dependencies") for group in table(poetry, "group").values()]
    for dependencies in tables:
        yield from (entry for entry in _pinned(dependencies, " ") if entry.split()[0] != "python")


def _requirements(text: str) -> Iterator[str]:
    for line in text.replace("\\\n", " ").splitlines():
        requirement = re.split(r"(?:(?<=\s)|^)#|(?<=\s)--", line.strip(), maxsplit=1)[0].strip()
        if requirement and not requirement.startswith("-"):
            yield requirement


def _setup_cfg(text: str) -> Iterator[str]:
    parser = parse_ini(text)
    blocks = [parser.get("options", "install_requires", fallback="")]
    if parser.has_section("options.extras_require"):
        blocks += [value for _, value in parser.items("options.extras_require")]
    for block in blocks:
        yield from _requirements(block)


def _pipfile(text: str) -> list[str]:
    document = parse_toml(text)
    entries = _pinned(document.get("packages"), " ") + _pinned(document.get("dev-packages"), " ")
    return [entry.removesuffix(" *") for entry in entries]


def _package_json(text: str) -> Iterator[str]:
    document = parse_json(text)
    for kind in ("", "dev", "peer", "optional"):
        yield from _pinned(document.get(f"{kind}Dependencies" if kind else "dependencies"), "@")


def _go_mod(text: str) -> Iterator[str]:
    for match in re.finditer(
        r"^(?:require[ \t]+|[ \t]+)([\w.~/-]+)[ \t]+(v\S+)", text, re.MULTILINE
    ):
        yield f"{match[1]}@{match[2]}"


def _cargo(text: str) -> Iterator[str]:
    document = parse_toml(text)
    holders = [document, table(document, "workspace")]
    holders += [mapping(target) for target in table(document, "target").values()]
    for holder in holders:
        for kind in ("dependencies", "dev-dependencies", "build-dependencies"):
            yield from _pinned(holder.get(kind), "@")


def _pom(text: str) -> Iterator[str]:
    pattern = r"<(dependency|parent|plugin)>((?:(?!<\1>).)*?)</\1>"
    for match in re.finditer(pattern, text, re.DOTALL):
        parts = [
            found[1].strip()
            for tag in ("groupId", "artifactId", "version")
            if (found := re.search(rf"<{tag}>([^<]*)</{tag}>", match[2]))
        ]
        yield ":".join(parts)


def _gradle(text: str) -> Iterator[str]:
    declared = r"""^[ \t]*(?:\w*[iI]mplementation|api|\w*[cC]ompileOnly|\w*[rR]untimeOnly|kapt|ksp
        |annotationProcessor)\b[ \t]*\(?[ \t]*(?:platform[ \t]*\([ \t]*)?["']([^"'\s]+:[^"'\s]+)["']"""
    for match in re.finditer(declared, text, re.MULTILINE | re.VERBOSE):
        yield match[1]
    for match in re.finditer(r"""^[ \t]*id[ \t]*\(?[ \t]*["']([\w.-]+)["']""", text, re.MULTILINE):
        yield match[1]


def _gemfile(text: str) -> Iterator[str]:
    pattern = r"""^[ \t]*gem[ \t]+["']([^"']+)["'](?:[ \t]*,[ \t]*["']([^"']+)["'])?"""
    for match in re.finditer(pattern, text, re.MULTILINE):
        yield f"{match[1]} {match[2]}" if match[2] else match[1]


def _composer(text: str) -> list[str]:
    document = parse_json(text)
    entries = _pinned(document.get("require"), " ") + _pinned(document.get("require-dev"), " ")
    return [entry for entry in entries if "/" in entry]


def _nothing(_: str) -> tuple[str, ...]:
    """Read no dependencies: `setup.py` is a program, and nothing here runs it."""
    return ()


def _named(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:.*/)?{pattern}")


_READERS = (
    _Reader(_named(r"pyproject\.toml"), "python", _pyproject),
    _Reader(_named(r"(?:requirements/)?[\w.-]*requirements[\w.-]*\.txt"), "python", _requirements),
    _Reader(_named(r"requirements/(?![\w.-]*requirements)[\w.-]+\.txt"), "python", _requirements),
    _Reader(_named(r"setup\.cfg"), "python", _setup_cfg),
    _Reader(_named(r"setup\.py"), "python", _nothing),
    _Reader(_named("Pipfile"), "python", _pipfile),
    _Reader(_named(r"package\.json"), "node", _package_json),
    _Reader(_named(r"go\.mod"), "go", _go_mod),
    _Reader(_named(r"Cargo\.toml"), "rust", _cargo),
    _Reader(_named(r"pom\.xml"), "java", _pom),
    _Reader(_named(r"build\.gradle(?:\.kts)?"), "java", _gradle),
    _Reader(_named("Gemfile"), "ruby", _gemfile),
    _Reader(_named(r"composer\.json"), "php", _composer),
)
