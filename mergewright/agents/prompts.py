"""Prompts are text files: `prompts/<agent>/system.md.j2`, whose front matter declares, and `user.md.j2`.

The system prompt is stable and the user prompt holds what varies, so that a provider's prompt cache
works. Git is the version store, and the digest over all files is a prompt's identity.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, nodes
from jinja2.meta import find_referenced_templates, find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from mergewright.domain.value import Value
from mergewright.errors import SettingInvalid
from mergewright.routing.tiers import Tier
from mergewright.safety.untrusted import fence

PROMPTS = Path(str(files("prompts")))
FENCE = "untrusted"
_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)


class Prompt(Value):
    """What a prompt declares about itself."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    version: int = Field(ge=1)
    """Raised by hand when the meaning changes."""
    tier: Tier
    inputs: tuple[str, ...]
    output: str
    """Name of the answer's type."""
    digest: str
    """SHA-256 over the prompt's files and everything they include."""


class RenderedPrompt(NamedTuple):
    """A prompt with its inputs filled in."""

    system: str
    user: str


@dataclass(frozen=True, slots=True)
class LoadedPrompt:
    """A prompt that was checked and can be rendered."""

    prompt: Prompt
    environment: ImmutableSandboxedEnvironment
    files: tuple[str, ...]
    """Templates that it consists of, relative to the folder of all prompts."""

    def render(self, **inputs: object) -> RenderedPrompt:
        """Fill the inputs in; they are data and never rendered themselves.

        Raises:
            SettingInvalid: An input is missing, unknown, or has not what the prompt uses of it.
        """
        given, declared = set(inputs), set(self.prompt.inputs)
        if given != declared:
            raise SettingInvalid(
                f"The prompt {self.prompt.name!r} takes {sorted(declared)}, not {sorted(given)}.",
                hint="Give exactly the inputs that its front matter declares.",
            )
        try:
            texts = [
                self.environment.get_template(f"{self.prompt.name}/{part}.md.j2").render(inputs)
                for part in RenderedPrompt._fields
            ]
        except (TemplateError, TypeError, ValueError) as error:
            raise SettingInvalid(
                f"The prompt {self.prompt.name!r} cannot be rendered: {error}.",
                hint="Compare what its files use with the inputs given.",
            ) from error
        return RenderedPrompt(*(text.strip() + "\n" for text in texts))


class _Loader(FileSystemLoader):
    """Reads templates without their front matter."""

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        source, name, uptodate = super().get_source(environment, template)
        return _FRONT_MATTER.sub("", source.replace("\r\n", "\n")), name, uptodate


_CHECKED: dict[tuple[Path, str], LoadedPrompt] = {}


def load_prompt(name: str, *, folder: Path = PROMPTS) -> LoadedPrompt:
    """Read a prompt's files and check that they are what they declare.

    Files that have not changed since this process checked them are not checked again.

    Raises:
        SettingInvalid: A file is missing or wrong, the declared inputs are not the used ones, or
            something is printed without a fence.
    """
    known = _CHECKED.get((folder, name))
    if known is not None and _digest(folder, known.files) == known.prompt.digest:
        return known
    prompt = _CHECKED[folder, name] = _load(name, folder)
    return prompt


def _digest(folder: Path, templates: Iterable[str]) -> str:
    """Return the SHA-256 of files; of none where one of them cannot be read."""
    digest = hashlib.sha256()
    try:
        for template in sorted(templates):
            digest.update(f"{template}\0{(folder / template).read_text('utf-8')}\0".encode())
    except (OSError, UnicodeDecodeError):
        return ""
    return digest.hexdigest()


