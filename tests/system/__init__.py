"""The whole house, started as a person starts it."""
