"""The web server: gevent workers, so that a thousand open event streams cost little.

No preload: each worker imports the application after gevent has patched the sockets, or psycopg would block.
"""

from config import load

settings = load()

bind = f"[{settings.HOST}]:{settings.PORT}" if ":" in settings.HOST else f"{settings.HOST}:{settings.PORT}"
workers = settings.WEB_WORKERS
worker_class = "gevent"
worker_connections = 2000
preload_app = False
timeout = 60
graceful_timeout = 3
keepalive = 5
control_socket_disable = True
errorlog = "-"
loglevel = settings.LOG_LEVEL.lower()
