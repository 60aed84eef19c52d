# One image for web, worker, scheduler and relay: compose.yaml says which runs what.
FROM python:3.13-slim-bookworm AS build
WORKDIR /opt/guichet
COPY requirements.txt ./
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt
COPY . .
RUN .venv/bin/pybabel -q compile -d translations

FROM python:3.13-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/guichet --create-home guichet
WORKDIR /opt/guichet
COPY --from=build /opt/guichet /opt/guichet
ENV DATA_DIR=/var/lib/guichet HOST=0.0.0.0 PYTHONUNBUFFERED=1
USER guichet
EXPOSE 8000
ENTRYPOINT [".venv/bin/python", "-m"]
CMD ["gunicorn", "--config", "gunicorn.conf.py", "run:app"]
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
    CMD [".venv/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/livez', timeout=4)"]
