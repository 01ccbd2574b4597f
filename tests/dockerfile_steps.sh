#!/usr/bin/env bash
# Does what the Dockerfile says, without a container engine: its COPY and RUN steps in a folder of their own, with this machine's
# Python in place of the base image, then both processes as the image's own user, until each is healthy and ends at SIGTERM.
#
#   tests/dockerfile_steps.sh        as root, because the image's user is made for the time of the run
#
# Absolute paths of the image lie below the folder; both stages share it, so that COPY --from only checks that the thing is there.
# It shows that the steps work and what they install. It does not build an image: base image, layers and engine stay untried.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
image_user=escher
paths=(/opt/escher /var/lib/escher /etc/escher /home/escher /src)

fail() {
  echo "dockerfile_steps: $*" >&2
  exit 1
}

[[ $(id -u) -eq 0 ]] || fail "only root can make the image's user"
! getent passwd "$image_user" >/dev/null || fail "this machine already has a user $image_user"
! getent passwd 10001 >/dev/null || fail "this machine already has a user with id 10001"

python=""
for candidate in /usr/local/bin/python3.11 /usr/bin/python3.11; do
  if [[ -x $candidate ]] && "$candidate" -c 'import ensurepip' 2>/dev/null; then python=$candidate && break; fi
done
[[ -n $python ]] || fail "there is no Python 3.11 that every user may run in /usr/local/bin or /usr/bin"

root=$(mktemp -d "${TMPDIR:-/tmp}/dockerfile-steps-XXXXXX")
chmod 0755 "$root"
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  userdel "$image_user" 2>/dev/null || true
  groupdel "$image_user" 2>/dev/null || true
  rm -rf "$root"
}
trap finish EXIT

mkdir -p "$root/bin" "$root/context" "$root/home" "$root/etc" "$root/opt" "$root/var/lib"
ln -s "$python" "$root/bin/python"
git -C "$repository" archive HEAD | tar -x -C "$root/context"

# The image's paths, below the folder.
here() {
  local text=$1 path
  for path in "${paths[@]}"; do text=${text//"$path"/"$root$path"}; done
  printf '%s' "$text"
}

# The instructions, one a line: comments dropped, continued lines joined.
instructions() {
  sed -e '/^[[:space:]]*#/d' -e '/^[[:space:]]*$/d' "$repository/Dockerfile" | sed -e ':a' -e '/\\$/N' -e 's/\\\n//' -e 'ta'
}

copy() {
  local words=("$@") target
  if [[ ${words[0]} == --from=* ]]; then
    [[ -e $(here "${words[1]}") ]] || fail "COPY ${words[*]}: the build stage did not make it"
    return
  fi
  target="$workdir/${words[-1]}"
  local source
  for source in "${words[@]:0:${#words[@]}-1}"; do
    [[ -e $root/context/$source ]] || fail "COPY $source: it is not in the repository"
    grep -qxF "!$source" "$repository/.dockerignore" || fail "COPY $source: .dockerignore keeps it from the builder"
    if [[ -d $root/context/$source ]]; then mkdir -p "$target" && cp -a "$root/context/$source/." "$target/"; else cp -a "$root/context/$source" "$target"; fi
  done
}

workdir=$root
environment=(PATH="$root/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
image_uid="" entrypoint="" command="" health=""
while IFS= read -r line; do
  word=${line%% *}
  rest=${line#* }
  echo "== $line"
  case $word in
    FROM | EXPOSE | VOLUME) ;;
    WORKDIR) workdir=$(here "$rest") && mkdir -p "$workdir" ;;
    COPY) read -ra words <<<"$rest" && copy "${words[@]}" ;;
    RUN) (cd "$workdir" && env -i "${environment[@]}" sh -ec "$(here "$rest")") ;;
    ENV) environment+=("$(here "$rest")") ;;
    USER) image_uid=${rest%%:*} ;;
    HEALTHCHECK) health=${rest##*CMD } ;;
    ENTRYPOINT) entrypoint=$rest ;;
    CMD) command=$rest ;;
    *) fail "this script does not know the instruction $word" ;;
  esac
done < <(instructions)
[[ $image_uid == "$(id -u "$image_user")" ]] || fail "USER $image_uid is not the user that the steps made"
[[ $entrypoint == '["escher"]' && $command == '["run"]' ]] || fail "ENTRYPOINT and CMD are not what this script starts"
[[ $health == '["python", "-m", "bot.health"]' ]] || fail "HEALTHCHECK is not what this script asks"

# Becomes a process of the image: to be called in a subshell or in the background.
become() {
  cd "$root/etc/escher"
  exec setpriv --reuid=10001 --regid=10001 --clear-groups \
    env -i "${environment[@]}" HOME="$root/home/escher" "${extra[@]}" "$@"
}

as_image() {
  (become "$@")
}

# Starts a process of the image, waits for its health check, ends it.
lives() {
  local name=$1 && shift
  become "$@" >"$root/$name.out" 2>"$root/$name.err" &
  local pid=$! tries=0 code=0
  pids+=("$pid")
  until as_image python -m bot.health; do
    kill -0 "$pid" 2>/dev/null || fail "$name ended: $(cat "$root/$name.out" "$root/$name.err")"
    ((++tries < 30)) || fail "$name is not healthy: $(cat "$root/$name.err")"
    sleep 1
  done
  echo "$name: healthy, says: $(head -1 "$root/$name.out")"
  kill -TERM "$pid"
  wait "$pid" || code=$?
  [[ $code -eq 0 ]] || fail "$name ended with exit code $code at SIGTERM: $(tail -5 "$root/$name.err")"
  ! as_image python -m bot.health || fail "the health check calls $name healthy after its end"
  echo "$name: ended at SIGTERM with exit code 0"
}

extra=()
as_image escher --help >/dev/null
[[ -z $(find "$root/opt/escher" -user 10001 -print -quit) ]] || fail "the image's user owns files of the installation"
! as_image python -c 'import pytest' 2>/dev/null || fail "the image holds development packages"

lives agent-server escher agent-server

cat >"$root/etc/escher/escher.toml" <<'TOML'
[keys]
master = "env:MASTER_KEY"

[web]
enabled = true
port = 0
TOML
cp "$root/context/bot/default_policy.toml" "$root/etc/escher/policy.toml"
chown -R 10001:10001 "$root/etc/escher"
extra=(MASTER_KEY="$(head -c 32 /dev/urandom | base64)")
lives runner escher run
[[ $(stat -c %a "$root/var/lib/escher") == 700 ]] || fail "others may look into the data directory"

echo "installed: $(du -sh "$root/opt/escher" | cut -f1), without development packages, as user $image_uid"
echo "all steps work; not built: no image was made"
