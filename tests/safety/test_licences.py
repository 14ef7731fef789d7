from mergewright.safety.licences import missing_headers

HEADER = "SPDX-License-Identifier: MIT"


def missing(added, header=HEADER, paths=()):
    return [one.path for one in missing_headers(added, header, paths)]


def test_new_files_without_the_header_are_told():
    added = {
        "a.py": f"#!/usr/bin/env python\n# {HEADER}\n",
        "b.go": "/*\n * SPDX-License-Identifier:\n * MIT\n */\npackage b\n",
        "c.py": "x = 1\n",
        "d.py": "\n" * 20 + f"# {HEADER}\n",
        "e.md": "# Title\n",
        "f/__init__.py": "\n",
    }  # fmt: skip
    assert missing(added) == ["c.py", "d.py"]
    assert missing(added, paths=("*.md",)) == ["e.md"]
    assert missing(added, header="") == []
