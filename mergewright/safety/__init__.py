"""Untrusted text, secrets and change policy: what may pass, decided without a model."""
