"""The servers of one machine: PostgreSQL and Valkey from wheels, and the supervisor that keeps the house up.

What `make run` and the tests start. Knows the settings, and nothing of the application.
"""
