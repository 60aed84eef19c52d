"""The service of docs/adding-a-service.md in a browser; runs in the copy that has it (tests/adding/)."""
