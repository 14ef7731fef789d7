"""What a person edits in the Prefect UI: credentials, services and delivery profiles."""
