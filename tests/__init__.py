"""Proofs of behaviour, through what people and machines reach: pages, commands, jobs."""
