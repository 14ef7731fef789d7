"""Licence headers that a policy asks for at the top of new files."""

from collections.abc import Iterator, Mapping, Sequence

from mergewright.domain.objections import Objection, Rule
from mergewright.safety.policy import matches_glob

MAX_LINES = 15
"""Of a file, among which its header must be: other comments may come first."""
_DEFAULT_PATHS = ("*.py", "*.js", "*.ts", "*.tsx", "*.jsx", "*.go", "*.rs", "*.java", "*.kt", "*.rb", "*.php", "*.c", "*.h", "*.cc", "*.cpp", "*.cs", "*.swift", "*.scala", "*.sh")  # fmt: skip


def missing_headers(
    added: Mapping[str, str], header: str, paths: Sequence[str] = ()
) -> Iterator[Objection]:
    """Yield an objection for each new file whose first lines lack the header.

    Args:
        added: Texts of new files.
        header: Words that must be there, as `SPDX-License-Identifier: MIT`; empty asks for none.
        paths: Globs of the files that it is asked of; empty is source code.
    """
    wanted = " ".join(header.split())
    for path, text in added.items():
        if not wanted or not text.strip():
            continue
        if not any(matches_glob(path, glob) for glob in paths or _DEFAULT_PATHS):
            continue
        words = " ".join(_without_marks(line) for line in text.split("\n")[:MAX_LINES])
        if wanted not in " ".join(words.split()):
            yield Objection(
                rule=Rule.LICENCE_HEADER,
                path=path,
                subject="",
                message=f"its first {MAX_LINES} lines do not say {wanted!r}",
            )


def _without_marks(line: str) -> str:
    return line.strip().lstrip("#/*-;<!").strip()
