# What the backend of docker-compose.yml runs in: Node, and what builds flakes and reaches hosts.
FROM node:24-bookworm-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates git nix-bin openssh-client \
  && rm -rf /var/lib/apt/lists/*
