#!/bin/sh
# Makes the files that compose.yaml reads its secrets from, where they are missing: random ones, and empty ones for keys of
# providers. What is there stays as it is. A folder may be named: deploy/secrets.sh [FOLDER]
set -eu
folder=${1:-$(dirname "$0")/../secrets}
# The folder is closed to others; the files are not, since the containers' accounts read them, each its own.
mkdir -p "$folder"
chmod 700 "$folder"
cd "$folder"

random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
keep() { [ -e "$1" ] || printf '%s' "$2" >"$1"; }

keep postgres_password "$(random)"
keep database_url "postgresql://totalview:$(cat postgres_password)@postgres/totalview"
keep redis_url "redis://redis:6379/0"
keep metrics_token "$(random)"
for provider in assemblyai deepgram anthropic; do keep "${provider}_api_key" ""; done
chmod 444 ./*
echo "The secrets are in $(pwd). Put the providers' keys into the files that end in _api_key."
