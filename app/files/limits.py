"""How large, how long, how much: the bounds of a file and of its inspection."""

import resource

from app.delays import INSPECTION_CPU_SECONDS

LARGEST_BYTES = 10 * 1024 * 1024
MOST_PAGES = 100
MOST_PIXELS = 60_000_000
"""Of one picture: a telephone's largest setting. Three bytes a pixel stay well below the memory allowed."""

LARGEST_UNFOLDED = 512 * 1024 * 1024
"""Of all the streams of a PDF together: twenty pages scanned in colour."""

LARGEST_STREAM = 64 * 1024 * 1024
"""Of one stream of a PDF that is no picture."""

MOST_KEPT_BYTES = 500 * 1024 * 1024
"""Of all the files of one account together, those on their way with them: fifty of the largest."""

LARGEST_STORED = 4 * LARGEST_BYTES
PREVIEW_PAGES = 3
PREVIEW_PIXELS = 1100
"""The longer side of a preview."""

MEMORY_BYTES = 1536 * 1024 * 1024


def confine() -> None:
    """Bound this process for good: memory, processor time, no file written, no other process begun."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (INSPECTION_CPU_SECONDS, INSPECTION_CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
