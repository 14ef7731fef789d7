import pytest

from mergewright.analysis.grammars import GRAMMARS, Grammar, load_grammar
from mergewright.errors import ConfigError


def test_a_grammar_that_is_not_there_is_named_with_the_remedy():
    with pytest.raises(ConfigError) as caught:
        Grammar("klingon")
    assert "'klingon'" in str(caught.value)
    assert "tree-sitter-language-pack" in caught.value.hint


def test_every_grammar_loads():
    assert {load_grammar(name).name for name in GRAMMARS.values()} == set(GRAMMARS.values())
