"""A repository's own pull request template, filled in with what a run knows.

Comments are dropped; a section whose heading asks for something we know is filled with it, and what
we know beyond that follows below. A box of a checklist is ticked only where a gate proves it. The
text is the repository's, read from the base commit: it is kept as its owners wrote it, but for
invisible characters.

Source: docs.github.com, "Creating a pull request template for your repository", read 2026-11-20.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mergewright.domain.gates import Gate, GateStatus
from mergewright.domain.ticket import TicketKind
from mergewright.texts.escaping import visible

FOLDERS = (".github/", "", "docs/")
"""Where a template may be; the first folder that has one counts."""
MAX_TEMPLATE_CHARACTERS = 20_000

LEFT_OPEN = "*Left open: nothing in the run says this.*"

_FILE = re.compile(r"pull_request_template(?:\.(?:md|markdown|txt))?", re.IGNORECASE)
_ONE_OF_MANY = re.compile(
    r"pull_request_template/(?P<name>[^/]+)\.(?:md|markdown|txt)", re.IGNORECASE
)
_HEADING = re.compile(r" {0,3}(?P<marks>#{1,6})[ \t]+(?P<title>.*?)[ \t#]*$")
_FENCE = re.compile(r" {0,3}(?P<run>`{3,}|~{3,})")
_BOX = re.compile(r"(?P<start>\s*[-*+] )\[ \](?P<text>\s.*)$")
_LIST_ITEM = re.compile(r"\s*[-*+] \[[ xX]\]\s")
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)

_KIND_WORDS = {
    TicketKind.BUG: ("bug", "bugfix", "fix", "hotfix"),
    TicketKind.FEATURE: ("feature", "enhancement"),
    TicketKind.TASK: ("task", "chore"),
    TicketKind.DOCUMENTATION: ("docs", "documentation", "doc"),
}
_NOT_FOR_US = re.compile(
    r"breaking|type of|screenshot|checklist|deploy|release note", re.IGNORECASE
)
_ASKED = (
    (re.compile(r"\b(tickets?|issues?|jira|closes|fixes|resolves|references?)\b"), "Ticket"),
    (re.compile(r"\b(why|motivation|context|background|problem|reason|purpose|goal)\b"), "Why"),
    (re.compile(r"\b(tests?|tested|testing|verif\w*|qa|validation|proof)\b"), "Gates"),
    (re.compile(r"\b(plan|approach|design|implementation|solution)\b"), "Plan"),
    (re.compile(r"\b(try|reproduce|steps|run it)\b"), "Try it"),
    (re.compile(r"\breview\w*\b"), "Review"),
    (re.compile(r"\b(summary|description|overview|what|changes?|change)\b"), "What changed"),
)
_PROOFS = (
    (re.compile(r"\b(lint\w*|style|format\w*)\b"), "Lint"),
    (re.compile(r"\btests?\b.*\bpass|\bpass\w*\b.*\btests?\b|\btests? (?:are )?green"), "Tests"),
    (re.compile(r"\b(add\w*|wr[io]t\w*|includ\w*|new|cover\w*)\b.*\btests?\b|\bprove\b"), "Proof"),
    (re.compile(r"\b(secrets?|credentials?)\b"), "Secrets"),
)
_BEYOND_GATES = re.compile(
    r"\b(doc\w*|changelog|manual\w*|screenshots?|review\w*|browsers?|versions?|benchmark\w*)\b"
)


class Section(NamedTuple):
    """A heading and what stands below it; the first one of a text may have no heading."""

    marks: str
    title: str
    body: str


def find_template(paths: Iterable[str], kind: TicketKind) -> str:
    """Return the path of the template for a kind of ticket; empty when there is none.

    Of several in a folder `PULL_REQUEST_TEMPLATE` the one named after the kind is taken, else the
    one named `default`, else the only one.

    Args:
        paths: All files of the repository.
        kind: What the ticket asks for.
    """
    known = sorted(paths)
    for folder in FOLDERS:
        inside = [path for path in known if path.startswith(folder)]
        single = [path for path in inside if _FILE.fullmatch(path[len(folder) :])]
        if single:
            return single[0]
        many = {
            found["name"].lower(): path
            for path in inside
            if (found := _ONE_OF_MANY.fullmatch(path[len(folder) :]))
        }
        for name, path in many.items():
            if set(re.split(r"[^a-z]+", name)) & set(_KIND_WORDS[kind]):
                return path
        if many:
            return many.get("default", next(iter(many.values())) if len(many) == 1 else "")
    return ""


def fill_template(template: str, body: str, *, ticket: str, gates: Sequence[Gate]) -> str:
    """Return a pull request's text in the form that the repository asks for.

    Args:
        template: The repository's template.
        body: Our own text, in sections.
        ticket: How the ticket is linked, as Markdown.
        gates: By which boxes are ticked.
    """
    asked = _sections(_plain(template))
    if not any(section.title or section.body.strip() for section in asked):
        return body
    main, rule, footer = body.rpartition("\n---\n")
    first, *ours = _sections(main if rule else body)
    known = {section.title: section.body.strip() for section in ours} | {"Ticket": ticket}
    passed = {gate.name for gate in gates if gate.status is GateStatus.PASSED}
    level = next((section.marks for section in asked if section.title), "##")
    told: set[str] = set()
    filled = [_filled(section, known, passed, told) for section in asked]
    opening = first.body.replace(ticket, "") if "Ticket" in told else first.body
    parts = [opening.strip(), *filled]
    parts += [
        f"{level} {section.title}\n\n{section.body.strip()}"
        for section in ours
        if section.title not in told
    ]
    text = "\n\n".join(part for part in parts if part)
    return f"{text}\n\n---\n{footer}" if rule else f"{text}\n"


def _filled(section: Section, known: dict[str, str], passed: set[str], told: set[str]) -> str:
    """Return one section of the template with what we know of it; note what was told."""
    name = _asked_for(section.title, known, told)
    lines = section.body.strip().split("\n")
    if name:
        told.add(name)
        boxes = [line for line in lines if _LIST_ITEM.match(line)]
        body = "\n\n".join(part for part in (known[name], "\n".join(boxes)) if part)
    else:
        body = "\n".join(lines).strip()
    ticked = _ticked(body, passed) if not name else _ticked_boxes(body, known[name], passed)
    if not section.title:
        return ticked
    return f"{section.marks} {section.title}\n\n{ticked or LEFT_OPEN}"


def _asked_for(title: str, known: dict[str, str], told: set[str]) -> str:
    if not title or _NOT_FOR_US.search(title):
        return ""
    for words, name in _ASKED:
        if words.search(title.lower()) and known.get(name) and name not in told:
            return name
    return ""


def _ticked_boxes(body: str, ours: str, passed: set[str]) -> str:
    return ours + _ticked(body[len(ours) :], passed)


def _ticked(text: str, passed: set[str]) -> str:
    return "\n".join(_ticked_line(line, passed) for line in text.split("\n"))


def _ticked_line(line: str, passed: set[str]) -> str:
    found = _BOX.match(line)
    if found is None:
        return line
    says = found["text"].lower()
    proofs = [gate for words, gate in _PROOFS if words.search(says)]
    if not proofs or not passed.issuperset(proofs) or _BEYOND_GATES.search(says):
        return line
    return f"{found['start']}[x]{found['text'].rstrip()} (gate {', '.join(proofs)})"


def _plain(template: str) -> str:
    """Return the text without comments, front matter and what cannot be seen."""
    text = _FRONT_MATTER.sub("", visible(template)[:MAX_TEMPLATE_CHARACTERS])
    shown = ""
    while text:
        before, opening, rest = text.partition("<!--")
        shown += before
        text = rest.partition("-->")[2] if opening else ""
    # Two halves that the removal brought together are no comment either.
    return shown.replace("<!--", "").replace("-->", "")


def _sections(text: str) -> list[Section]:
    """Return the parts of a text; what looks like a heading in code is none."""
    found: list[Section] = [Section("", "", "")]
    fence = ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        heading = None if fence else _HEADING.match(line)
        if mark and not fence:
            fence = mark["run"]
        elif fence and line.strip().startswith(fence) and not line.strip().strip(fence[0]):
            fence = ""
        if heading and heading["title"]:
            found.append(Section(heading["marks"], heading["title"], ""))
        else:
            last = found[-1]
            found[-1] = last._replace(body=f"{last.body}{line}\n")
    return found
