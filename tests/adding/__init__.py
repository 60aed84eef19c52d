"""A service is added to a copy of the source as docs/adding-a-service.md says, and used from end to end."""
