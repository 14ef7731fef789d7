"""Markup that a person who reads the rendered text does not see, taken out of prose.

Comments, elements that are not shown, attributes that only programs read, titles of links and
definitions that nothing refers to: an instruction in them reaches a model and no reviewer. Code
blocks and code spans stay as they are, since these are shown.
"""

import re

_OPENING = re.compile(
    r"(?m:^ {0,3}(?P<fence>`{3,}|~{3,}))"
    r"|(?P<ticks>`+)"
    r"|(?P<comment><!--)"
    r"|<(?P<tag>[A-Za-z][A-Za-z0-9-]*)(?P<attributes>(?:[\s/][^<>]{0,2000})?)>"
    r"|(?m:^ {0,3}\[[^\]\n]{1,200}\]:[ \t]*(?P<definition>\#|<>)[ \t]+[\"'(][^\n]*$)"
    r"|(?P<link>\]\([^\s()<>]{0,2000})[ \t\n]+(?:\"[^\"]{0,2000}\"|'[^']{0,2000}')[ \t]*\)"
)
_UNSHOWN_ELEMENTS = frozenset({"noscript", "script", "style", "template"})
_VOID_ELEMENTS = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source"})
_HIDING = re.compile(
    r"""(?ix)[\s/](?:hidden(?=[\s/=]|$)
    | aria-hidden\s*=\s*["']?true
    | type\s*=\s*["']?hidden
    | style\s*=\s*(?:"[^"]*|'[^']*|\S*)(?:
        display\s*:\s*none | visibility\s*:\s*(?:hidden|collapse)
        | (?:font-size|opacity|max-height|height|width)\s*:\s*0*(?:\.0*)?(?![.\d]|\s*[1-9])(?=[a-z%;"'\s]|$)
        | color\s*:\s*(?:transparent|white\b|\#fff) ))"""
)
_UNSEEN_ATTRIBUTE = re.compile(
    r"""(?ix)[\s/]+(?:alt|title|label|content|srcdoc|summary|(?:aria|data|on)-?[a-z][a-z0-9-]*)
    \s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+)"""
)


def without_hidden_markup(text: str) -> str:
    """Return a text without the outermost markup that shows nothing; call it until nothing changes."""
    pieces: list[str] = []
    position = 0
    last_end = text.rfind("-->")
    while opening := _OPENING.search(text, position):
        pieces.append(text[position : opening.start()])
        shown, position = _seen(text, opening, last_end)
        pieces.append(shown)
    return "".join((*pieces, text[position:]))


def spaced_out(text: str) -> str:
    """Return a text in which nothing can be read as markup any more."""
    apart = re.sub(r"<(?=[!A-Za-z/>])", "< ", text)
    return apart.replace("](", "] (").replace("]:", "] :")


def _seen(text: str, opening: re.Match[str], last_end: int) -> tuple[str, int]:
    """Return what a reader sees of what begins here, and where the text goes on."""
    if opening["comment"]:
        end = _end_of_comment(text, opening.start(), last_end)
        return (opening[0] if end == opening.end() else ""), end
    if opening["fence"] or opening["ticks"]:
        end = _end_of_code(text, opening)
        return text[opening.start() : end], end
    if opening["definition"]:
        return "", opening.end()
    if opening["link"]:
        return f"{opening['link']})", opening.end()
    return _seen_of_element(text, opening)


def _seen_of_element(text: str, opening: re.Match[str]) -> tuple[str, int]:
    name, attributes = opening["tag"].lower(), opening["attributes"]
    hides = bool(_HIDING.search(attributes))
    if hides and (name in _VOID_ELEMENTS or attributes.rstrip().endswith("/")):
        return "", opening.end()
    end = _end_of_element(text, opening) if hides or name in _UNSHOWN_ELEMENTS else None
    if end is not None or hides:
        # What is hidden and never closed hides all that follows.
        return "", len(text) if end is None else end
    return f"<{opening['tag']}{_UNSEEN_ATTRIBUTE.sub('', attributes)}>", opening.end()


def _end_of_element(text: str, opening: re.Match[str]) -> int | None:
    """Return where an element ends; None where it is never closed."""
    depth = 1
    same = re.compile(rf"<(/?){re.escape(opening['tag'])}(?=[\s/>])[^<>]*>", re.IGNORECASE)
    for tag in same.finditer(text, opening.end()):
        depth += -1 if tag[1] else 1
        if not depth:
            return tag.end()
    return None


def _end_of_comment(text: str, start: int, last_end: int) -> int:
    """Return where a comment ends; right behind its opening when it is shown as text."""
    if start + 2 <= last_end:
        return text.find("-->", start + 2) + len("-->")
    line_start = text.rfind("\n", 0, start) + 1
    return start + len("<!--") if text[line_start:start].strip() else len(text)


def _end_of_code(text: str, opening: re.Match[str]) -> int:
    """Return where a code block or code span ends; behind its opening when it is none."""
    if opening["fence"]:
        mark = opening["fence"]
        fence_end = re.compile(rf"^ {{0,3}}{mark}{mark[0]}*[ \t]*$", re.MULTILINE)
        closing = fence_end.search(text, opening.end())
        return closing.end() if closing else len(text)
    ticks = opening["ticks"]
    line_end = text.find("\n", opening.end())
    line_end = len(text) if line_end < 0 else line_end
    span_end = re.compile(rf"(?<!`){ticks}(?!`)").search(text, opening.end(), line_end)
    return span_end.end() if span_end else opening.end()
