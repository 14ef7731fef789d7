import time

import pytest

from mergewright.analysis.documentation_text import MAX_CHARACTERS, read_document, slug

TEXT = """---
title: front matter
---
# The `tally` tool

See [the guide](docs/guide.md#begin), ![a picture](a%20b.png) and
<a href="other.md">another</a> or [by name][ref].

[ref]: docs/ref.md

<a id="Kept"></a>

## Begin
## Begin
## Custom {#own-name}

Call `split_bill()`
or `Ledger.reserve`.

```python
import tally
```

``` {.json .no-check}
{...}
```

| Name | Means |
| --- | --- |
| `in_table` | [x](x.md) |
"""


def test_a_markdown_document_is_read_with_its_lines():
    found = read_document("README.md", TEXT)
    assert [(link.target, link.line) for link in found.links] == [
        ("docs/guide.md#begin", 6),
        ("a%20b.png", 6),
        ("other.md", 7),
        ("docs/ref.md", 7),
        ("x.md", 30),
    ]
    assert found.anchors >= {"the-tally-tool", "begin", "begin-1", "own-name", "kept"}
    assert [(mention.text, mention.line) for mention in found.mentions] == [
        ("tally", 4),
        ("split_bill()", 17),
        ("Ledger.reserve", 18),
        ("in_table", 30),
    ]
    assert [(block.language, block.line, block.is_checked) for block in found.blocks] == [
        ("python", 21, True),
        ("json", 25, False),
    ]
    assert found.blocks[0].text == "import tally\n"


def test_anchors_are_those_of_the_code_host():
    assert slug("What's new in 1.2 -- now!") == "whats-new-in-12----now"
    assert slug("Größe & Maß") == "größe--maß"


RST = """Title
=====

.. _a label:

Call ``old_name`` and :func:`tally.split`, see `the guide <guide.rst>`_ and :doc:`other`.

.. image:: picture.png

.. code-block:: python
   :linenos:

   import tally

   tally.split()

After.
"""


def test_restructured_text_is_read_with_its_lines():
    found = read_document("index.rst", RST)
    assert {(link.target, link.line) for link in found.links} == {
        ("guide.rst", 6), ("other", 6), ("picture.png", 8),
    }  # fmt: skip
    assert found.anchors == {"title", "a label"}
    assert {mention.text for mention in found.mentions} == {"old_name", "tally.split"}
    (block,) = found.blocks
    assert (block.language, block.text, block.line) == (
        "python", "import tally\n\ntally.split()\n", 13,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["a.md", "a.rst", "a.adoc", "README"])
@pytest.mark.parametrize(
    "text",
    [
        "", "\0\1\2", "[" * 300_000, "`" * 300_000, "<a " * 100_000, "> " * 100_000, "- " * 50_000,
        "*_" * 100_000, "\n".join(["====", "x"] * 9_000), "---\n" * 20_000, "```\n" * 20_000,
        ".. code-block:: x\n\n" * 9_000, "[x](" * 60_000, "|a" * 100_000, "\ud800 \u202e",
        "[\n" * 15_000, "*_*_\n" * 8_000,
    ],
    ids=lambda text: repr(text[:6]),
)  # fmt: skip
def test_no_text_is_too_odd_or_takes_long(name, text):
    began = time.process_time()
    read_document(name, text)
    assert time.process_time() - began < 5


def test_a_long_document_is_read_up_to_its_bound():
    text = f"{'x' * 998}\n\n" * (MAX_CHARACTERS // 1000) + "`late_name`"
    assert not read_document("a.md", text).mentions
