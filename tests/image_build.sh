#!/usr/bin/env bash
# Builds the image as the Dockerfile says and tries it: what is in it, and both processes as a cluster would run them, with a
# read-only root, no capabilities and no rights, until the image's own health check is content and they have ended at SIGTERM.
#
#   tests/image_build.sh [OPTIONS OF THE ENGINE'S BUILD]        needs docker, or podman 4.3 or newer; leaves the image escher:try
#   tests/image_build.sh --offline [OPTIONS ...]                where no registry of images can be reached
#
# Offline the base is Debian with its own Python 3.11 instead of the official Python image, made by debootstrap: as root, on a
# machine that reaches Debian's packages and PyPI. It has the same Debian, the same user space and an uncompiled library as the official one, but
# Python is in /usr, without pip. On a machine that may use neither systemd nor cgroups v2 podman wants
# `runtime = "runc"` and `default_ulimits` in a file named by CONTAINERS_CONF, and `export BUILDAH_RUNTIME=runc`.
# A network that shows certificates of its own: podman takes `--volume /etc/ssl/certs:/etc/ssl/certs:ro --volume ./pip.conf:/etc/pip.conf:ro`.
#
# ENGINE=podman chooses the engine. Not part of `make test`: it installs everything anew.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
image=escher:try
name=escher-try-$$

fail() {
  echo "image_build: $*" >&2
  exit 1
}

engine=${ENGINE:-}
if [[ -z $engine ]]; then
  if docker info >/dev/null 2>&1; then engine=docker; else engine=podman; fi
fi
command -v "$engine" >/dev/null || fail "there is neither a docker that answers nor podman; on Debian: apt-get install podman runc"
is_podman=false
"$engine" --version | grep -qi podman && is_podman=true

