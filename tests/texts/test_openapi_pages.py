"""Pages about an API from its OpenAPI document."""

import copy

import pytest

from mergewright.errors import SettingInvalid
from mergewright.texts.openapi_pages import api_pages

API = {
    "openapi": "3.0.3",
    "info": {"title": "Parcels", "version": "2.0"},
    "tags": [{"name": "parcel", "description": "All about *parcels*."}, {"name": "unused"}],
    "paths": {
        "/parcels/{id}": {
            "parameters": [{"$ref": "#/components/parameters/Id"}],
            "get": {
                "tags": ["parcel"],
                "summary": "Find a parcel",
                "parameters": [
                    {"name": "deep", "in": "query", "schema": {"type": "boolean", "default": False}}
                ],
                "responses": {
                    "200": {
                        "description": "Found.",
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Parcel"}}
                        },
                    },
                    "404": {"$ref": "#/components/responses/Missing"},
                },
            },
            "delete": {"deprecated": True, "responses": {"204": {"description": "Gone."}}},
        },
        "/parcels": {
            "post": {
                "tags": ["parcel", "Write | all"],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/Parcel"},
                            "examples": {"small": {"value": {"weight": 2}}},
                        }
                    }
                },
                "responses": {"201": {"description": "Made."}},
            }
        },
    },
    "components": {
        "parameters": {
            "Id": {
                "name": "id",
                "in": "path",
                "required": True,
                "description": "a | b",
                "schema": {"type": "string", "format": "uuid"},
            }
        },
        "responses": {"Missing": {"description": "No such parcel."}},
        "schemas": {
            "Base": {
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"type": "string"}},
            },
            "Parcel": {
                "allOf": [
                    {"$ref": "#/components/schemas/Base"},
                    {
                        "properties": {
                            "weight": {"type": "integer", "description": "In grams."},
                            "state": {"enum": ["lost", "found"]},
                            "inside": {
                                "type": "array",
                                "items": {"$ref": "#/components/schemas/Parcel"},
                            },
                            "owner": {
                                "oneOf": [
                                    {"$ref": "#/components/schemas/Base"},
                                    {"type": "string", "format": "email"},
                                ]
                            },
                        }
                    },
                ]
            },
        },
    },
}


def changed(path, value):
    """The document with one thing changed; None removes it."""
    document = copy.deepcopy(API)
    *above, last = path
    node = document
    for part in above:
        node = node[part]
    if value is None:
        del node[last]
    else:
        node[last] = value
    return document


def pages_of(document=API, **options):
    return {page.slug: page for page in api_pages(document, space="ENG", **options)}


def test_a_page_for_each_tag_that_has_operations():
    pages = pages_of(parent=("API",))
    assert set(pages) == {"api-parcel", "api-other-operations", "api-write-all"}
    page = pages["api-parcel"]
    assert (page.title, page.parent, page.space) == ("Parcels: parcel", ("API",), "ENG")
    assert page.body.startswith("All about \\*parcels\\*.\n\nVersion 2.0 of Parcels.\n\n## GET ")
    assert "## POST /parcels\n" in pages["api-write-all"].body
    assert "**Deprecated.**" in pages["api-other-operations"].body


def test_parameters_are_a_table():
    body = pages_of()["api-parcel"].body
    assert "| `id` | path | string (uuid) | yes | a \\| b |" in body
    assert "| `deep` | query | boolean | no |  |" in body


def test_schemas_are_opened_and_those_that_contain_themselves_named():
    body = pages_of()["api-parcel"].body
    for row in (
        "| `id` | string | yes |  |",
        "| `weight` | integer | no | In grams. |",
        "| `state` | lost \\| found | no |  |",
        "| `inside` | list of Parcel | no |  |",
        "| `owner` | one of: Base, string (email) | no |  |",
        "| `owner(one of, 1).id` | string | yes |  |",
    ):
        assert row in body
    assert "`inside[].weight`" not in body


