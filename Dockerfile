# Escher in one image: the runner (`escher run`) and the agent server (`escher agent-server`).
#
#   docker build -t escher .          (podman build --format docker -t escher . keeps the health check too)
#   docker run -v escher-data:/var/lib/escher -v /path/to/config:/etc/escher:ro -e MASTER_KEY escher
#   docker run -p 127.0.0.1:8790:8790 -e ESCHER_AGENT_SERVER__ISSUER -e ESCHER_AGENT_SERVER__AUDIENCE escher agent-server --host 0.0.0.0
#
# Both run with --read-only --cap-drop all: only the volume is written to. tests/image_build.sh builds the image and tries that.
#
# Volumes: /var/lib/escher holds the record, all of it encrypted, and has one writer at a time; it must outlive the container.
# /etc/escher holds escher.toml and policy.toml and may be read-only. There is no keychain in a container: [keys] master is
# env:MASTER_KEY or file:PATH, and the key never lies in /var/lib/escher. The agent server needs neither volume and no key of these.

ARG BASE=docker.io/library/python:3.11-slim-bookworm

# The pinned packages alone, installed for a product that is still empty: their layer lasts until one of the two files changes.
FROM ${BASE} AS packages
WORKDIR /src
COPY pyproject.toml constraints.txt ./
RUN python -m venv /opt/pip \
 && python -m venv --without-pip /opt/escher \
 && mkdir blocks agent_server engine bot \
 && touch README.md LICENSE NOTICE \
 && /opt/pip/bin/pip --python /opt/escher/bin/python install --no-cache-dir --disable-pip-version-check --constraint constraints.txt '.[all]' \
 && /opt/pip/bin/pip --python /opt/escher/bin/python uninstall --yes escher

FROM packages AS product
COPY README.md LICENSE NOTICE ./
COPY blocks blocks
COPY agent_server agent_server
COPY engine engine
COPY bot bot
RUN /opt/pip/bin/pip --python /opt/escher/bin/python install --no-cache-dir --disable-pip-version-check --no-deps --prefix /opt/product .

FROM ${BASE}
LABEL org.opencontainers.image.title="Escher" \
      org.opencontainers.image.description="A chat-ops bot for AWS, Azure and GCP: it plans, you approve, it does exactly that and keeps the proof." \
      org.opencontainers.image.licenses="Apache-2.0"
# The base comes with pip and an uncompiled standard library; nobody may write to it later, so it is compiled here.
RUN groupadd --gid 10001 escher \
 && useradd --uid 10001 --gid 10001 --create-home --home-dir /home/escher --shell /usr/sbin/nologin escher \
 && install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/escher \
 && install --directory --owner=10001 --group=10001 --mode=0750 /etc/escher \
 && library="$(python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')" \
 && rm -rf /usr/local/bin/pip* /usr/local/bin/wheel "$library/site-packages" "$library/ensurepip" \
 && python -m compileall -q "$library"
COPY --from=packages /opt/escher /opt/escher
COPY --from=product /opt/product /opt/escher
ENV PATH=/opt/escher/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    ESCHER_DATA__DIR=/var/lib/escher \
    SQLITE_TMPDIR=/var/lib/escher
USER 10001:10001
WORKDIR /etc/escher
VOLUME /var/lib/escher
EXPOSE 8790
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["python", "-m", "bot.health"]
ENTRYPOINT ["escher"]
CMD ["run"]
