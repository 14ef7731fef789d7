"""Every construct of every language, by name: what a grammar renames, a test here misses."""

import time
from pathlib import Path

import pytest

from mergewright.analysis.blob_facts import Outcome, decode_columns, decode_measures, encode
from mergewright.analysis.extraction import read_blob
from mergewright.analysis.grammars import GRAMMARS

CONSTRUCTS = Path(__file__).parent / "constructs"

# fmt: off
SYMBOLS = {
    "Python": {
        "module constant": "variable LIMIT", "typed constant": "variable TYPED",
        "type alias": "type Alias", "unpacked constants": "variable _B",
        "decorated, documented class": "class Shape*", "class attribute": "field Shape.SIDES",
        "annotated attribute": "field Shape.name", "nested class": "class Shape.Inner",
        "method of a nested class": "method Shape.Inner.deep",
        "decorated method": "method Shape.area*:3", "async static method": "method Shape.fetch:2",
        "generic function": "function outer:5", "nested function": "function outer.nested:3",
        "lambda": "function square", "overloads": "function pick 2x",
        "conditional function": "function conditional",
    },
    "JavaScript": {
        "exported function": "function plain*:3", "default class": "class Shape",
        "static field": "field Shape.count", "private field": "field Shape.#secret",
        "arrow field": "method Shape.handler", "constructor": "method Shape.constructor",
        "getter": "method Shape.area", "async static method": "method Shape.make:2",
        "generator method": "method Shape.gen", "private method": "method Shape.#priv",
        "generator": "function generator", "arrow function": "function arrow:2",
        "function expression": "function expr", "named function expression": "function expr.named",
        "exported constant": "variable LIMIT", "variable": "variable counter",
        "object method": "function obj2.method:2", "arrow in an object": "function obj2.key",
        "CommonJS export": "function util", "prototype method": "function grow",
        "component": "function El",
    },
    "TypeScript": {
        "generic interface": "interface Shape*", "method signature": "method Shape.area*",
        "property signature": "field Shape.name", "type alias": "type Alias", "enum": "enum Color",
        "enum member": "member Color.Red", "enum member with a value": "member Color.Green",
        "const enum": "enum Fast", "abstract generic class": "class Figure",
        "abstract method": "method Figure.grow", "constructor": "method Figure.constructor",
        "method": "method Figure.method:3", "arrow field": "method Figure.handler",
        "overloads": "function pick 2x", "generic arrow function": "function arrow",
        "constant": "variable LIMIT", "namespace": "module Space.Inner",
        "function in a namespace": "function Space.Inner.inside", "ambient module": "module ext",
        "global interface": "interface Window", "declared function": "function declared",
        "decorated class": "class Decorated", "type guard": "function guard",
    },
    "TSX": {
        "typed component": "function Card", "component function": "function Page:2",
        "component in a call": "function Inner", "memoised component": "function Memo",
        "forwarded ref": "function Fwd", "props": "interface Props",
        "class component": "class Old", "render method": "method Old.render",
        "hook": "function useThing:2",
    },
    "Go": {
        "constant": "constant Limit", "grouped constant": "constant B",
        "variables": "variable Other", "function value": "function Handler",
        "interface": "interface Shape*", "interface method": "method Shape.Area*",
        "struct": "class Point", "struct fields": "field Point.Y", "alias": "type ID",
        "type set": "interface Num", "function type": "type Fn", "method": "function Area*:7",
        "generic function": "function Map",
    },
    "Rust": {
        "inline module": "module inline", "function in a module": "function inline.inside",
        "documented, derived, generic struct": "class Point*", "field": "field Point.x",
        "unit struct": "class Unit", "enum": "enum Color", "variant with data": "member Color.Green",
        "union": "class U", "trait": "trait Shape", "associated constant": "constant Shape.N",
        "associated type": "type Shape.Out", "required method": "method Shape.area",
        "provided method": "method Shape.name", "trait method": "method Point.area:5",
        "async function of a type": "method Point.new:3", "constant": "constant LIMIT",
        "static": "variable COUNTER", "type alias": "type Alias", "macro": "macro mac",
        "nested function": "function outer.nested",
    },
    "Java": {
        "annotated generic class": "class Shape*", "constant field": "field Shape.LIMIT",
        "several fields": "field Shape.other", "constructor": "method Shape.Shape",
        "overloads": "method Shape.area:5 2x", "nested class": "class Shape.Nested",
        "method of a nested class": "method Shape.Nested.deep", "inner class": "class Shape.Inner",
        "interface": "interface Face", "interface constant": "constant Face.CONST",
        "abstract method": "method Face.abs", "default method": "method Face.def",
        "enum": "enum Color", "enum constant": "member Color.RED",
        "method of an enum": "method Color.code:2", "record": "class Pair",
        "compact constructor": "method Pair.Pair", "annotation": "interface Marker",
        "annotation element": "method Marker.value", "sealed interface": "interface S",
    },
    "Kotlin": {
        "data class": "class Point*", "constructor property": "field Point.y",
        "companion": "object Point.companion", "function of a companion": "method Point.companion.make",
        "property with a getter": "variable Point.area", "second constructor": "method Point.constructor",
        "override": "method Point.draw:5", "inner class": "class Point.Inner",
        "sealed interface": "interface Face", "function of an interface": "method Face.draw",
        "functional interface": "interface Action", "enum": "enum Color",
        "enum entry": "member Color.RED", "object": "object Single", "extension": "function shout",
        "generic function": "function generic:2", "local function": "function generic.local",
        "inline suspend function": "function top:2", "type alias": "type Alias",
        "constant": "variable TOP", "delegated property": "variable prop",
        "annotation class": "class Marker", "anonymous function": "function lambda",
    },
    "Ruby": {
        "constant": "constant LIMIT", "module": "module Space", "class": "class Space.Shape",
        "accessors": "field Space.Shape.name", "predicate": "method Space.Shape.area?:4",
        "class method": "method Space.Shape.make:2", "singleton method": "method Space.Shape.other:2",
        "alias by call": "method Space.Shape.a", "alias": "method Space.Shape.grow",
        "private method": "method Space.Shape.hidden:2", "defined method": "method Space.Shape.dynamic",
        "scope": "method Space.Shape.recent", "operator": "method Space.Shape.+",
        "setter": "method Space.Shape.size=", "scoped class": "class Other",
        "endless method": "function top", "lambda": "function handler",
        "struct": "class Foo", "method of a struct": "method Foo.inside",
    },
    "PHP": {
        "constant": "constant LIMIT", "defined constant": "constant DEFINED",
        "abstract class": "class Shape*", "class constant": "constant Shape.SIDES",
        "property": "field Shape.size", "constructor": "method Shape.__construct",
        "abstract method": "method Shape.grow", "static method": "method Shape.make:5",
        "interface": "interface Face", "trait": "trait Mixin", "method of a trait": "method Mixin.mixed:3",
        "enum": "enum Suit", "enum case": "member Suit.Hearts", "method of an enum": "method Suit.label:2",
        "function": "function top:2",
    },
    "C": {
        "macro": "macro LIMIT", "function macro": "macro MAX", "documented struct": "class point*",
        "struct field": "field point.x", "named typedef of a struct": "type node_t",
        "struct in a typedef": "class node_t.node", "typedef of a nameless struct": "type anon_t",
        "function pointer type": "type callback", "plain typedef": "type ulong_t",
        "enum": "enum color", "enumerator": "member color.GREEN", "union": "class u",
        "array": "variable TABLE", "variables": "variable pointer", "prototype": "declaration declared",
        "function that returns a pointer": "function area:4", "function": "function main:6",
        "function pointer": "variable handler", "function that returns a function": "function getfn",
    },
    "C++": {
        "nested namespace": "module outer::inner",
        "declared function": "declaration outer::inner.inside",
        "function in a namespace": "function outer::inner.free_fn",
        "documented class template": "class Shape*", "constructor": "method Shape.Shape",
        "destructor": "declaration Shape.~Shape", "pure virtual": "declaration Shape.area",
        "static method": "method Shape.make:4", "operator": "method Shape.operator==",
        "nested class": "class Shape.Nested", "member template": "method Shape.conv:2",
        "conversion": "method Shape.operator", "struct": "class Point", "scoped enum": "enum Color",
        "alias": "type Alias", "alias template": "type TAlias", "typedef": "type myint",
        "method outside": "function Shape<T>::area", "destructor outside": "function Shape::~Shape",
        "constant": "variable LIMIT", "lambda": "function lambda", "concept": "interface Num",
        "overload": "function overload", "extern C": "function cfun", "reference": "function ref",
    },
    "C#": {
        "attributed partial generic class": "class Shape*", "constant": "field Shape.Limit",
        "several fields": "field Shape.other", "property": "property Shape.Size",
        "event": "field Shape.Changed", "delegate": "type Shape.Handler",
        "constructor and destructor": "method Shape.Shape 2x",
        "async generic method": "method Shape.Make:5", "operator": "method Shape.operator",
        "indexer": "method Shape.this", "nested class": "class Shape.Nested",
        "local function": "function Shape.Nested.Deep.Local", "interface": "interface IFace",
        "enum": "enum Color", "enum member": "member Color.Red", "struct": "class Point",
        "record": "class Pair", "record struct": "class RS", "extension": "method Ext.Twice:4",
    },
    "Swift": {
        "constant": "variable limit", "documented class": "class Shape*",
        "static property": "variable Shape.sides", "computed property": "property Shape.area",
        "initialiser": "method Shape.init", "deinitialiser": "method Shape.deinit",
        "method": "method Shape.grow:5", "static method": "method Shape.make:2",
        "subscript": "method Shape.subscript", "nested class": "class Shape.Nested",
        "struct": "class Point", "enum": "enum Color", "several cases": "member Color.green",
        "protocol": "interface Face", "required method": "method Face.draw",
        "required property": "property Face.size", "extension": "implementation String",
        "method of an extension": "method String.shout:2", "actor": "class Worker",
        "type alias": "type Alias", "generic function": "function top:4",
        "nested function": "function top.nested", "operator": "function +",
    },
    "Scala": {
        "documented case class": "class Point*", "value": "variable Point.area",
        "variable": "variable Point.mut", "method": "method Point.grow:5",
        "nested class": "class Point.Nested", "object": "object Point",
        "value of an object": "variable Point.Limit", "trait": "trait Face",
        "abstract method": "method Face.draw", "abstract type": "type Face.Out",
        "enum": "enum Color", "enum case": "member Color.Green", "sealed class": "class Shape",
        "type alias": "type Alias", "nested function": "function top.nested",
        "implicit class": "class Rich", "tuple of values": "variable p2",
    },
    "Shell": {
        "readonly": "variable LIMIT", "export": "variable NAME", "assignment": "variable COUNTER",
        "declare": "variable TABLE", "function keyword": "function build*:4",
        "function": "function deploy:5",
    },
    "SQL": {
        "table": "table users", "column": "field users.id", "view": "view active",
        "materialised view": "view mat", "index": "index idx_users", "function": "function add",
        "replaced function": "function f2", "trigger": "trigger trg", "type": "type mood",
        "schema": "module app", "sequence": "sequence seq",
    },
}
REFERENCES = {
    "Python": "helper Base Meta decorated property T thing Iterable", "Go": "Println helper New Point",
    "JavaScript": "call Base go Item Other Thing useState fn tag", "Java": "helper Service Override Base Foo go",
    "TypeScript": "Base Map Foo isFoo log Component Event", "TSX": "Button Card Panel memo go forwardRef",
    "Rust": "bar method println Shape Vec helper", "Kotlin": "Point helper uppercase lazy Base Ann",
    "Ruby": "Base Comparable helper Struct where", "PHP": "Base Face Mixin Shape helper method bar Attr",
    "C": "helper fn point node", "C++": "helper method call Base Foo vector", "Shell": "make build deploy",
    "C#": "Helper Foo Call Base IFace Serializable Task", "Swift": "helper method Base Point objc",
    "Scala": "helper method Base Face Point ann", "SQL": "users logs other f2",
}
IMPORTS = {
    "Python": "../pkg/mod:thing ./:sibling collections/abc:Iterable,Mapping json numpy os/path",
    "JavaScript": "../b ./all.js ./lazy fs react", "TypeScript": "./all ./types legacy",
    "TSX": "@/components/button", "Go": "example.com/mod/pkg fmt os",
    "Rust": "../thing ./file_mod serde shapes/Circle shapes/area std/collections/HashMap",
    "Java": "a/b/C/method a/b/d/* java/util/List", "Kotlin": "a/b/C a/b/E a/b/d/*",
    "Ruby": "./lib/thing json x.rb", "C": "./local/head.h stdio.h", "C++": "./a/b.hpp vector",
    "PHP": "./config.php App/Base/Thing App/One App/Two App/helper",
    "C#": "System System/Math System/Text/Json", "Swift": "Foundation Mod/Thing",
    "Scala": "a/b/C/* scala/collection/mutable/Map scala/collection/mutable/Set",
    "Shell": "./lib/common.sh ./other.sh", "SQL": "",
}
# fmt: on


