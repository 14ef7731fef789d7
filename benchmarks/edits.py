"""How often edits that models damaged are applied rightly, refused, or applied wrongly.

Real edits from the histories of public repositories are rendered in each form, damaged in each way,
and applied by ours and by others. Prints Markdown tables; `docs/benchmarks-edits.md` says what they
mean, which repositories there are and how to get them.
"""

import argparse
import json
import shutil
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.edits_answers import Answer
from benchmarks.edits_appliers import (
    NUMBERED,
    Aider,
    Applier,
    first_exact,
    git_apply,
    gnu_patch,
    only_exact,
    ours_envelope,
    ours_replacements,
    ours_unified,
    ours_without_lines,
)
from benchmarks.edits_cases import DATA, Case, choose_edits, load_cases, sample
from benchmarks.edits_damage import KINDS, damage

PARTS: Final = ("tuning", "held out")
RIGHT, REFUSED, WRONG = "right", "refused", "wrong"


class Outcome(NamedTuple):
    """What an applier made of one answer."""

    applier: str
    kind: str
    verdict: str
    case: Case


def main() -> None:
    """Measure and print."""
    options, began = _read_options(), time.monotonic()
    repositories = dict(_named(word) for word in options.repositories)
    if options.choose:
        _choose(options.choose, repositories, options)
        return
    aider = Aider(options.aider_python) if options.aider_python else None
    appliers = _appliers(aider, others=not options.only_ours)
    for part in options.part or PARTS:
        cases = sample(list(load_cases(part, repositories)), options.cases)
        if not cases:
            print(f"No repository of the part {part!r} is there; skipped.\n")
            continue
        outcomes = measure(cases, appliers, options.seed)
        _report(part, cases, outcomes)
        if options.show:
            _show(outcomes, options.show)
    if aider:
        aider.close()
    print(f"Seed {options.seed}; {time.monotonic() - began:.0f} seconds.")


def measure(cases: Sequence[Case], appliers: Mapping[str, Applier], seed: int) -> list[Outcome]:
    """Return what each applier made of each case, damaged in each way."""
    outcomes = []
    for case in cases:
        for kind in KINDS:
            answer = damage(kind, case, seed)
            if answer is None:
                continue
            for name, apply in appliers.items():
                outcomes.append(Outcome(name, kind, _verdict(name, answer, apply(answer)), case))
    return outcomes


def _verdict(name: str, answer: Answer, text: str | None) -> str:
    if text == answer.after:
        return RIGHT
    if text is not None:
        return WRONG
    unsure = not answer.numbered and name not in NUMBERED
    return RIGHT if answer.must_refuse or unsure else REFUSED


def _appliers(aider: Aider | None, *, others: bool) -> dict[str, Applier]:
    appliers: dict[str, Applier] = {
        "ours: search and replace, near_line": ours_replacements,
        "ours: search and replace": ours_without_lines,
        "ours: unified diff": ours_unified,
        "ours: apply_patch": ours_envelope,
    }
    if not others:
        return appliers
    appliers |= {"exact, first match": first_exact, "exact, only match": only_exact}
    if aider:
        appliers["aider editblock"] = aider
    else:
        print("aider editblock is skipped: --aider-python names no Python that has it.\n")
    if shutil.which("git"):
        appliers["git apply"] = git_apply()
        lenient = ("--recount", "-C1", "--ignore-whitespace")
        appliers["git apply, lenient"] = git_apply(*lenient)
    if shutil.which("patch"):
        appliers["GNU patch"] = gnu_patch
    else:
        print("GNU patch is skipped: there is no `patch`.\n")
    return appliers


def _report(part: str, cases: Sequence[Case], outcomes: Sequence[Outcome]) -> None:
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for outcome in outcomes:
        counts[outcome.applier, outcome.kind][outcome.verdict] += 1
    per_repository = Counter(case.repository for case in cases)
    told = ", ".join(f"{name} {count}" for name, count in per_repository.items())
    print(f"## {part.capitalize()}: {len(cases)} edits ({told})\n")
    print("Right / wrong in percent; the rest is refused.\n")
    names = list(dict.fromkeys(outcome.applier for outcome in outcomes))
    kinds = [kind for kind in KINDS if counts[names[0], kind]]
    heads = ["damage", "edits", *names]
    print(f"| {' | '.join(heads)} |\n|{' --- |' + ' ---: |' * (len(heads) - 1)}")
    for kind in kinds:
        total = counts[names[0], kind].total()
        cells = [_percent(counts[name, kind]) for name in names]
        print(f"| {' | '.join((kind, str(total), *cells))} |")
    sums = [sum((counts[name, kind] for kind in kinds), Counter[str]()) for name in names]
    cells = [
        f"{_share(one, RIGHT):.2f} / {_share(one, REFUSED):.2f} / {_share(one, WRONG):.2f}"
        for one in sums
    ]
    row = ("all: right / refused / wrong", str(sums[0].total()), *cells)
    print(f"| {' | '.join(row)} |\n")


def _percent(counts: Counter[str]) -> str:
    wrong = _share(counts, WRONG)
    return f"{_share(counts, RIGHT):.0f}" + (f" / {wrong:.1f}" if wrong else "")


def _share(counts: Counter[str], verdict: str) -> float:
    return 100 * counts[verdict] / counts.total()


def _show(outcomes: Sequence[Outcome], verdict: str) -> None:
    for outcome in outcomes:
        if outcome.verdict == verdict and outcome.applier.startswith("ours"):
            case = outcome.case
            print(outcome.applier, "|", outcome.kind, "|", case.repository, case.commit, case.path)


def _choose(part: str, repositories: Mapping[str, Path], options: argparse.Namespace) -> None:
    """Write the list of edits of a part anew."""
    listed = json.loads(DATA.read_text()) if DATA.exists() else {}
    listed[part] = {
        name: choose_edits(name, folder, count=options.cases or 24, seed=options.seed)
        for name, folder in repositories.items()
    }
    DATA.write_text(json.dumps(listed, indent=1) + "\n")


def _named(word: str) -> tuple[str, Path]:
    name, _, folder = word.partition("=")
    path = Path(folder)
    if not folder or not path.is_dir():
        sys.exit(f"{word!r} is not OWNER/NAME=FOLDER with a folder that exists")
    return name, path


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repositories", nargs="+", metavar="OWNER/NAME=FOLDER")
    parser.add_argument("--part", action="append", choices=PARTS, help="only this part")
    parser.add_argument("--aider-python", type=Path, help="a Python with aider-chat installed")
    parser.add_argument("--only-ours", action="store_true")
    parser.add_argument("--cases", type=int, help="at most so many edits per part")
    parser.add_argument("--seed", type=int, default=20261120)
    parser.add_argument("--show", choices=(REFUSED, WRONG), help="name our edits of this verdict")
    parser.add_argument("--choose", choices=PARTS, help="write the part's list of edits anew")
    return parser.parse_args()


if __name__ == "__main__":
    main()
