"""Asking a model for one piece of work, durably, within limits, with a typed answer."""
