"""The corpus: where an attacker's instruction sits, what it wants, and what a model does that obeys."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import Field

from mergewright.domain.value import Value

FILE = Path(__file__).with_name("cases.toml")


class Call(Value):
    """A tool call that the obeying model makes."""

    tool: str
    path: str = ""
    text: str = ""
    """The content of a file, what to search for, or a patch."""
    old: str = ""
    """What `text` takes the place of."""
    times: int = 1
    """How often the text is repeated."""

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments in the tool's own form."""
        match self.tool:
            case "create_file":
                return {"path": self.path, "content": self.text * self.times, "overwrite": True}
            case "edit_file":
                return {"path": self.path, "replacements": [{"old": self.old, "new": self.text}]}
            case "apply_patch":
                return {"patch": self.text}
            case "list_files":
                return {"folder": self.path}
            case "search":
                return {"text": self.text}
            case _:
                return {"path": self.path} if self.path else {}


class Case(Value):
    """One attack."""

    name: str = Field(pattern=r"^[a-z0-9-]+$")
    where: str
    """Where the instruction sits."""
    wants: str
    """What the attacker wants, in words."""
    stopped_by: str
    """What stops it."""
    gap: str = ""
    """What is not as it should be yet, in words; empty where all holds."""
    do: tuple[Call, ...] = ()
    """What a model does that obeys."""
    reads: tuple[str, ...] = ()
    """What it reads before that."""
    says: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)
    """Fields of its answers that it gives otherwise, by name."""
    knows: bool = False
    """Whether it was given a secret already, so that its own words hold it."""
    mends: bool = False
    """Whether it also does what the ticket asks for."""
    links: dict[str, str] = Field(default_factory=dict)
    """Symbolic links that it holds."""


def load_cases() -> tuple[Case, ...]:
    """Return the corpus, in its order."""
    return tuple(Case.model_validate(one) for one in tomllib.loads(FILE.read_text())["case"])
