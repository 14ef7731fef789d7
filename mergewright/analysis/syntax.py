"""What a parser complains about in one file.

Grammars are not perfect: some complain about files that are right. Compare the findings of the
base with those of the change; never refuse a file for a finding it had before.
"""

import json
import re
import tomllib
import warnings
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from tree_sitter import Node
from tree_sitter_language_pack import SupportedLanguage, get_parser

from mergewright.analysis.languages import LanguageRule, language_of
from mergewright.domain.checks import LintFinding
from mergewright.errors import ConfigError

MAX_FINDINGS = 50
MAX_SNIPPET_CHARACTERS = 60

_RULE = "syntax"


def syntax_findings(path: str, text: str) -> tuple[LintFinding, ...]:
    """Return what a parser of the file's language complains about; nothing for unknown languages.

    Raises:
        ConfigError: The grammar of a known language does not load.
    """
    text = text.removeprefix("\ufeff")
    language = language_of(path, text.partition("\n")[0])
    if language is None:
        return ()
    parse = _PARSERS.get(language.name)
    if parse is not None:
        return parse(path, text)
    return _tree_findings(path, text, language) if language.grammar else ()


def _finding(path: str, line: int | None, message: str) -> LintFinding:
    return LintFinding(path=path, line=max(line or 0, 0), rule=_RULE, message=message)


def _python_findings(path: str, text: str) -> tuple[LintFinding, ...]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(text, path, "exec", dont_inherit=True)
        except SyntaxError as error:
            return (_finding(path, error.lineno, error.msg),)
        except (ValueError, RecursionError, MemoryError) as error:
            return (_finding(path, 0, str(error) or "nested too deeply"),)
    return ()


def _json_findings(path: str, text: str) -> tuple[LintFinding, ...]:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return (_finding(path, error.lineno, error.msg),)
    except RecursionError:
        return (_finding(path, 0, "nested too deeply"),)
    return ()


def _toml_findings(path: str, text: str) -> tuple[LintFinding, ...]:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message, _, place = str(error).partition(" (at ")
        line = re.match(r"line (\d+)", place)
        return (_finding(path, int(line[1]) if line else text.count("\n") + 1, message),)
    except RecursionError:
        return (_finding(path, 0, "nested too deeply"),)
    return ()


def _yaml_findings(path: str, text: str) -> tuple[LintFinding, ...]:
    try:
        # Events only: a repository's own tags and templates' anchors need no constructor.
        for _ in YAML(typ="safe", pure=True).parse(text):
            pass
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        return (_finding(path, line, error.problem or error.context or "not YAML"),)
    except (YAMLError, ValueError) as error:
        return (_finding(path, 0, str(error).partition("\n")[0]),)
    except RecursionError:
        return (_finding(path, 0, "nested too deeply"),)
    return ()


_PARSERS: Mapping[str, Callable[[str, str], tuple[LintFinding, ...]]] = {
    "Python": _python_findings,
    "JSON": _json_findings,
    "TOML": _toml_findings,
    "YAML": _yaml_findings,
}


def _tree_findings(path: str, text: str, language: LanguageRule) -> tuple[LintFinding, ...]:
    try:
        parser = get_parser(cast("SupportedLanguage", language.grammar))
    except (LookupError, ImportError) as error:
        raise ConfigError(
            f"The grammar {language.grammar!r} for {path!r} does not load: {error}.",
            hint="Install tree-sitter-language-pack 0.13, whose wheel holds the grammars.",
        ) from error
    source = text.encode(errors="replace")
    nodes = islice(_faulty_nodes(parser.parse(source).root_node), MAX_FINDINGS)
    return tuple(_finding(path, node.start_point.row + 1, _complaint(node)) for node in nodes)


def _faulty_nodes(root: Node) -> Iterator[Node]:
    stack = [root]
    while stack:
        node = stack.pop()
        if node.is_error or node.is_missing:
            yield node
        elif node.has_error:
            stack.extend(reversed(node.children))


def _complaint(node: Node) -> str:
    if node.is_missing:
        return f"missing {node.type!r}"
    snippet = (node.text or b"").decode(errors="replace").strip().partition("\n")[0]
    return f"unexpected {snippet[:MAX_SNIPPET_CHARACTERS]!r}"
