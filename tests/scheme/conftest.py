"""Property tests here draw the same cases on every machine and leave no files behind."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("scheme", database=None, derandomize=True, deadline=None)
settings.load_profile("scheme")
