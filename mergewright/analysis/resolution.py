"""Which file of the tree an import means.

Relative imports are looked up beside the file. The others are looked for as the end of a path, and
of several the one that shares most folders with the importing file is meant: source roots need not
be known. A name that fits nothing is a library's.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from posixpath import normpath
from types import MappingProxyType
from typing import Final

MAX_CANDIDATES: Final = 200
_SCRIPTS: Final = (".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte")
_SCRIPT_FORMS: Final = ("", *_SCRIPTS, *(f"/index{suffix}" for suffix in _SCRIPTS))
_FORMS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "Python": (".py", "/__init__.py", ".pyi", "/__init__.pyi"),
        "JavaScript": _SCRIPT_FORMS,
        "TypeScript": _SCRIPT_FORMS,
        "TSX": _SCRIPT_FORMS,
        "Java": (".java", ".kt"),
        "Kotlin": (".kt", ".java"),
        "Scala": (".scala", ".java"),
        "Rust": (".rs", "/mod.rs", "/lib.rs"),
        "Ruby": (".rb", ""),
        "PHP": (".php", ""),
        "C": ("",),
        "C++": ("",),
        "Shell": ("",),
        "Swift": (".swift",),
        "C#": (".cs",),
    }
)
_MEMBER_LANGUAGES: Final = frozenset(("Java", "Kotlin", "Scala", "Rust", "PHP"))
"""Where the last part of an import may be a member of what the rest names."""
_PACKAGE_LANGUAGES: Final = frozenset(("Go",))
_ALIASES: Final = ("@/", "~/", "#/", "$lib/")


class ImportResolver:
    """Finds the files that imports mean.

    Args:
        paths: Every file of the tree.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = frozenset(paths)
        self._by_name: dict[str, list[str]] = defaultdict(list)
        self._by_folder: dict[str, list[str]] = defaultdict(list)
        for path in sorted(self._paths):
            folder, _, name = path.rpartition("/")
            self._by_name[name].append(path)
            self._by_folder[folder].append(path)
        self._folders: dict[str, list[str]] = defaultdict(list)
        for folder in sorted(self._by_folder):
            self._folders[folder.rpartition("/")[2]].append(folder)

    def resolve(self, path: str, language: str, imports: Sequence[str]) -> tuple[str, ...]:
        """Return the files that a file imports, by path and without itself."""
        found: set[str] = set()
        for target in imports:
            found.update(self._resolve(path, language, target))
        found.discard(path)
        return tuple(sorted(found))

    def _resolve(self, path: str, language: str, target: str) -> Iterable[str]:
        if language in _PACKAGE_LANGUAGES:
            return self._package(path, target, ".go")
        module, _, names = target.partition(":")
        if names:
            inner = (self._find(path, language, f"{module}/{name}") for name in names.split(","))
            outer = self._find(path, language, module)
            # A name that is no module of its own is taken from the module itself.
            return [each or outer for each in inner if each or outer]
        if module.endswith("/*"):
            members = self._package(path, module[:-2], _FORMS.get(language, ("",))[0])
            return members or filter(None, [self._find(path, language, module[:-2])])
        return filter(None, [self._find(path, language, module)])

    def _find(self, path: str, language: str, module: str) -> str:
        forms = _FORMS.get(language, ("",))
        folder = path.rpartition("/")[0]
        if module.startswith("."):
            found = self._beside(folder, module, forms)
            if found or language not in {"C", "C++", "PHP", "Shell"}:
                return found
            module = module.removeprefix("./")
        for alias in _ALIASES:
            module = module.removeprefix(alias) if language != "Python" else module
        return self._by_end(folder, language, module)

    def _by_end(self, folder: str, language: str, module: str) -> str:
        forms = _FORMS.get(language, ("",))
        found = self._ending(folder, module, forms)
        if not found and language == "PHP" and module.count("/") > 1:
            # The first part of a namespace is mapped to a source root.
            found = self._ending(folder, module.partition("/")[2], forms)
        if not found and language in _MEMBER_LANGUAGES:
            outer = module.rpartition("/")[0]
            if "/" in outer or language == "Rust":
                found = self._ending(folder, outer, forms)
        return found

    def _beside(self, folder: str, module: str, forms: Sequence[str]) -> str:
        place = normpath(f"{folder}/{module}" if folder else module)
        stem = place.rpartition(".")[0] if place.endswith((".js", ".jsx", ".mjs")) else place
        for base in dict.fromkeys((place, stem)):
            for form in forms:
                name = normpath(base + form)
                if name in self._paths:
                    return name
        return ""

    def _ending(self, folder: str, module: str, forms: Sequence[str]) -> str:
        module = module.strip("/")
        if not module:
            return ""
        for form in forms:
            wanted = module + form
            named = self._by_name.get(wanted.rpartition("/")[2], ())
            fitting = [
                each
                for each in named[:MAX_CANDIDATES]
                if each == wanted or each.endswith("/" + wanted)
            ]
            if fitting:
                return min(fitting, key=lambda each: (-_shared(each, folder), len(each), each))
        return ""

    def _package(self, path: str, module: str, suffix: str) -> Sequence[str]:
        """Return the files of a package: the folder that most of the import's end names."""
        parts = module.split("/")
        for start in range(len(parts)):
            wanted = "/".join(parts[start:])
            if start and len(parts) - start == 1 and "." not in parts[0]:
                break
            fitting = [
                folder
                for folder in self._folders.get(parts[-1], ())[:MAX_CANDIDATES]
                if folder == wanted or (start == 0 and folder.endswith("/" + wanted))
            ]
            if fitting:
                chosen = min(fitting, key=lambda each: (-_shared(each, path), len(each), each))
                return [each for each in self._by_folder[chosen] if each.endswith(suffix)]
        return ()


def _shared(path: str, other: str) -> int:
    """Return how many leading folders two paths share."""
    count = 0
    for one, two in zip(path.split("/"), other.split("/"), strict=False):
        if one != two:
            break
        count += 1
    return count
