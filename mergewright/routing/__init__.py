"""Which model does which work."""
