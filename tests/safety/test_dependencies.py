from mergewright.domain.dependencies import Declared, Manifests
from mergewright.safety.dependencies import added_packages, dependency_objections


def declared(name, text="", *, pinned=True, foreign=False, ecosystem="python"):
    return Declared(
        ecosystem=ecosystem, name=name, text=text or name, is_pinned=pinned, is_foreign=foreign
    )


def said(before, after, **fields):
    pair = Manifests(path="requirements.txt", before=before, after=after, **fields)
    return [(str(one.rule), one.subject) for one in dependency_objections([pair])]


BASE = (declared("idna"), declared("certifi"), declared("loose", pinned=False))


def test_a_new_package_is_named():
    after = (*BASE, declared("attrs", "attrs==25.3"))
    assert said(BASE, after) == [("new-package", "attrs")]
    assert said(BASE, BASE) == []
    pair = Manifests(path="a", before=BASE, after=after)
    assert added_packages([pair]) == ("python: attrs==25.3",)
    assert added_packages([]) == ()


def test_a_new_package_is_pinned_where_the_others_are():
    new = declared("attrs", pinned=False)
    assert ("unpinned-package", "attrs") in said(BASE, (*BASE, new))
    loose = (declared("idna", pinned=False), declared("certifi", pinned=False))
    assert said(loose, (*loose, new)) == [("new-package", "attrs")]


def test_a_pin_is_not_taken_away():
    assert said(BASE, (declared("idna", "idna>=3", pinned=False), *BASE[1:])) == [
        ("unpinned-package", "idna")
    ]


def test_lookalikes_other_sources_and_indexes():
    near = declared("reqeusts")
    elsewhere = declared("idna", "idna @ git+x", foreign=True)
    assert ("lookalike-package", "reqeusts") in said(BASE, (*BASE, near))
    assert said(BASE, (elsewhere, *BASE[1:])) == [("foreign-source", "idna")]
    assert said(BASE, BASE, new_indexes=("-i https://x",)) == [("foreign-source", "-i https://x")]


def test_a_package_that_moves_to_another_manifest_is_not_new():
    pairs = [
        Manifests(path="a.txt", before=(declared("idna"),), after=()),
        Manifests(path="b.txt", before=(), after=(declared("idna"),)),
    ]
    assert dependency_objections(pairs) == ()


def test_known_packages_may_be_added():
    pair = Manifests(path="a", before=BASE, after=(*BASE, declared("attrs")))
    assert dependency_objections([pair], ["python:attrs"]) == ()
