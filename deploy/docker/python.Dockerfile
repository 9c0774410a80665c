# syntax=docker/dockerfile:1
# Every process of OneClick from one image; the command decides which:
#   python -m services.auth | services.api | services.worker | services.scheduler | alembic upgrade head
# The target `bff` adds the built web app and answers browsers: python -m bff
#
#   docker build -f deploy/docker/python.Dockerfile --target service -t oneclick .
#   docker build -f deploy/docker/python.Dockerfile --target bff -t oneclick-bff .
ARG PYTHON_VERSION=3.14
ARG NODE_VERSION=24

FROM node:${NODE_VERSION}-trixie-slim AS webui
WORKDIR /build
COPY webui/package.json webui/package-lock.json webui/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY webui ./
RUN npm run build

FROM python:${PYTHON_VERSION}-slim-trixie AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements.lock /build/requirements.lock
# The lock of what production runs: no test tools, no embedded databases, every file checked by its hash.
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --require-hashes --no-deps --only-binary=:all: -r /build/requirements.lock \
    && /opt/venv/bin/pip uninstall --yes pip

FROM python:${PYTHON_VERSION}-slim-trixie AS service
RUN groupadd --gid 10001 oneclick && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin oneclick
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOST=0.0.0.0 PORT=8000 LOG_FORMAT=json ENVIRONMENT=production
WORKDIR /opt/oneclick
COPY --from=packages /opt/venv /opt/venv
COPY deploy/docker/healthcheck.py ./healthcheck.py
COPY alembic.ini ./
COPY migrations ./migrations
COPY bff ./bff
COPY services/__init__.py ./services/__init__.py
COPY services/shared ./services/shared
COPY services/auth ./services/auth
COPY services/api ./services/api
COPY services/worker ./services/worker
COPY services/scheduler ./services/scheduler
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-I", "healthcheck.py"]
CMD ["python", "-m", "services.api"]

FROM service AS bff
COPY --from=webui /build/dist /opt/oneclick/webui
ENV WEBUI_DIR=/opt/oneclick/webui
CMD ["python", "-m", "bff"]
