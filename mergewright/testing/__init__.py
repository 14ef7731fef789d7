"""Doubles that are shipped: recorded and scripted models, a Messages API server."""
