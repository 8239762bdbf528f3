# The service: one process, as an ordinary user; the ledger lives on the volume /data.
FROM python:3.13-slim AS build
WORKDIR /app
RUN python -m venv /venv
COPY requirements.txt ./
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY dispatcher dispatcher
COPY templates templates
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /data dispatcher \
    && install -d -o dispatcher /data /app
COPY --from=build /venv /venv
COPY templates /app/templates
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DISPATCHER_DATABASE_URL=sqlite:////data/ledger.sqlite3 \
    DISPATCHER_BIND=0.0.0.0:8025
WORKDIR /app
USER dispatcher
VOLUME /data
EXPOSE 8025
# Schedules and lists are mounted into /app, secrets as files named by NAME_FILE; none is in the image.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8025/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
CMD ["dispatcher", "run"]
