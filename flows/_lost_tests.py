"""Which tests ran on the base and run no more, though nothing took their place and nobody objects yet."""

from collections import Counter
from collections.abc import Iterable

from mergewright.domain.checks import Verification


def lost_tests(verification: Verification) -> tuple[str, ...]:
    """Return the ids of tests that are missing for no known reason.

    A test that was moved, renamed or made a row of a table is not lost where as many tests run in its
    place as before; rows of a table may be others, and may not be fewer. One that is gone altogether is
    what the integrity gate objects to, by name.
    """
    delta, evidence = verification.delta, verification.evidence
    became = {
        old_form: new_form
        for old, new in evidence.became.items()
        for old_form, new_form in zip(_forms(old), _forms(new), strict=True)
    }
    gone = {form for name in evidence.gone for form in _forms(name)}
    missing = [name for name in delta.missing if _stem(name) not in gone]
    places = {name: became.get(_stem(name), _stem(name)) for name in missing}
    added = {*delta.added}
    ids = [test.id for result in verification.report.results for test in result.tests]
    new = _counted(name for name in ids if name in added)
    wanted = Counter(places.values())
    return tuple(name for name in missing if new[places[name]] < wanted[places[name]])


def _counted(names: Iterable[str]) -> Counter[str]:
    return Counter(_stem(name) for name in names)


def _forms(name: str) -> tuple[str, str]:
    """Return a test's id as runners write it that tell its file, and as others do."""
    return _stem(name), _stem(name.partition("::")[2])


def _stem(name: str) -> str:
    """Return a test's id without the row of its table, and subtests written in one way."""
    path, _, rest = name.partition("::")
    return f"{path}::{rest.partition('[')[0].replace('/', '::').replace(' ', '_')}"
