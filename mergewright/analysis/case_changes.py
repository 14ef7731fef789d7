"""What a change does to tests: which are gone, kept from running, or assert less than on the base."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from mergewright.analysis.case_facts import Assertion, CaseFile, OutsideCall
from mergewright.analysis.case_matching import (
    FilePair,
    Matches,
    PlacedCase,
    covers,
    match_cases,
)
from mergewright.domain.objections import Objection, Rule

_MAX_SHOWN: Final = 120
_ANY: Final = frozenset(("", "Exception", "BaseException", "AssertionError", "Throwable", "Error"))
"""Exceptions that a failing assertion is among."""
_OUTSIDE: Final = MappingProxyType(
    {"network": Rule.NETWORK_CALL, "process": Rule.PROCESS_CALL, "sleep": Rule.SLEEP}
)
_SAID: Final = MappingProxyType(
    {
        "network": "calls the network, and this file did not before",
        "process": "starts a process, and this file did not before",
        "sleep": "sleeps; wait for what the test needs",
    }
)


@dataclass(frozen=True, slots=True)
class CaseChanges:
    """What a change does to tests."""

    objections: tuple[Objection, ...]
    became: dict[str, str]
    """Ids of the base's tests that are others now: moved, renamed, or a row of a table."""
    gone: tuple[str, ...]
    """Ids of the base's tests that are gone, each with an objection."""


def compare_cases(pairs: Sequence[FilePair]) -> CaseChanges:
    """Compare the test files of a change with those of its base."""
    unreadable = tuple(_unreadable(pairs))
    readable = [pair for pair in pairs if not _is_unreadable(pair)]
    matches = match_cases(readable)
    objections = [*unreadable, *map(_deleted, matches.gone)]
    for pair in readable:
        objections += _file_objections(pair)
    for before, after in matches.same:
        objections += _case_objections(before, after)
    for one in matches.added:
        objections += _new_case_objections(one)
    return CaseChanges(
        objections=tuple(dict.fromkeys(objections)),
        became=_became(matches),
        gone=tuple(one.id for one in matches.gone),
    )


def _became(matches: Matches) -> dict[str, str]:
    pairs = (*matches.same, *matches.tabled)
    return {before.id: after.id for before, after in pairs if before.id != after.id}


def _is_unreadable(pair: FilePair) -> bool:
    return any(file is not None and not file.is_readable for file in (pair.before, pair.after))


def _unreadable(pairs: Sequence[FilePair]) -> Iterator[Objection]:
    """Object to files that cannot be compared; where only the change has a fault, syntax checks say so."""
    for pair in pairs:
        if _is_unreadable(pair) and not (pair.before and pair.before.is_readable):
            yield Objection(
                rule=Rule.UNREADABLE_TEST,
                path=pair.path,
                subject="",
                message="it cannot be parsed, so nothing is known of its tests",
            )


def _deleted(one: PlacedCase) -> Objection:
    return Objection(
        rule=Rule.DELETED_TEST,
        path=one.path,
        subject=one.case.name,
        message="the test is gone, and no other one does what it did",
    )


def _file_objections(pair: FilePair) -> Iterator[Objection]:
    after = pair.after
    if after is None:
        return
    before = pair.before or CaseFile()
    for text in _more(after.skips, before.skips):
        yield _about(
            pair.path, Rule.SKIPPED_TEST, text, "it keeps all tests of the file from running"
        )
    for text in _more(after.focused, before.focused):
        yield _about(pair.path, Rule.FOCUSED_TEST, text, "it keeps all other tests from running")
    yield from _outside_objections(pair.path, before.outside, after.outside)


def _outside_objections(
    path: str, before: Sequence[OutsideCall], after: Sequence[OutsideCall]
) -> Iterator[Objection]:
    known = Counter((call.kind, call.name) for call in before)
    seen: Counter[tuple[str, str]] = Counter()
    for call in after:
        key = (call.kind, call.name)
        seen[key] += 1
        # A file whose tests start processes may start more; each sleep is one too many.
        is_more = seen[key] > known[key] if call.kind == "sleep" else not known[key]
        if is_more and (call.kind == "sleep" or seen[key] == 1):
            rule = _OUTSIDE[call.kind]
            yield _about(path, rule, call.name, _SAID[call.kind], line=call.line)


