"""How test files of each language say what a test is, what it asserts, and what keeps it from running.

Source: jestjs.io/docs/api and /docs/expect, vitest.dev/api, nodejs.org/api/test.html and /api/assert.html,
mochajs.org, chaijs.com/api/bdd, pkg.go.dev/testing, pkg.go.dev/github.com/stretchr/testify/assert,
doc.rust-lang.org/book/ch11-00-testing.html, docs.junit.org (annotations, assertions), assertj.github.io,
kotest.io/docs/assertions, read 2026-11-20.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from mergewright.analysis.case_facts import Strength

Chain = tuple[str, ...]
"""Names of a call from left to right: `expect(x).not.toBe` is expect, not, toBe."""


@dataclass(frozen=True, slots=True)
class CaseWords:
    """The words of one language's tests."""

    query: str
    """File of what is asked of a test file."""
    tests: frozenset[str] = frozenset()
    """Calls that are a test, by their first word; the last word of calls inside one."""
    groups: frozenset[str] = frozenset()
    test_marks: tuple[str, ...] = ()
    """Annotations that make a function a test."""
    test_names: tuple[str, ...] = ()
    """Beginnings of names that do."""
    skips: frozenset[str] = frozenset()
    """Words in the call of a test, and last words of calls inside one."""
    skip_marks: tuple[str, ...] = ()
    """Beginnings of annotations."""
    focuses: frozenset[str] = frozenset()
    asserting: frozenset[str] = frozenset()
    """First words of assertions."""
    asserting_ends: frozenset[str] = frozenset()
    """Last words of calls that fail a test."""
    outside: Mapping[str, tuple[Chain, ...]] = field(default_factory=dict)
    """Ends of calls that leave the process or sleep; one that begins with an empty word is whole."""


_ECMASCRIPT: Final = CaseWords(
    query="ecmascript",
    tests=frozenset(("it", "test", "specify", "xit", "xtest", "fit", "ftest")),
    groups=frozenset(("describe", "context", "suite", "xdescribe", "fdescribe")),
    skips=frozenset(
        ("skip", "todo", "fixme", "failing", "skipIf", "runIf", "xit", "xtest", "xdescribe")
    ),
    focuses=frozenset(("only", "fit", "ftest", "fdescribe")),
    asserting=frozenset(("expect", "assert", "should")),
    outside=MappingProxyType(
        {
            "network": (
                ("", "fetch"), ("", "axios"), ("axios", "get"), ("axios", "post"), ("http", "get"),
                ("http", "request"), ("https", "get"), ("https", "request"), ("net", "connect"),
                ("net", "createConnection"), ("new", "WebSocket"), ("dns", "lookup"), ("", "got"),
            ),
            "process": tuple(
                (owner, name)
                for owner in ("", "child_process", "cp")
                for name in ("exec", "execSync", "execFile", "execFileSync", "spawn", "spawnSync", "fork")
            ),
            "sleep": (("", "setTimeout"), ("", "sleep"), ("timers", "setTimeout"), ("Bun", "sleep")),
        }
    ),
)  # fmt: skip
_JAVA: Final = CaseWords(
    query="java",
    test_marks=("Test", "ParameterizedTest", "RepeatedTest", "TestFactory", "Theory", "Property"),
    test_names=("test",),
    skips=frozenset(("assumeTrue", "assumeFalse", "assumeThat", "assumingThat")),
    skip_marks=("Disabled", "Enabled", "Ignore"),
    asserting=frozenset(("assertThat", "verify")),
    outside=MappingProxyType(
        {
            "network": (
                ("new", "Socket"), ("openConnection",), ("openStream",), ("newHttpClient",),
                ("new", "DatagramSocket"), ("new", "RestTemplate"),
            ),
            "process": (("new", "ProcessBuilder"), ("getRuntime", "exec")),
            "sleep": (("Thread", "sleep"), ("SECONDS", "sleep"), ("MILLISECONDS", "sleep")),
        }
    ),
)  # fmt: skip
_KOTLIN: Final = CaseWords(
    query="kotlin",
    test_marks=_JAVA.test_marks,
    test_names=_JAVA.test_names,
    skips=_JAVA.skips,
    skip_marks=_JAVA.skip_marks,
    asserting=_JAVA.asserting,
    outside=MappingProxyType(
        {
            "network": (("", "Socket"), ("openConnection",), ("openStream",), ("", "HttpClient")),
            "process": (("", "ProcessBuilder"), ("getRuntime", "exec")),
            "sleep": (("Thread", "sleep"), ("", "delay")),
        }
    ),
)
_GO: Final = CaseWords(
    query="go",
    tests=frozenset(("Run",)),
    test_names=("Test", "Fuzz", "Example"),
    skips=frozenset(("Skip", "Skipf", "SkipNow")),
    asserting=frozenset(("assert", "require", "is", "qt")),
    asserting_ends=frozenset(("Error", "Errorf", "Fatal", "Fatalf", "Fail", "FailNow")),
    outside=MappingProxyType(
        {
            "network": (
                ("http", "Get"), ("http", "Post"), ("http", "Head"), ("http", "PostForm"),
                ("net", "Dial"), ("net", "DialTimeout"), ("DefaultClient", "Do"), ("net", "LookupHost"),
            ),
            "process": (("exec", "Command"), ("exec", "CommandContext"), ("os", "StartProcess")),
            "sleep": (("time", "Sleep"),),
        }
    ),
)  # fmt: skip
_RUST: Final = CaseWords(
    query="rust",
    test_marks=("test", "rstest", "test_case", "case", "quickcheck", "proptest"),
    skip_marks=("ignore",),
    asserting_ends=frozenset(
        (
            "assert", "assert_eq", "assert_ne", "assert_matches", "debug_assert", "debug_assert_eq",
            "prop_assert", "prop_assert_eq", "assert_snapshot", "assert_relative_eq", "assert_abs_diff_eq",
        )
    ),
    outside=MappingProxyType(
        {
            "network": (("TcpStream", "connect"), ("UdpSocket", "bind"), ("reqwest", "get")),
            "process": (("Command", "new"),),
            "sleep": (("thread", "sleep"), ("time", "sleep"), ("", "sleep")),
        }
    ),
)  # fmt: skip

