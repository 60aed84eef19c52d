"""The servers of one machine, and what refuses to start on it."""