def _case_objections(before: PlacedCase, after: PlacedCase) -> Iterator[Objection]:
    base, case = before.case, after.case
    say = _saying(after)
    for text in _more(case.skips, base.skips):
        yield say(Rule.SKIPPED_TEST, f"{text} keeps it from running, or from failing")
    lost = len(base.rows) - len(case.rows)
    if base.rows and lost > 0:
        yield say(Rule.DELETED_TEST, f"it is run for {len(case.rows)} rows of {len(base.rows)}")
    yield from _weaker(before, after)
    known = {one.text for one in base.assertions if one.is_vacuous}
    yield from _vacuous(after, known)
    if len(case.swallowed) > len(base.swallowed):
        yield say(Rule.SWALLOWED_EXCEPTION, "it goes on over an exception")
    yield from _wider(before, after)


def _new_case_objections(one: PlacedCase) -> Iterator[Objection]:
    say = _saying(one)
    for text in dict.fromkeys(one.case.skips):
        yield say(
            Rule.SKIPPED_TEST, f"it is new, and {text} keeps it from running, or from failing"
        )
    yield from _vacuous(one, {each.text for each in one.case.assertions if each.compares_itself})
    if _ANY.intersection(one.case.swallowed):
        yield say(Rule.SWALLOWED_EXCEPTION, "it is new, and goes on over any exception")


def _weaker(before: PlacedCase, after: PlacedCase) -> Iterator[Objection]:
    base, case = before.case.effective, after.case.effective
    say = _saying(after)
    lost = _shown(_without(base, case))
    if len(case) < len(base):
        yield say(
            Rule.FEWER_ASSERTIONS,
            f"it asserts {len(case)} things, and {len(base)} on the base; gone: {lost}",
        )
    elif not covers(case, base):
        instead = _shown(_without(case, base))
        yield say(Rule.WEAKER_ASSERTION, f"it asserted {lost}, and now asserts {instead}")
    else:
        patterns = [sum(one.has_pattern for one in side) for side in (base, case)]
        if patterns[1] < patterns[0] and _expected(case) >= _expected(base):
            yield say(Rule.WEAKER_ASSERTION, "it does not look any more at what an exception says")


def _expected(assertions: Sequence[Assertion]) -> int:
    return sum("raises" in one.text.lower() for one in assertions)


def _vacuous(one: PlacedCase, known: set[str]) -> Iterator[Objection]:
    for assertion in one.case.assertions:
        if assertion.is_vacuous and assertion.text not in known:
            shown = assertion.text[:_MAX_SHOWN]
            yield _about(
                one.path,
                Rule.VACUOUS_ASSERTION,
                one.case.name,
                f"it asserts {shown!r}, which cannot be false",
                line=assertion.line,
            )


def _wider(before: PlacedCase, after: PlacedCase) -> Iterator[Objection]:
    widths = [
        [one.width for one in side.case.assertions if one.width is not None]
        for side in (before, after)
    ]
    if all(widths) and max(widths[1]) > max(widths[0]):
        message = f"its tolerance is {max(widths[1]):g}, and {max(widths[0]):g} on the base"
        yield _saying(after)(Rule.WIDER_TOLERANCE, message)


def _saying(one: PlacedCase) -> Callable[[Rule, str], Objection]:
    return lambda rule, message: _about(one.path, rule, one.case.name, message, line=one.case.line)


def _about(path: str, rule: Rule, subject: str, message: str, *, line: int = 0) -> Objection:
    return Objection(rule=rule, path=path, subject=subject, message=message, line=line)


def _more(after: Sequence[str], before: Sequence[str]) -> list[str]:
    return list(Counter(after) - Counter(before))


def _without(these: Sequence[Assertion], others: Sequence[Assertion]) -> list[str]:
    return list(Counter(one.text for one in these) - Counter(one.text for one in others))


def _shown(texts: Sequence[str]) -> str:
    return ", ".join(repr(text[:_MAX_SHOWN]) for text in texts) or "none"