def read(language):
    content = (CONSTRUCTS / f"{GRAMMARS[language]}.txt").read_bytes()
    return decode_columns(encode(*read_blob(language, content)))


def symbols(definitions):
    def qualified(definition):
        parent = definitions[definition.parent] if definition.parent >= 0 else None
        return f"{qualified(parent)}.{definition.name}" if parent else definition.name

    shown = []
    for each in definitions:
        documented = "*" if each.is_documented else ""
        complexity = f":{each.complexity}" if each.complexity > 1 else ""
        shown.append(f"{each.kind.name.lower()} {qualified(each)}{documented}{complexity}")
    return shown


def test_every_grammar_has_its_constructs():
    assert set(SYMBOLS) == set(REFERENCES) == set(IMPORTS) == set(GRAMMARS)


@pytest.mark.parametrize("language", GRAMMARS)
def test_constructs_give_symbols(language):
    found = symbols(read(language).definitions())
    missing = {
        construct: symbol
        for construct, symbol in SYMBOLS[language].items()
        if found.count(symbol.removesuffix(" 2x")) < (2 if symbol.endswith(" 2x") else 1)
    }
    assert missing == {}, found


@pytest.mark.parametrize("language", GRAMMARS)
def test_uses_are_references_and_definitions_are_not(language):
    columns = read(language)
    assert set(REFERENCES[language].split()) - set(columns.reference_names) == set()
    assert list(columns.reference_names) == sorted(columns.reference_names)
    assert sum(columns.reference_counts) == len(columns.reference_lines)


