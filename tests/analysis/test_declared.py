import pytest

from mergewright.analysis.declared import compare_manifests, is_manifest, read_declared


@pytest.mark.parametrize(
    ("path", "text", "pinned", "foreign"),
    [
        ("requirements.txt", "a==1.0\nb>=2\nc\nd @ git+https://x.example/d\n", ["a"], ["d"]),
        ("requirements.txt", "a==1.*\nb==1.0 ; python_version < '4'\n", ["b"], []),
        ("pyproject.toml", '[project]\ndependencies = ["a==1", "b~=2.0"]\n', ["a"], []),
        ("pyproject.toml", '[tool.poetry.dependencies]\na = "1.0"\nb = {git = "https://x.example/b"}\n', ["a"], ["b"]),
        ("package.json", '{"dependencies": {"a": "1.2.3", "b": "^1.0.0", "c": "github:x/c"}}', ["a"], ["c"]),
        ("go.mod", "module x\nrequire example.org/a v1.2.3\n", ["example.org/a"], []),
        ("Cargo.toml", '[dependencies]\na = "=1.2.3"\nb = "1.2"\nc = { path = "../c" }\n', ["a"], ["c"]),
        ("Gemfile", 'gem "a", "1.2.3"\ngem "b", "~> 1.0"\n', ["a"], []),
        ("build.gradle", "implementation 'x:a:1.2'\nimplementation 'x:b:1.+'\n", ["x:a"], []),
    ],
)  # fmt: skip
def test_versions_and_sources_are_read(path, text, pinned, foreign):
    declared = read_declared(path, text)
    assert [one.name for one in declared if one.is_pinned] == pinned
    assert [one.name for one in declared if one.is_foreign] == foreign


def test_what_is_no_manifest_declares_nothing():
    assert is_manifest("web/package.json")
    assert not is_manifest("shop.py")
    assert read_declared("shop.py", "a==1\n") == ()
    assert read_declared("package.json", "{") == ()


def test_another_index_is_told():
    told = compare_manifests(
        "requirements.txt", "a==1\n", "--extra-index-url https://x.example/simple\na==1\n"
    )
    assert told.new_indexes == ("--extra-index-url https://x.example/simple",)
    assert (
        compare_manifests("requirements.txt", "-i https://x\n", "-i https://x\n").new_indexes == ()
    )