def test_responses_and_examples():
    body = pages_of()["api-parcel"].body
    assert "### Response 404\n\nNo such parcel." in body
    assert '```json\n{\n  "weight": 2\n}\n```' in body
    made_up = body[body.index("### Response 200") : body.index("### Response 404")]
    assert '"state": "lost"' in made_up
    assert '"inside": [\n    {}\n  ]' in made_up


@pytest.mark.parametrize(
    ("path", "before", "mark"),
    [
        (("paths", "/parcels"), None, "## POST /parcels\n\n> [!TIP]\n> **Added** since 1.0."),
        (
            ("components", "schemas", "Base", "properties", "id"),
            {"type": "integer"},
            "**Changed** since 1.0: response 200 changed.",
        ),
        (
            ("paths", "/parcels/{id}", "get", "parameters"),
            [{"name": "old", "in": "query"}],
            "**Changed** since 1.0: query parameter deep added; query parameter old removed.",
        ),
        (
            ("paths", "/parcels/{id}", "get", "responses", "404"),
            None,
            "**Changed** since 1.0: response 404 added.",
        ),
        (
            ("paths", "/parcels/{id}", "get", "summary"),
            "Get",
            "**Changed** since 1.0: summary changed.",
        ),
        (
            ("paths", "/parcels/{id}", "put"),
            {"tags": ["parcel"], "responses": {}},
            "## Removed operations\n\nRemoved since 1.0:\n\n- `PUT /parcels/{id}`",
        ),
    ],
)
def test_what_changed_is_marked(path, before, mark):
    earlier = changed(path, before)
    earlier["info"] = {"title": "Parcels", "version": "1.0"}
    assert mark in pages_of(earlier=earlier)["api-parcel"].body


def test_nothing_is_marked_when_nothing_changed():
    assert "since" not in pages_of(earlier=copy.deepcopy(API))["api-parcel"].body


def test_a_page_of_which_only_removed_operations_are_left():
    earlier = changed(("paths", "/x"), {"get": {"tags": ["gone"], "responses": {}}})
    assert "- `GET /x`" in pages_of(earlier=earlier)["api-gone"].body


@pytest.mark.parametrize(
    ("document", "place"),
    [
        (None, "#"),
        ([], "#"),
        ({"swagger": "2.0"}, "#/openapi"),
        (changed(("info", "title"), 3), "#/info/title"),
        (changed(("paths",), []), "#/paths"),
        (changed(("paths", "/parcels"), "x"), "#/paths/~1parcels"),
        (changed(("paths", "/parcels", "post"), "x"), "#/paths/~1parcels/post"),
        (
            changed(("paths", "/parcels", "post", "parameters"), [{"in": "query"}]),
            "#/paths/~1parcels/post/parameters/0/name",
        ),
        (
            changed(("paths", "/parcels", "post", "tags"), "parcel"),
            "#/paths/~1parcels/post/tags",
        ),
        (
            changed(("components", "responses", "Missing"), None),
            "#/paths/~1parcels~1{id}/get/responses/404",
        ),
        (
            changed(("components", "schemas", "Base"), None),
            "#/paths/~1parcels~1{id}/get/responses/200/content/application~1json",
        ),
        (
            changed(("components", "parameters", "Id"), {"$ref": "#/components/parameters/Id"}),
            "#/paths/~1parcels~1{id}/parameters/0",
        ),
    ],
)
def test_a_mistake_is_named_by_its_place(document, place):
    with pytest.raises(SettingInvalid) as caught:
        pages_of(document)
    assert f"at {place!r}:" in caught.value.message
    assert caught.value.hint


def test_hostile_words_stay_words():
    document = changed(
        ("paths", "/parcels/{id}", "get", "summary"), "<details> ![x](https://evil.example/p.png)"
    )
    body = pages_of(document)["api-parcel"].body
    assert "&lt;details> ![x\\](`https://evil.example/p.png`)" in body
