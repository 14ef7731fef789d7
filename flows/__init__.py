"""Workflow types: each flow orders tasks and decides; it holds no client, no model and no prompt."""
