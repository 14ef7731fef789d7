import pytest

from mergewright.analysis.manifests import dependency_name, find_manifests
from tests.analysis.trees import sources

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
[project]
dependencies = ["httpx>=0.27", "rich"]
[project.optional-dependencies]
test = ["pytest>=8"]
[dependency-groups]
dev = ["ruff", {include-group = "test"}]
[tool.uv]
dev-dependencies = ["mypy"]
[tool.poetry.dependencies]
python = "^3.11"
flask = {version = "^3", extras = ["async"]}
[tool.poetry.group.docs.dependencies]
mkdocs = "*"
"""

POM = """\
<project>
  <parent><groupId>org.springframework.boot</groupId><artifactId>p</artifactId></parent>
  <dependency>
    <groupId>junit</groupId><artifactId>junit</artifactId><version>4</version>
  </dependency>
</project>
"""

GRADLE = """\
plugins {
  id("org.springframework.boot") version "3"
}
dependencies {
  implementation("a:b:1")
  testImplementation(platform("c:d:2"))
}
"""


def test_everything_a_pyproject_declares_is_listed_as_declared():
    (manifest,) = find_manifests(sources({"pyproject.toml": PYPROJECT}))
    assert manifest.ecosystem == "python"
    assert manifest.dependencies == (
        "httpx>=0.27", "rich", "pytest>=8", "ruff", "mypy", "flask ^3", "mkdocs *",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("path", "text", "ecosystem", "dependencies"),
    [
        (
            "requirements-dev.txt",
            "# tools\n-r requirements.txt\npytest==8.0 \\\n  --hash=sha256:0a\nrich ; python_version>'3'  # why\n\n-e .\ngit+https://x/y.git#egg=z\n",
            "python",
            ("pytest==8.0", "rich ; python_version>'3'", "git+https://x/y.git#egg=z"),
        ),
        ("requirements/base.txt", "django>=5\n", "python", ("django>=5",)),
        (
            "setup.cfg",
            "[options]\ninstall_requires =\n    click\n    rich>=1\n[options.extras_require]\ntest = pytest\n",
            "python",
            ("click", "rich>=1", "pytest"),
        ),
        ("setup.py", "setup(install_requires=['x'])", "python", ()),
        ("Pipfile", '[packages]\nflask = "*"\n[dev-packages]\npytest = ">=8"\n', "python", ("flask", "pytest >=8")),
        (
            "web/package.json",
            '{"dependencies": {"@nestjs/core": "^10"}, "devDependencies": {"vite": "5"}}',
            "node",
            ("@nestjs/core@^10", "vite@5"),
        ),
        (
            "go.mod",
            "module m\n\ngo 1.22\n\nrequire github.com/a/b v1.0.0\nrequire (\n\tgithub.com/c/d/v2 v2.1.0 // indirect\n)\n",
            "go",
            ("github.com/a/b@v1.0.0", "github.com/c/d/v2@v2.1.0"),
        ),
        (
            "Cargo.toml",
            '[dependencies]\ntokio = { version = "1" }\nlocal = { path = "x" }\n[dev-dependencies]\nrand = "0.8"\n',
            "rust",
            ("tokio@1", "local", "rand@0.8"),
        ),
        (
            "pom.xml",
            POM,
            "java",
            ("org.springframework.boot:p", "junit:junit:4"),
        ),
        (
            "app/build.gradle.kts",
            GRADLE,
            "java",
            ("a:b:1", "c:d:2", "org.springframework.boot"),
        ),
        ("Gemfile", "gem 'rails', '~> 7.1'\n# gem 'no'\ngem \"puma\"\n", "ruby", ("rails ~> 7.1", "puma")),
        (
            "composer.json",
            '{"require": {"php": ">=8", "slim/slim": "^4"}, "require-dev": {"phpunit/phpunit": "*"}}',
            "php",
            ("slim/slim ^4", "phpunit/phpunit *"),
        ),
    ],
)  # fmt: skip
def test_each_kind_of_manifest_is_read(path, text, ecosystem, dependencies):
    (manifest,) = find_manifests(sources({path: text}))
    assert (manifest.path, manifest.ecosystem) == (path, ecosystem)
    assert manifest.dependencies == dependencies


@pytest.mark.parametrize(
    "path",
    ["pyproject.toml", "package.json", "setup.cfg", "Cargo.toml", "composer.json", "pom.xml"],
)
@pytest.mark.parametrize(
    "text", ["", "}{", "[", '"text"', '{"dependencies": []}', "dependencies = 3"]
)
def test_a_broken_manifest_is_listed_without_dependencies(path, text):
    (manifest,) = find_manifests(sources({path: text}))
    assert manifest.dependencies == ()


def test_the_root_comes_first_and_foreign_manifests_are_not_seen():
    tree = sources(
        {"z/package.json": "{}", "node_modules/a/package.json": "{}", "pyproject.toml": ""}
    )
    assert [manifest.path for manifest in find_manifests(tree)] == [
        "pyproject.toml",
        "z/package.json",
    ]


def test_hostile_manifests_take_no_long_time():
    tree = sources(
        {
            "pom.xml": "<dependency>" * 30_000,
            "build.gradle": "\n" * 300_000,
            "Gemfile": "gem " * 90_000,
            "requirements.txt": "x" + " " * 300_000 + "x",
            "go.mod": "require " * 40_000,
        }
    )
    assert len(find_manifests(tree)) == 5


@pytest.mark.parametrize(
    ("ecosystem", "requirement", "name"),
    [
        ("python", "Flask_SQLAlchemy[async]>=3 ; extra == 'x'", "flask-sqlalchemy"),
        ("python", "git+https://x/y.git", "git"),
        ("node", "@scope/name@^1", "@scope/name"),
        ("node", "@scope/name", "@scope/name"),
        ("node", "react@18", "react"),
        ("java", "a.b:c:1.0", "a.b:c"),
        ("ruby", "rails ~> 7", "rails"),
        ("python", "", ""),
    ],
)
def test_names_are_those_that_the_ecosystem_compares(ecosystem, requirement, name):
    assert dependency_name(ecosystem, requirement) == name
