import pytest

from mergewright.analysis.languages import LANGUAGES, LanguageRule
from mergewright.analysis.syntax import MAX_FINDINGS, _tree_findings, syntax_findings
from mergewright.errors import ConfigError


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("a.py", "x = 1\ndef f(:\n    pass\n", 2),
        ("a.py", "if True:\n    x = 1\n   y = 2\n", 3),
        ("a.py", "return 1\n", 1),
        ("a.py", "x = 1\0\n", 0),
        ("a.py", "(" * 5000, 1),
        ("a.json", '{\n"a": 1,\n}', 3),
        ("a.json", "[" * 100_000, 0),
        ("a.toml", "a = 1\nb =\n", 2),
        ("a.toml", 'a = """x\n', 2),
        ("a.yml", "a: [1,\nb: }\n", 2),
        ("a.yaml", "a: \x01\n", 0),
        ("a.js", "let a = 1;\nfunction f( {\n", 2),
        ("a.ts", "interface A {\n  b: ;\n}\n", 2),
        ("a.tsx", "const a = <div>;\n", 1),
        ("A.java", "class A {\n  void f() { int x = ; }\n}\n", 2),
        ("a.go", "package a\nfunc f( {\n}\n", 2),
        ("a.rs", "fn f() {\n  let = 1;\n}\n", 2),
        ("a.rb", "def f\n  x = [1,\nend\n", 2),
        ("run", "#!/usr/bin/env bash\nif true; then\n", 2),
    ],
)
def test_a_broken_file_has_a_finding_with_its_line(path, text, line):
    findings = syntax_findings(path, text)
    assert findings
    assert {finding.path for finding in findings} == {path}
    assert all(finding.message and finding.rule == "syntax" for finding in findings)
    assert min(abs(finding.line - line) for finding in findings) <= 1


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", "\ufeff# -*- coding: latin-1 -*-\nmatch = 'é'\nasync def f():\n    await g()\n"),
        ("a.py", "s = '\\d'\n"),
        ("a.pyi", "def f(x: int) -> str: ...\n"),
        ("a.json", '\ufeff{"a": [1, 2]}'),
        ("a.toml", "[a]\nb = 1\n"),
        ("a.yml", "a: !Ref b\n---\nc: *anchor\n"),
        ("a.js", "export const a = async () => ({ ...b });\n"),
        ("a.ts", "export type A<T> = { [K in keyof T]?: T[K] };\n"),
        ("a.tsx", "const A = () => <div>{b}</div>;\n"),
        ("A.java", "record A(int x) { A { if (x < 0) throw new Error(); } }\n"),
        ("a.go", "package a\nfunc f[T any](x T) T { return x }\n"),
        ("a.unknown", "((("),
        ("LICENSE", "((("),
        ("a.md", "((("),
        ("a.sql", "((("),
    ],
)
def test_a_right_or_unknown_file_has_none(path, text):
    assert syntax_findings(path, text) == ()


def test_a_finding_keeps_its_identity_when_lines_move():
    text = "def f(:\n"
    (before,) = syntax_findings("a.py", text)
    (after,) = syntax_findings("a.py", f"\n\n{text}")
    assert before.identity == after.identity
    assert before.line != after.line


def test_findings_are_limited():
    assert len(syntax_findings("a.js", "f(;\ng();\n" * 500)) == MAX_FINDINGS


@pytest.mark.parametrize("name", sorted(name for name, rule in LANGUAGES.items() if rule.grammar))
def test_the_grammar_of_every_language_loads(name):
    rule = LANGUAGES[name]
    path = f"x{rule.suffixes[0]}" if rule.suffixes else rule.file_names[0]
    assert isinstance(syntax_findings(path, "\n"), tuple)


def test_a_grammar_that_does_not_load_is_an_error_and_not_a_clean_file():
    with pytest.raises(ConfigError, match="'klingon'") as caught:
        _tree_findings("a.kl", "", LanguageRule("Klingon", grammar="klingon"))
    assert "tree-sitter-language-pack" in caught.value.hint
