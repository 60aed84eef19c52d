"""What the service of docs/adding-a-service.md must do; runs in the copy that has it."""
