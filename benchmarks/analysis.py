"""What it costs to know a repository's code, and what others take for it.

    python -m benchmarks.analysis REPOSITORY... [--aider-python PATH] [--lizard-python PATH]

Each repository is a clone or bare repository of a public source release; nothing is written to it.
Every measured part is a process of its own; processor seconds and peak memory are the system's
count for it and all it started. The bare parse reads the same blobs through the same git.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from tree_sitter import Parser
from tree_sitter_language_pack import get_language

from mergewright.analysis.code_index import FileState
from mergewright.analysis.grammars import GRAMMARS
from mergewright.clients.code_index import index_commit
from mergewright.clients.fact_store import FactStore
from mergewright.clients.git_objects import LINK_MODE, list_tree, stream_blobs

ROUNDS: Final = 3
HOW_TO_GET: Final = """Three public releases of different size:
  git clone --bare --depth 1 https://github.com/encode/httpx
  git clone --bare --depth 1 https://github.com/PrefectHQ/prefect
  git clone --bare --depth 1 https://github.com/spring-projects/spring-boot"""

_AIDER: Final = """
import subprocess, sys
from aider.repomap import RepoMap
class Model:
    def token_count(self, text): return len(text) / 4
class Output:
    def read_text(self, name, **_):
        try: return open(name, encoding="utf-8").read()
        except (OSError, UnicodeError): return None
    def tool_output(self, *_, **__): pass
    tool_error = tool_warning = tool_output
root = sys.argv[1]
names = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True).stdout
files = [f"{root}/{name}" for name in names.split("\\0") if name]
print(len(RepoMap(4096, root, Model(), Output()).get_repo_map([], files) or ""))
"""
_LIZARD: Final = """
import sys, lizard
functions = 0
for name in open(sys.argv[1]).read().splitlines():
    try: functions += len(lizard.analyze_file(name).function_list)
    except Exception: pass
print(functions)
"""


class Cost(NamedTuple):
    """What a process took."""

    cpu_seconds: float
    peak_megabytes: float
    inner_cpu_seconds: float
    """Of the work alone, without the start of the interpreter; 0 when it is not known."""


def measure(command: Sequence[str], rounds: int = 1, cwd: Path | None = None) -> Cost | None:
    """Run a command and return the cheapest of its runs; None when it fails."""
    costs = []
    for _ in range(rounds):
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL, cwd=cwd)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            output.seek(0)
            last = output.read().decode(errors="replace").strip().rpartition("\n")[2]
        if process.returncode != 0:
            return None
        inner = json.loads(last)["cpu"] if last.startswith("{") else 0.0
        cpu = usage.ru_utime + usage.ru_stime
        costs.append(Cost(cpu, usage.ru_maxrss / 1024, inner))
    return min(costs)


def part(name: str, repository: str, store: str, commit: str, blobs: str) -> None:
    """Do one part of the work in this process, and print what it took without its start."""
    began = _cpu_seconds()
    if name == "bare":
        parsers = {language: Parser(get_language(each)) for language, each in GRAMMARS.items()}  # type: ignore[arg-type]
        languages = dict(json.loads(Path(blobs).read_text()))
        parsing = 0.0
        for blob, content in stream_blobs(Path(repository), languages):
            start = time.process_time()
            parsers[languages[blob]].parse(content or b"")
            parsing += time.process_time() - start
        print(json.dumps({"cpu": parsing}))
        return
    with FactStore(Path(store)) as facts:
        index = index_commit(Path(repository), commit, facts)
        spent = _cpu_seconds() - began
        parsed = {
            file.blob: file.language
            for file in index.files
            if file.state is FileState.PARSED and file.language in GRAMMARS
        }
    Path(blobs).write_text(json.dumps(list(parsed.items())))
    print(json.dumps({"cpu": spent}))