@pytest.mark.parametrize("language", GRAMMARS)
def test_imports(language):
    assert list(read(language).imports) == IMPORTS[language].split()


@pytest.mark.parametrize("language", ["Python", "C", "Go", "Java", "TypeScript"])
def test_locals_are_nobody_elses_business(language):
    assert "local" not in {each.name for each in read(language).definitions()}


def test_numbers_of_a_file():
    measures, _ = read_blob("Python", b'"""Doc."""\ndef f(a):\n    """F."""\n    return a and 1\n')
    assert measures.outcome is Outcome.PARSED
    assert (measures.lines, measures.functions, measures.documented) == (4, 1, 1)
    assert measures.has_module_docstring
    assert (measures.max_complexity, measures.complexity_classes) == (2, (1, 0, 0, 0, 0))
    assert decode_measures(encode(measures)) == measures


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        (b"\0\1\2", Outcome.BINARY),
        (b"# @generated by a tool\nx = 1\n", Outcome.GENERATED),
        (b"x=1;" * 5_000, Outcome.GENERATED),
        (b"", Outcome.PARSED),
        (b"\xff\xfe = caf\xe9(\n", Outcome.PARSED),
        (b"((((\n" * 30_000, Outcome.TOO_SLOW),
    ],
)
def test_odd_files_have_an_outcome(content, outcome):
    assert read_blob("Python", content)[0].outcome is outcome


def test_a_file_after_one_that_was_stopped_is_read_as_itself():
    assert read_blob("Go", b"f(g(h{\n" * 40_000)[0].outcome is Outcome.TOO_SLOW
    _, columns = read_blob("Go", b"package a\nfunc F() {}\n")
    assert columns is not None
    assert columns.names == ["F"]


def test_a_language_without_a_grammar_counts_its_lines():
    assert read_blob("Dart", b"void main() {}\n")[0] == (read_blob("", b"one line\n")[0])


@pytest.mark.parametrize(
    ("language", "content"),
    [
        ("Python", b"a.b()." * 50_000),
        ("JavaScript", b"function a(){" * 20_000),
        ("Java", b"class A { " * 20_000),
        ("Shell", b"if x " * 50_000),
    ],
)
def test_a_hostile_file_ends(language, content):
    began = time.process_time()
    read_blob(language, content)
    assert time.process_time() - began < 10
