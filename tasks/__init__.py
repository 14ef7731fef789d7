"""Stages: each Prefect task is one thing a person sees happen, retried and persisted as JSON."""
