# The installed product, without tests or build tools, as an ordinary user (by number, as Kubernetes asks for).
FROM python:3.11-slim AS build
RUN pip install --no-cache-dir uv
WORKDIR /src
ENV UV_PROJECT_ENVIRONMENT=/opt/ptm UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
COPY pyproject.toml uv.lock ./
RUN uv sync --locked --no-dev --no-install-project
COPY events events
COPY worker worker
COPY tui tui
COPY sandbox sandbox
COPY sql sql
RUN uv sync --locked --no-dev --no-editable

FROM python:3.11-slim
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/ptm ptm
RUN install -d -o ptm -g ptm -m 0700 /var/lib/ptm/data
COPY --from=build /opt/ptm /opt/ptm
COPY deploy/one/ptm-one /usr/local/bin/
ENV PATH=/opt/ptm/bin:$PATH PTM_DATA_DIR=/var/lib/ptm/data
USER ptm
WORKDIR /var/lib/ptm
ENTRYPOINT ["ptm"]
CMD ["worker"]
