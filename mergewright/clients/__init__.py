"""Talking to the outside: git, the sandbox, services and their embedded twins."""
