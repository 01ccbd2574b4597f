# Escher in one image: the runner (`escher run`) and the agent server (`escher agent-server`).
#
#   docker build -t escher .
#   docker run -v escher-data:/var/lib/escher -v /path/to/config:/etc/escher:ro -e MASTER_KEY escher
#   docker run -p 127.0.0.1:8790:8790 -e ESCHER_AGENT_SERVER__ISSUER -e ESCHER_AGENT_SERVER__AUDIENCE escher agent-server --host 0.0.0.0
#
# Volumes: /var/lib/escher holds the record, all of it encrypted, and has one writer at a time; it must outlive the container.
# /etc/escher holds escher.toml and policy.toml and may be read-only. There is no keychain in a container: [keys] master is
# env:MASTER_KEY or file:PATH, and the key never lies in /var/lib/escher. The agent server needs neither volume and no key of these.

FROM python:3.11-slim AS build
WORKDIR /src
RUN python -m venv /opt/escher
COPY pyproject.toml constraints.txt README.md LICENSE NOTICE ./
COPY blocks blocks
COPY agent_server agent_server
COPY engine engine
COPY bot bot
RUN /opt/escher/bin/pip install --no-cache-dir --disable-pip-version-check --constraint constraints.txt '.[all]' \
 && /opt/escher/bin/pip uninstall --yes pip

FROM python:3.11-slim
RUN groupadd --gid 10001 escher \
 && useradd --uid 10001 --gid 10001 --create-home --home-dir /home/escher --shell /usr/sbin/nologin escher \
 && install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/escher \
 && install --directory --owner=10001 --group=10001 --mode=0750 /etc/escher
COPY --from=build /opt/escher /opt/escher
ENV PATH=/opt/escher/bin:/usr/local/bin:/usr/bin:/bin
ENV PYTHONUNBUFFERED=1
ENV PYTHONDONTWRITEBYTECODE=1
ENV ESCHER_DATA__DIR=/var/lib/escher
USER 10001:10001
WORKDIR /etc/escher
VOLUME /var/lib/escher
EXPOSE 8790
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["python", "-m", "bot.health"]
ENTRYPOINT ["escher"]
CMD ["run"]
