from mergewright.analysis.frameworks import find_frameworks
from mergewright.domain.codebase import Manifest


def manifest(ecosystem, *dependencies, path="manifest"):
    return Manifest(path=path, ecosystem=ecosystem, dependencies=dependencies)


def test_dependencies_show_frameworks_with_evidence():
    found = find_frameworks(
        [
            manifest("python", "FastAPI[all]>=0.1", "pytest", path="pyproject.toml"),
            manifest("node", "react@18", "next@^14", "react-dom@18", path="web/package.json"),
            manifest("java", "org.springframework.boot:spring-boot-starter-web", path="pom.xml"),
            manifest("ruby", "rails ~> 7", path="Gemfile"),
            manifest("node", "express@4"),
        ]
    )
    assert [(framework.name, framework.evidence) for framework in found] == [
        ("express", "manifest: express@4"),
        ("fastapi", "pyproject.toml: FastAPI[all]>=0.1"),
        ("next", "web/package.json: next@^14"),
        ("pytest", "pyproject.toml: pytest"),
        ("rails", "Gemfile: rails ~> 7"),
        ("react", "web/package.json: react@18"),
        ("spring-boot", "pom.xml: org.springframework.boot:spring-boot-starter-web"),
    ]


def test_a_name_means_something_in_its_own_ecosystem_only():
    assert (
        find_frameworks([manifest("node", "flask@1", "django@2"), manifest("python", "vue")]) == ()
    )


def test_a_framework_is_listed_once_with_the_first_evidence():
    (framework,) = find_frameworks(
        [manifest("python", "flask", path="a.txt"), manifest("python", "flask>=3", path="b.txt")]
    )
    assert framework.evidence == "a.txt: flask"