def _cpu_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def compare(repository: Path, folder: Path, options: argparse.Namespace) -> None:
    """Print the table of one repository."""
    store, blobs, clone = folder / "facts.db", folder / "blobs.json", folder / "clone"
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run([*git, "clone", "--quiet", "--shared", "--bare", repository, clone], check=True)
    commit = _output([*git, "rev-parse", "HEAD"], clone)

    def ours(name: str, commit: str, rounds: int = 1) -> Cost | None:
        module = [sys.executable, "-m", "benchmarks.analysis", "--part", name]
        return measure([*module, str(clone), str(store), commit, str(blobs)], rounds)

    def cold() -> Cost | None:
        for file in folder.glob("facts.db*"):
            file.unlink()
        return ours("index", commit)

    colds = [cost for cost in (cold() for _ in range(ROUNDS)) if cost is not None]
    bare = ours("bare", commit, ROUNDS)
    rows: dict[str, Cost | None] = {
        "bare tree-sitter parse": bare,
        "ours, cold": min(colds, default=None),
        "ours, warm": ours("index", commit, ROUNDS),
        "ours, after a commit of one file": ours("index", _edited(clone, blobs, git)),
    }
    rows |= others(repository, folder, options)
    files = len(list_tree(clone, commit))
    parsed = len(json.loads(blobs.read_text()))
    print(f"\n## {repository.name}: {files:,} files, {parsed:,} blobs parsed\n")
    print("| | CPU s, whole process | CPU s, work alone | peak MB | x ours, cold |")
    print("|---|---:|---:|---:|---:|")
    reference = rows["ours, cold"]
    for name, cost in rows.items():
        if cost is None:
            print(f"| {name} | not run | | | |")
        else:
            ratio = cost.cpu_seconds / reference.cpu_seconds if reference else 0.0
            inner = f"{cost.inner_cpu_seconds:.2f}" if cost.inner_cpu_seconds else ""
            print(
                f"| {name} | {cost.cpu_seconds:.2f} | {inner} | {cost.peak_megabytes:.0f}"
                f" | {ratio:.2f} |"
            )


def _edited(clone: Path, blobs: Path, git: list[str]) -> str:
    """Commit a change of one file in a clone, and return the commit."""
    blob = json.loads(blobs.read_text())[0][0]
    entry = next(each for each in list_tree(clone, "HEAD") if each.blob == blob)
    content = dict(stream_blobs(clone, [blob]))[blob] or b""
    changed = subprocess.run(
        [*git, "hash-object", "-w", "--stdin"],
        cwd=clone, input=content + b"\n", capture_output=True, check=True,
    ).stdout.decode().strip()  # fmt: skip
    _output([*git, "read-tree", "HEAD"], clone)
    _output([*git, "update-index", "--cacheinfo", f"{entry.mode},{changed},{entry.path}"], clone)
    tree = _output([*git, "write-tree"], clone)
    return _output([*git, "commit-tree", tree, "-p", "HEAD", "-m", "one file"], clone)


def others(repository: Path, folder: Path, options: argparse.Namespace) -> dict[str, Cost | None]:
    """Measure the other tools on a work tree of the repository."""
    tree = folder / "tree"
    _write_tree(repository, tree)
    names = folder / "names.txt"
    names.write_text(_output(["git", "ls-files"], tree))
    suffixes = (
        ".py",
        ".js",
        ".ts",
        ".tsx",
        ".go",
        ".rs",
        ".java",
        ".kt",
        ".rb",
        ".php",
        ".c",
        ".cc",
    )
    code = folder / "code.txt"
    lines = names.read_text().splitlines()
    code.write_text("\n".join(f"{tree}/{name}" for name in lines if name.endswith(suffixes)))
    rows: dict[str, Cost | None] = {}
    if options.aider_python:
        aider = [options.aider_python, "-c", _AIDER, str(tree)]
        rows["aider's map, cold"] = measure(aider)
        rows["aider's map, warm"] = measure(aider)
    if shutil.which("ctags"):
        command = ["ctags", "-L", str(names), "-f", str(folder / "tags")]
        rows["universal-ctags (definitions)"] = measure(command, cwd=tree)
    if options.lizard_python:
        lizard = [options.lizard_python, "-c", _LIZARD, str(code)]
        rows["lizard (complexity)"] = measure(lizard)
    return rows


def _write_tree(repository: Path, tree: Path) -> None:
    """Write the files that the repository has; a checkout would give up at the first missing blob."""
    present = [each for each in list_tree(repository, "HEAD") if each.size_bytes is not None]
    contents = stream_blobs(repository, [each.blob for each in present])
    paths: dict[str, list[str]] = {}
    for entry in present:
        if entry.mode != LINK_MODE:
            paths.setdefault(entry.blob, []).append(entry.path)
    for blob, content in contents:
        for path in paths.get(blob, ()):
            file = tree / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content or b"")
    _output(["git", "init", "--quiet"], tree)
    _output(["git", "add", "--all", "--force"], tree)


def _output(command: Sequence[str], cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, check=True)
    return done.stdout.decode(errors="replace").strip()


def main() -> None:
    """Compare on each repository given."""
    parser = argparse.ArgumentParser(epilog=HOW_TO_GET, description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("repositories", nargs="*")
    parser.add_argument("--aider-python", help="Python of an environment with aider-chat")
    parser.add_argument("--lizard-python", help="Python of an environment with lizard")
    parser.add_argument("--part", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        part(options.part, *options.repositories)
        return
    if not options.repositories:
        parser.error(f"name a repository.\n{HOW_TO_GET}")
    for repository in options.repositories:
        with tempfile.TemporaryDirectory(prefix="mergewright-analysis-") as folder:
            compare(Path(repository).resolve(), Path(folder), options)


if __name__ == "__main__":
    main()