WORDS: Final[Mapping[str, CaseWords]] = MappingProxyType(
    {
        "javascript": _ECMASCRIPT,
        "typescript": _ECMASCRIPT,
        "tsx": _ECMASCRIPT,
        "go": _GO,
        "rust": _RUST,
        "java": _JAVA,
        "kotlin": _KOTLIN,
    }
)
"""The words of each grammar whose tests are read; Python's are read by its own parser."""

_STRENGTHS: Final[Mapping[Strength, str]] = MappingProxyType(
    {
        Strength.TRUTH: "tobetruthy tobefalsy ok notok true false istrue isfalse asserttrue assertfalse"
        " assert debug_assert prop_assert isok exist shouldbetrue shouldbefalse",
        Strength.KIND: "tobedefined tobeinstanceof isnotnull assertnotnull notnil isinstanceof instanceof"
        " error exists notempty isnotempty tohavebeencalled tobecalled isdefined asserterror anyerror"
        " isnotnil notnull assertinstanceof shouldnotbenull",
        Strength.ORDER: "tobegreaterthan tobegreaterthanorequal tobelessthan tobelessthanorequal notequal"
        " notequals assertnotequals assert_ne notstrictequal notdeepequal notdeepstrictequal isnotequalto"
        " isgreaterthan islessthan isgreaterthanorequalto islessthanorequalto above below atleast atmost"
        " greater less greaterorequal lessorequal shouldnotbe notcontains doesnotcontain doesnotmatch",
        Strength.PART: "tocontain tocontainequal tomatch tomatchobject tohavelength tohaveproperty match"
        " contains include includes contain startswith endswith hassubstring subset matches shouldcontain"
        " hassize len containsanyof assert_matches stringcontaining property",
        Strength.CLOSE: "tobecloseto closeto indelta inepsilon iscloseto approximately assert_relative_eq"
        " assert_abs_diff_eq",
    }
)
STRENGTHS: Final = MappingProxyType(
    {word: strength for strength, words in _STRENGTHS.items() for word in words.split()}
)
"""How much a call fixes by its last word, in lower case; any other one fixes all."""
