"""The audit chain's mathematics: bytes, hashes, trees, signatures and proofs. No Flask, no database."""