work=$(mktemp -d "${TMPDIR:-/tmp}/image-build-XXXXXX")
chmod 0755 "$work"
finish() {
  "$engine" rm --force "$name" >/dev/null 2>&1 || true
  "$engine" volume rm "$name" >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap finish EXIT

# Debian's Python as a base, under the name that the build argument then gives.
offline_base() {
  command -v debootstrap >/dev/null || fail "debootstrap is missing; on Debian: apt-get install debootstrap"
  [[ $(id -u) -eq 0 ]] || fail "only root can run debootstrap"
  local packages=ca-certificates,netbase,tzdata,python3,python3-distutils,python3-lib2to3,python3.11,python3.11-venv
  debootstrap --variant=minbase --include="$packages" bookworm "$work/base" >"$work/debootstrap.log" || fail "debootstrap: $(tail -5 "$work/debootstrap.log")"
  ln -s /usr/bin/python3.11 "$work/base/usr/local/bin/python"
  find "$work/base" -name '*.pyc' -delete
  rm -rf "$work/base/var/cache/apt/archives" "$work/base/var/lib/apt/lists"
  tar -C "$work/base" -c . | "$engine" import --change 'ENV LANG=C.UTF-8' - localhost/escher-base:bookworm >/dev/null
  rm -rf "$work/base"
}

options=("$@")
if [[ ${1:-} == --offline ]]; then
  offline_base
  options=("${@:2}" --build-arg BASE=localhost/escher-base:bookworm)
fi
if $is_podman; then options+=(--format docker); fi # OCI's own format knows no health check
began=$SECONDS
"$engine" build --tag "$image" "${options[@]}" "$repository"
echo "built in $((SECONDS - began)) s by $("$engine" --version)"

# --- what is in it

inside() {
  "$engine" run --rm --no-healthcheck --network none --read-only --cap-drop all --entrypoint "$1" "$image" "${@:2}"
}

absent() {
  local found
  found=$(inside bash -c "$2")
  [[ -z $found ]] || fail "the image holds $1: $found"
}

[[ $(inside id -u) == 10001 && $(inside id -g) == 10001 ]] || fail "the image does not run as 10001:10001"
absent "tools to build or to fetch with" 'for tool in pip pip3 wheel gcc cc make git curl wget; do command -v $tool; done; true'
absent "packages that only building, testing or the try-out need" \
  'python -c "import importlib.util as u; print(*[n for n in (\"pip\", \"setuptools\", \"wheel\", \"hatchling\", \"pytest\", \"moto\", \"ruff\") if u.find_spec(n)])"'
absent "what belongs to the repository" 'find / -xdev \( -name .git -o -name Dockerfile -o -name pyproject.toml -o -name constraints.txt -o -name escher.toml \) -not -path "/proc/*" 2>/dev/null | head -3'
absent "keys" 'find /opt /etc /home /var/lib/escher \( -name "*.key" -o -name ".env" -o -name "id_rsa*" -o -name "*.pfx" \) 2>/dev/null | head -3'
absent "program files that its user may change" 'find /opt /usr ! -type l -writable 2>/dev/null | head -3'
absent "modules that every start compiles anew" \
  'cd / && python -v -m bot.health 2>&1 | sed -n "s/^# code object from \([^ ]*\.py\)$/\1/p" | tr -d "\047" | head -3'
! "$engine" image inspect --format '{{json .Config.Env}}' "$image" | grep -iE 'token|secret|password|_key' || fail "a variable of the image names a secret"
refuses() {
  local code=0 words
  words=$("$engine" run --rm --no-healthcheck --network none "$image" "$1" 2>&1) || code=$?
  [[ $code -eq 2 && $words == "escher: "*"$2"* && $(wc -l <<<"$words") -eq 1 ]] || fail "escher $1 ended with $code and says: $words"
  echo "escher $1, without what it needs, ends with 2 and says: $words"
}
refuses run "escher init policy"
refuses demo "escher[sandbox]"
inside bash -c 'time escher --help >/dev/null' 2>&1 | awk '/^real/ { print "escher --help inside: " $2 }'

# --- both processes

# The image's own health check, asked by the engine.
healthy() {
  if $is_podman; then
    "$engine" healthcheck run "$name" >/dev/null 2>&1
  else
    [[ $("$engine" inspect --format '{{.State.Health.Status}}' "$name") == healthy ]]
  fi
}

# podman gives room in /tmp where it is not told otherwise; docker asks by itself, here more often than the image says.
if $is_podman; then small=(--read-only-tmpfs=false --health-interval=disable); else small=(--health-interval=2s --health-start-period=0s); fi

# podman has no timers for health checks where there is no systemd, and says so at every turn; here nobody waits for one.
without_timers() {
  "$engine" "$@" 2> >(grep -v 'unable to get systemd connection' >&2) >/dev/null
}

lives() {
  local what=$1 tries=0 code began
  shift
  without_timers run --detach --name "$name" --read-only --cap-drop all --security-opt no-new-privileges "${small[@]}" "$@"
  until healthy; do
    [[ $("$engine" inspect --format '{{.State.Running}}' "$name") == true ]] || fail "$what ended: $("$engine" logs "$name" 2>&1)"
    ((++tries < 60)) || fail "$what is not healthy: $("$engine" logs "$name" 2>&1)"
    sleep 1
  done
  if [[ $what == "agent server" ]]; then
    "$engine" exec "$name" python -c 'import urllib.request as r; print("agent server: /health says", r.urlopen("http://127.0.0.1:8790/health").read().decode())'
  else
    "$engine" exec "$name" escher audit verify | sed "s/^/$what: /"
  fi
  began=$SECONDS
  without_timers stop -t 10 "$name"
  code=$("$engine" inspect --format '{{.State.ExitCode}}' "$name")
  [[ $code -eq 0 ]] || fail "$what ended with exit code $code at SIGTERM: $("$engine" logs "$name" 2>&1 | tail -5)"
  ! "$engine" logs "$name" 2>&1 | grep -E 'Traceback|"level": "error"' || fail "$what complains"
  echo "$what: healthy on a read-only root, ended at SIGTERM with exit code 0 after $((SECONDS - began)) s"
  without_timers rm "$name"
}

lives "agent server" -e ESCHER_AGENT_SERVER__ISSUER=https://issuer.invalid -e ESCHER_AGENT_SERVER__AUDIENCE=escher "$image" agent-server --host 0.0.0.0

mkdir "$work/config"
printf '[keys]\nmaster = "env:MASTER_KEY"\n\n[web]\nenabled = true\nport = 0\n' >"$work/config/escher.toml"
cp "$repository/bot/default_policy.toml" "$work/config/policy.toml"
MASTER_KEY=$(head -c 32 /dev/urandom | base64)
export MASTER_KEY
for turn in first second; do
  lives "runner, $turn start on its volume" --env MASTER_KEY --volume "$name:/var/lib/escher" --volume "$work/config:/etc/escher:ro" "$image"
done

echo "image: $(($("$engine" image inspect --format '{{.Size}}' "$image") / 1000000)) MB in all, of it by layers:"
"$engine" history --format '{{.Size}}	{{.CreatedBy}}' "$image" | grep -vE '^0 ?B' | cut -c1-120
echo "image_build: the image is built and does what it should"
