"""What a file is for, by its path: somebody else's, made by a machine, a test, or a source."""

import re
from pathlib import PurePosixPath

_FOREIGN_FOLDERS = frozenset(
    (
        "node_modules", "bower_components", "vendor", "third_party", "third-party", "site-packages",
        ".venv", "venv", ".tox", ".nox", "__pycache__", ".git", ".eggs", "dist", ".next", ".gradle",
    )
)  # fmt: skip

_OUTPUT_FOLDERS = frozenset(("build", "target", "out", "coverage", "htmlcov"))
"""Output only at the root: deeper down they are ordinary names."""

_LOCK_FILES = frozenset(
    (
        "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "go.sum", "bun.lockb",
        "gradle.lockfile", "packages.lock.json",
    )
)  # fmt: skip

_GENERATED = re.compile(
    r"""(?: \.min\.(?:js|css) | [._-](?:bundle|generated)\.\w+ | _pb2(?:_grpc)?\.pyi?
        | \.pb(?:\.gw)?\.go | \.g\.dart | \.designer\.cs | \.map | \.snap | \.lock )\Z""",
    re.IGNORECASE | re.VERBOSE,
)

_BINARY_SUFFIXES = frozenset(
    (
        ".png", ".jpg", ".jpeg", ".gif", ".bmp", ".ico", ".webp", ".avif", ".tiff", ".psd", ".svg",
        ".pdf", ".zip", ".gz", ".bz2", ".xz", ".zst", ".tar", ".tgz", ".7z", ".jar", ".war", ".whl",
        ".exe", ".dll", ".so", ".dylib", ".a", ".o", ".class", ".pyc", ".wasm", ".bin", ".dat",
        ".woff", ".woff2", ".ttf", ".otf", ".eot", ".mp3", ".mp4", ".wav", ".ogg", ".webm", ".mov",
        ".db", ".sqlite", ".sqlite3", ".parquet", ".npy", ".npz", ".pkl", ".h5", ".onnx", ".bundle",
    )
)  # fmt: skip

_TEST_FOLDERS = frozenset(("test", "tests", "__tests__", "spec", "specs"))

_TEST_NAME = re.compile(
    r"""\A(?: test_.*\.py | .*_tests?\.(?:py|go|cc|cpp|exs|dart|rb) | conftest\.py | tests?\.py
        | .*\.(?:test|spec)\.[cm]?[jt]sx? | .*_spec\.rb | .*Tests?\.(?:java|kt|scala|cs|php)
        | .*Spec\.(?:scala|groovy|kt) )\Z""",
    re.VERBOSE,
)


def is_own_text(path: str) -> bool:
    """Return whether people of this project write the file by hand, as text."""
    *folders, name = path.split("/")
    return not (
        name[name.rfind(".") :].lower() in _BINARY_SUFFIXES
        or name in _LOCK_FILES
        or _GENERATED.search(name)
        or not _FOREIGN_FOLDERS.isdisjoint(folders)
        or (folders and folders[0] in _OUTPUT_FOLDERS)
    )


def is_test(path: str) -> bool:
    """Return whether the file belongs to the tests."""
    file = PurePosixPath(path)
    folders = {folder.lower() for folder in file.parts[:-1]}
    return bool(_TEST_NAME.match(file.name)) or not _TEST_FOLDERS.isdisjoint(folders)


def is_test_module(path: str) -> bool:
    """Return whether the file is named like one that holds test cases."""
    name = PurePosixPath(path).name
    return bool(_TEST_NAME.match(name)) and name != "conftest.py"


def test_root(path: str) -> str:
    """Return the topmost test folder a test lies in; without one, the test's own path."""
    parts = PurePosixPath(path).parts
    for depth, folder in enumerate(parts[:-1], start=1):
        if folder.lower() in _TEST_FOLDERS:
            return "/".join(parts[:depth])
    return path
