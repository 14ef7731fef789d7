"""Which frameworks a project uses, by the dependencies it declares."""

from collections.abc import Iterator, Mapping, Sequence

from mergewright.analysis.manifests import dependency_name
from mergewright.domain.codebase import Framework, Manifest

_RULES: Mapping[str, Mapping[str, str]] = {
    "python": {
        "aiohttp": "aiohttp",
        "airflow": "airflow",
        "apache-airflow": "airflow",
        "celery": "celery",
        "click": "click",
        "dagster": "dagster",
        "django": "django",
        "djangorestframework": "django-rest-framework",
        "fastapi": "fastapi",
        "flask": "flask",
        "hypothesis": "hypothesis",
        "langchain": "langchain",
        "langgraph": "langgraph",
        "numpy": "numpy",
        "pandas": "pandas",
        "polars": "polars",
        "prefect": "prefect",
        "pydantic": "pydantic",
        "pytest": "pytest",
        "scrapy": "scrapy",
        "sqlalchemy": "sqlalchemy",
        "starlette": "starlette",
        "streamlit": "streamlit",
        "tensorflow": "tensorflow",
        "torch": "pytorch",
        "tornado": "tornado",
        "typer": "typer",
    },
    "node": {
        "@angular/core": "angular",
        "@nestjs/core": "nestjs",
        "@playwright/test": "playwright",
        "astro": "astro",
        "cypress": "cypress",
        "electron": "electron",
        "express": "express",
        "fastify": "fastify",
        "jest": "jest",
        "koa": "koa",
        "mocha": "mocha",
        "next": "next",
        "nuxt": "nuxt",
        "react": "react",
        "react-native": "react-native",
        "svelte": "svelte",
        "tailwindcss": "tailwind",
        "vite": "vite",
        "vitest": "vitest",
        "vue": "vue",
        "webpack": "webpack",
    },
    "go": {
        "github.com/gin-gonic/gin": "gin",
        "github.com/gofiber/fiber/v2": "fiber",
        "github.com/labstack/echo/v4": "echo",
        "github.com/spf13/cobra": "cobra",
        "google.golang.org/grpc": "grpc",
        "gorm.io/gorm": "gorm",
    },
    "rust": {
        "actix-web": "actix",
        "axum": "axum",
        "bevy": "bevy",
        "clap": "clap",
        "rocket": "rocket",
        "tokio": "tokio",
    },
    "java": {
        "io.micronaut": "micronaut",
        "io.quarkus": "quarkus",
        "junit:junit": "junit",
        "org.hibernate": "hibernate",
        "org.hibernate.orm": "hibernate",
        "org.junit.jupiter": "junit",
        "org.springframework": "spring",
        "org.springframework.boot": "spring-boot",
    },
    "ruby": {
        "hanami": "hanami",
        "minitest": "minitest",
        "rails": "rails",
        "rspec": "rspec",
        "rspec-rails": "rspec",
        "sidekiq": "sidekiq",
        "sinatra": "sinatra",
    },
    "php": {
        "laravel/framework": "laravel",
        "phpunit/phpunit": "phpunit",
        "slim/slim": "slim",
        "symfony/framework-bundle": "symfony",
        "symfony/symfony": "symfony",
    },
}


def find_frameworks(manifests: Sequence[Manifest]) -> tuple[Framework, ...]:
    """Return the frameworks that manifests show, each once, with the first evidence."""
    found: dict[str, str] = {}
    for name, evidence in _sightings(manifests):
        found.setdefault(name, evidence)
    return tuple(Framework(name=name, evidence=found[name]) for name in sorted(found))


def _sightings(manifests: Sequence[Manifest]) -> Iterator[tuple[str, str]]:
    for manifest in manifests:
        rules = _RULES.get(manifest.ecosystem, {})
        for requirement in manifest.dependencies:
            name = dependency_name(manifest.ecosystem, requirement)
            # A Java artefact is known by its group, most of them.
            framework = rules.get(name) or rules.get(name.partition(":")[0])
            if framework is not None:
                yield framework, f"{manifest.path}: {requirement}"
