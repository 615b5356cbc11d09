#!/bin/sh
# Before the services of docker-compose.yml: the dependencies, and, the first time, the keys.
set -eu
npm ci --omit=dev
# `nats` is how the backend calls the server, localhost how this machine does.
[ -e /keys/cim ] || ./bin/cim security init /keys/cim --as operator --host nats
if [ ! -e /keys/ssh/id_ed25519 ]; then
  mkdir -p -m 700 /keys/ssh
  ssh-keygen -q -t ed25519 -N "" -C cim-leaf -f /keys/ssh/id_ed25519
  touch /keys/ssh/known_hosts
fi
echo "hosts have to let this key in: $(cat /keys/ssh/id_ed25519.pub)"
