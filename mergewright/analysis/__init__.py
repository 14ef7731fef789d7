"""A repository's files become facts: languages, manifests, commands, conventions, relevance."""
