"""What people see, in a real browser on a whole Guichet."""
