"""The web server: gevent workers, so that a thousand open event streams cost little.

No preload: each worker imports the application after gevent has patched the sockets, or psycopg would block.
"""

import os
import runpy
import shutil

from config import ROOT, load

settings = load()

# What each worker counted, in files that all of them read (app/metrics.py); a new start counts anew.
counted = settings.RUN_DIR / "metrics"
shutil.rmtree(counted, ignore_errors=True)
counted.mkdir(mode=0o700, parents=True, exist_ok=True)
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(counted)

# By path: `app` must wait for gevent.
leash = runpy.run_path(str(ROOT / "app" / "embedded" / "leash.py"))
delays = runpy.run_path(str(ROOT / "app" / "delays.py"))

bind = f"[{settings.HOST}]:{settings.PORT}" if ":" in settings.HOST else f"{settings.HOST}:{settings.PORT}"
workers = settings.WEB_WORKERS
worker_class = "gevent"
worker_connections = 2000
preload_app = False
timeout = delays["WEB_SILENT_SECONDS"]
graceful_timeout = delays["WEB_GRACEFUL_SECONDS"]
keepalive = delays["WEB_KEPT_OPEN_SECONDS"]
control_socket_disable = True
errorlog = "-"
loglevel = settings.LOG_LEVEL.lower()


def post_fork(server: object, worker: object) -> None:
    """A worker ends with its master, even killed, even while it still imports the application."""
    leash["die_with_parent"]()
