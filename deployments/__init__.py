"""What runs on a Prefect server: the data that says it, and what brings a server to that state."""
