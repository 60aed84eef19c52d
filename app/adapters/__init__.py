"""The outside world, one small module each. Only jobs and services call them."""
