import pytest

from mergewright.clients.adf import to_adf
from mergewright.clients.adf_markdown import to_markdown
from mergewright.clients.adf_panels import with_panels


@pytest.mark.parametrize("name", ["Info", "Note", "Warning", "Error", "Success"])
def test_a_panel_comes_back_as_it_was(name):
    markdown = f"> **{name}:**\n>\n> Careful\n>\n> - one"
    [panel] = with_panels(to_adf(markdown))["content"]
    assert (panel["type"], panel["attrs"]) == ("panel", {"panelType": name.lower()})
    assert [block["type"] for block in panel["content"]] == ["paragraph", "bulletList"]
    assert to_markdown(with_panels(to_adf(markdown))) == markdown


@pytest.mark.parametrize(
    "markdown",
    ["> **Info:** here", "> **Info:**", "> Info:\n>\n> x", "**Info:**\n\nx", "> **Hm:**\n>\n> x"],
)
def test_any_other_quote_stays_one(markdown):
    assert with_panels(to_adf(markdown)) == to_adf(markdown)