def _load(name: str, folder: Path) -> LoadedPrompt:
    environment = ImmutableSandboxedEnvironment(
        loader=_Loader(folder),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters[FENCE] = _fence
    declared = _front_matter(folder, name)
    sources = _sources(environment, folder, name)
    used: set[str] = set()
    for template, source in sources.items():
        tree = environment.parse(source)
        used |= find_undeclared_variables(tree)
        _refuse_unfenced(tree, template)
    prompt = _checked(name, {**declared, "digest": _digest(folder, sources)})
    if used != set(prompt.inputs):
        raise SettingInvalid(
            f"The prompt {name!r} declares the inputs {sorted(prompt.inputs)} "
            f"and uses {sorted(used)}.",
            hint=f"Make `inputs` in prompts/{name}/system.md.j2 the names that the files use.",
        )
    return LoadedPrompt(prompt, environment, tuple(sorted(sources)))


def _fence(text: object, label: str, limit_characters: int = 20_000) -> str:
    if not isinstance(text, str):
        raise TypeError(f"only text can be fenced, and {label!r} is {type(text).__name__}")
    return fence(label, text, limit_characters=limit_characters)


def _front_matter(folder: Path, name: str) -> Mapping[str, object]:
    path = folder / name / "system.md.j2"
    try:
        text = path.read_text("utf-8").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingInvalid(
            f"The prompt {name!r} has no readable {path}.",
            hint="Each agent has a folder in prompts/ with system.md.j2 and user.md.j2.",
        ) from error
    match = _FRONT_MATTER.match(text)
    try:
        declared = YAML(typ="safe", pure=True).load(match[1]) if match else None
    except YAMLError as error:
        raise _bad_front_matter(name, str(error)) from error
    if not isinstance(declared, dict):
        raise _bad_front_matter(name, "there is none between two lines of ---")
    return declared


def _checked(name: str, declared: Mapping[str, object]) -> Prompt:
    try:
        prompt = Prompt.model_validate(declared)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise _bad_front_matter(name, f"{place}: {fault['msg']}") from error
    if prompt.name != name:
        raise _bad_front_matter(name, f"its name is {prompt.name!r}")
    return prompt


def _bad_front_matter(name: str, reason: str) -> SettingInvalid:
    return SettingInvalid(
        f"The front matter of the prompt {name!r} is wrong: {' '.join(reason.split())}.",
        hint="It declares name, version, tier, inputs and output, and nothing else.",
    )


def _sources(environment: ImmutableSandboxedEnvironment, folder: Path, name: str) -> dict[str, str]:
    """Return the source of each template that the prompt consists of, includes included."""
    waiting = [f"{name}/{part}.md.j2" for part in RenderedPrompt._fields]
    sources: dict[str, str] = {}
    while waiting:
        template = waiting.pop()
        if template in sources:
            continue
        try:
            source, _, _ = _Loader(folder).get_source(environment, template)
            referenced = list(find_referenced_templates(environment.parse(source)))
        except TemplateError as error:
            raise SettingInvalid(
                f"The template {template!r} of the prompt {name!r} is wrong: "
                f"{type(error).__name__}: {error}.",
                hint="Correct the file in prompts/.",
            ) from error
        sources[template] = source
        for other in referenced:
            if other is None:
                raise SettingInvalid(
                    f"The template {template!r} includes a file that is not named literally.",
                    hint="Name the included file; otherwise its inputs cannot be checked.",
                )
            waiting.append(other)
    return sources


def _refuse_unfenced(tree: nodes.Template, template: str) -> None:
    for line in _unfenced_lines(tree, fenced=False):
        raise SettingInvalid(
            f"{template}, line {line}, prints a value without a fence.",
            hint=f"Put it through the filter `{FENCE}(label)`: whatever is filled in is data.",
        )


def _unfenced_lines(node: nodes.Node, *, fenced: bool) -> Iterator[int]:
    """Yield the lines on which something is printed that no fence surrounds."""
    if isinstance(node, nodes.FilterBlock):
        fenced = fenced or _is_fence(node.filter)
    if isinstance(node, nodes.Output) and not fenced:
        for part in node.nodes:
            if not (isinstance(part, nodes.TemplateData) or _is_fence(part)):
                yield part.lineno
    for child in node.iter_child_nodes():
        yield from _unfenced_lines(child, fenced=fenced)


def _is_fence(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Filter) and node.name == FENCE
