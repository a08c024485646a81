# syntax=docker/dockerfile:1
# The client is built by Node, the server's packages are installed by uv; the image that runs has neither.

FROM node:22-bookworm-slim AS client
WORKDIR /app/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --include=dev --no-fund --no-audit
COPY frontend/tsconfig.json frontend/vite.config.ts ./
COPY frontend/src ./src
COPY frontend/public ./public
RUN npm run build -- --logLevel warn

FROM python:3.12-slim-bookworm AS server
COPY --from=ghcr.io/astral-sh/uv:0.9 /uv /usr/local/bin/uv
ENV UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-install-project
COPY README.md LICENSE NOTICE ./
COPY backend ./backend
COPY rhubarb ./rhubarb
RUN uv sync --frozen

FROM python:3.12-slim-bookworm AS run
RUN groupadd --gid 10001 visavis \
    && useradd --uid 10001 --gid visavis --no-create-home --home-dir /data visavis \
    && install -d -o visavis -g visavis /data
WORKDIR /app
COPY --from=server /app /app
COPY --from=client /app/frontend/dist /app/frontend/dist
COPY docs ./docs
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    VISAVIS_DATA=/data \
    VISAVIS_HOST=0.0.0.0 \
    VISAVIS_LOG_FORMAT=json
USER 10001:10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/ready', timeout=2)"]
CMD ["visavis", "serve"]
