"""What a file imports, as one kind of text for every language.

Three forms: `./x` and `../x` are relative to the file; `a/b/c` is a path from some root; a trailing
`/*` means everything in it. `a/b:c,d` are names taken from `a/b`, each a module or part of one.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

MAX_IMPORT_LENGTH: Final = 400
MAX_NAMES: Final = 60

_COMMENT: Final = re.compile(r"#[^\n]*")
_FROM: Final = re.compile(r"\s*from\s+(\.*)\s*([\w.]*)\s+import\s*\(?([^)]*)", re.DOTALL)
_WORD: Final = re.compile(r"\w+")
_DOTTED: Final = re.compile(
    r"(?:import|using|global\s+using)\s+(?:static\s+|struct\s+|class\s+|enum\s+|func\s+|protocol\s+"
    r"|typealias\s+|let\s+|var\s+|\w+\s*=\s*)?(\w+(?:\.\w+)*(?:\.\*)?)",
)
_GROUPED: Final = re.compile(r"([\w.:\\]+?)(?:\.|::|\\)\{(.*)\}", re.DOTALL)


def _python(text: str) -> list[str]:
    text = _COMMENT.sub("", text)
    taken = _FROM.match(text)
    if taken is None:
        modules = text.replace("import", "", 1).split(",")
        return [words[0].replace(".", "/") for words in map(str.split, modules) if words]
    dots, module, names = taken.groups()
    prefix = "./" if len(dots) == 1 else "../" * (len(dots) - 1)
    chosen = [words[0] for words in map(str.split, names.split(",")) if words]
    return [f"{prefix}{module.replace('.', '/')}:{','.join(chosen[:MAX_NAMES])}"]


def _specifier(text: str) -> list[str]:
    return [text.strip("\"'")]


def _dotted(text: str) -> list[str]:
    found = _DOTTED.match(text)
    if found is None:
        return []
    path = found[1].replace(".", "/")
    return [path[:-1] + "*" if path.endswith(("/_", "/*")) else path]


def _scala(text: str) -> list[str]:
    grouped = _GROUPED.search(text)
    if grouped is None:
        return _dotted(text)
    prefix = grouped[1].replace(".", "/")
    return [f"{prefix}/{word}" for word in _first_words(grouped[2])]


def _rust(text: str) -> list[str]:
    grouped = _GROUPED.search(text)
    prefix, rest = (grouped[1], _first_words(grouped[2])) if grouped else (text, [])
    path = prefix.partition(" as ")[0].strip().replace("::", "/")
    paths = [f"{path}/{word}" for word in rest] if rest else [path]
    return [_rust_place(each) for each in paths]


def _rust_place(path: str) -> str:
    """Return a path of modules; `crate` is any root, `self` and `super` are relative."""
    path = path.removeprefix("crate/").removesuffix("/self")
    if path.startswith("self/"):
        return "./" + path.removeprefix("self/")
    return "../" + path.removeprefix("super/") if path.startswith("super/") else path


def _php(text: str) -> list[str]:
    text = re.sub(r"\s*(?:function|const)\s+", " ", text.strip().rstrip(";"))
    text = text.removeprefix("use").strip()
    grouped = _GROUPED.search(text)
    if grouped:
        prefix = grouped[1].replace("\\", "/")
        return [f"{prefix}/{word}" for word in _first_words(grouped[2])]
    names = (part.split(" as ")[0].strip() for part in text.split(","))
    return [name.replace("\\", "/").lstrip("/") for name in names if name]


def _included(text: str) -> list[str]:
    """Return an include; one in quotes is looked for beside the file first."""
    return [text.strip('"<>')] if text.startswith("<") else ["./" + text.strip('"')]


def _first_words(text: str) -> list[str]:
    found = (_WORD.search(part) for part in text.split(","))
    return [word[0] for word in found if word][:MAX_NAMES]


_READERS: Final[Mapping[str, Callable[[str], list[str]]]] = MappingProxyType(
    {
        "python": _python,
        "javascript": _specifier,
        "typescript": _specifier,
        "tsx": _specifier,
        "go": _specifier,
        "ruby": _specifier,
        "rust": _rust,
        "java": _dotted,
        "kotlin": _dotted,
        "csharp": _dotted,
        "swift": _dotted,
        "scala": _scala,
        "php": _php,
        "c": _included,
        "cpp": _included,
    }
)


def read_imports(grammar: str, texts: Iterable[str], beside: Iterable[str]) -> tuple[str, ...]:
    """Return what a file imports, each once and sorted.

    Args:
        grammar: Grammar that read the file.
        texts: Import statements or specifiers, as written.
        beside: Names of files or modules that lie beside the file.
    """
    found = {name for text in texts for name in _read(grammar, text)}
    found |= {"./" + _cleaned(text.strip("\"'").removeprefix("./")) for text in beside}
    return tuple(sorted(found - {""}))


@lru_cache(maxsize=20_000)
def _read(grammar: str, text: str) -> tuple[str, ...]:
    """Return what one statement imports; the same ones come back in file after file."""
    return tuple(map(_cleaned, _READERS.get(grammar, _specifier)(text)))


def _cleaned(name: str) -> str:
    return " ".join(name.split())[:MAX_IMPORT_LENGTH]
