#!/usr/bin/env bash
# Ends with 0 if one container reaches another on a network of theirs, otherwise it says why not. A firewall may be between
# them where two kinds of iptables have been used on a machine.
set -u
name=cim-can-talk-$$
folder=$(mktemp -d)
trap 'docker rm --force "$name" >/dev/null 2>&1; docker network rm "$name" >/dev/null 2>&1; docker rmi "$name" >/dev/null 2>&1; rm -rf "$folder"' EXIT
no() {
  echo "$1" >&2
  exit 1
}

# The programs are the ones of this machine.
for part in bin lib lib64 sbin; do ln -s "usr/$part" "$folder/$part"; done
printf 'FROM scratch\nCOPY . /\n' >"$folder/Dockerfile"
docker build --quiet --tag "$name" "$folder" >/dev/null 2>&1 || no "docker builds no image"
docker network create "$name" >/dev/null 2>&1 || no "docker makes no network"
# shellcheck disable=SC2016 # The variable is of perl.
docker run --detach --name "$name" --network "$name" --volume /usr:/usr:ro "$name" \
  perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Listen => 1, LocalPort => 4222) or die; sleep 120' >/dev/null 2>&1 ||
  no "docker runs no container"
address=$(docker inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$name")
docker run --rm --network "$name" --volume /usr:/usr:ro "$name" \
  timeout 60 bash -c "until timeout 5 bash -c '</dev/tcp/$address/4222'; do sleep 1; done" >/dev/null 2>&1 ||
  no "a firewall of this machine keeps containers from each other"
