"""Trees of files that exist in memory only."""

from mergewright.analysis.source_files import SourceFile, Sources


def files(contents):
    """Return source files of {path: text or bytes}."""
    return [
        SourceFile(path, len(body), lambda body=body: body)
        for path, text in contents.items()
        for body in [text if isinstance(text, bytes) else text.encode()]
    ]


def sources(contents):
    """Return the sources of {path: text or bytes}."""
    return Sources(files(contents))
