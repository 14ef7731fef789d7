"""What a manifest's requirements say: which package, whether of one version, and from where.

Source: packaging.python.org/specifications/dependency-specifiers, docs.npmjs.com/cli/configuring-npm
/package-json (dependencies), doc.rust-lang.org/cargo/reference/specifying-dependencies.html,
go.dev/ref/mod, maven.apache.org/pom.html, bundler.io/man/gemfile.5.html, read 2026-11-20.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from mergewright.analysis.manifests import (
    dependency_name,
    find_manifests,
    mapping,
    parse_toml,
    table,
)
from mergewright.analysis.source_files import SourceFile, Sources
from mergewright.domain.dependencies import Declared, Manifests

_EXACT: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        "python": re.compile(
            r"={2,3}\s*[^*\s,]+\s*(?:;|$)|@\s*\S+[@#=][0-9a-f]{40,64}\b|^\S+ \d[\w.]*$"
        ),
        "node": re.compile(r"@v?\d+\.\d+\.\d+(?:-[\w.-]+)?$|#[0-9a-f]{40}$"),
        "go": re.compile(r"@v"),
        "rust": re.compile(r"@=\s*\d"),
        "java": re.compile(r":(?!LATEST|RELEASE|latest)[^:\[\](,+]+$"),
        "ruby": re.compile(r"^\S+ (?:=\s*)?\d[\w.]*$"),
        "php": re.compile(r" v?\d+\.\d+\.\d+$"),
    }
)
_FOREIGN: Final = re.compile(
    r"(?:^|[@\s])(?:git|hg|svn|https?|ssh|file|link|github|gitlab|bitbucket)[+:]\S|\s@\s|@[\w.-]+/[\w.-]+(?:#|$)"
)
_INDEX: Final = re.compile(
    r"^[ \t]*(?:(?:--|-)(?:extra-index-url|index-url|find-links|trusted-host|i|f)\b[ =]\S+"
    r"|\[\[tool\.(?:uv\.index|poetry\.source|pdm\.source)\]\]|replace[ \t]+\S+.*=>.*|source[ \t]+[\"']http\S+"
    r"|\[patch\..*\]|\[source\..*\]|registry\s*=\s*\S+|(?:maven\s*\{\s*)?url\s*[=(]?\s*[\"']http\S+"
    r"|<repository>.*|\"(?:publishConfig|overrides|resolutions)\"\s*:.*)",
    re.MULTILINE,
)  # fmt: skip


def compare_manifests(path: str, before: str, after: str) -> Manifests:
    """Return what a manifest declared before and after a change; nothing where it is no manifest."""
    known = set(_INDEX.findall(before))
    return Manifests(
        path=path,
        before=read_declared(path, before),
        after=read_declared(path, after),
        new_indexes=tuple(
            dict.fromkeys(one.strip() for one in _INDEX.findall(after) if one not in known)
        ),
    )


def read_declared(path: str, text: str) -> tuple[Declared, ...]:
    """Return the packages that a manifest names, each once."""
    body = text.encode(errors="replace")
    found = find_manifests(Sources([SourceFile(path, len(body), lambda: body)]))
    placed = _placed_elsewhere(path, text)
    return tuple(
        {
            (one.name, one.text): one
            for manifest in found
            for text in manifest.dependencies
            if (one := _declared(manifest.ecosystem, text, placed)).name
        }.values()
    )


def is_manifest(path: str) -> bool:
    """Say whether a file names packages that a project depends on."""
    return bool(find_manifests(Sources([SourceFile(path, 0, lambda: b"")])))


def _declared(ecosystem: str, text: str, placed: frozenset[str]) -> Declared:
    name = dependency_name(ecosystem, text)
    exact = _EXACT.get(ecosystem)
    return Declared(
        ecosystem=ecosystem,
        name=name,
        text=text,
        is_pinned=bool(exact and exact.search(text)),
        is_foreign=name in placed or bool(_FOREIGN.search(text.removeprefix(name))),
    )


def _placed_elsewhere(path: str, text: str) -> frozenset[str]:
    """Return the packages of a TOML manifest that are tables with an address or a folder."""
    if not path.endswith((".toml", "Pipfile")):
        return frozenset()
    document = parse_toml(text)
    poetry = table(document, "tool", "poetry")
    holders = [document, poetry, table(document, "workspace"), table(document, "tool", "uv")]
    holders += [mapping(group) for group in table(poetry, "group").values()]
    names = ("dependencies", "dev-dependencies", "build-dependencies", "packages", "dev-packages", "sources")  # fmt: skip
    return frozenset(
        name
        for holder in holders
        for kind in names
        for name, wanted in mapping(holder.get(kind)).items()
        if mapping(wanted).keys() & {"git", "path", "url", "registry", "file", "index"}
    )
