"""Text, not code: one folder per agent with `system.md.j2` and `user.md.j2`."""
