from mergewright.analysis.documentation_sections import changed_sections, title_of

BEFORE = "# Guide\n\nAbout.\n\n## One\n\nfirst\n\n### Below\n\n## Two\n\n```\n## no heading\n```\n"


def test_only_what_changed_is_told():
    after = BEFORE.replace("first", "other") + "\n## Three\n\nnew\n"
    found = changed_sections(BEFORE, after)
    assert [(one.heading, one.body) for one in found] == [
        ("One", "other\n\n### Below"), ("Three", "new"),
    ]  # fmt: skip
    assert changed_sections(BEFORE, BEFORE) == ()


def test_what_sections_cannot_say_is_left_to_the_whole_document():
    assert changed_sections(BEFORE, BEFORE.replace("About", "Else")) == ()
    assert changed_sections(BEFORE, BEFORE.replace("## One", "## Uno")) == ()
    twice = BEFORE.replace("Two", "One")
    assert changed_sections(twice, twice.replace("first", "other")) == ()
    assert changed_sections("", "words") == ()


def test_the_title_is_the_first_heading():
    assert title_of(BEFORE) == "Guide"
    assert title_of("## Two\n") == ""
