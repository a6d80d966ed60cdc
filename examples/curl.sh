#!/bin/sh
# OpenEnv over HTTP: sh curl.sh [URL]
set -eu
url=${1:-http://127.0.0.1:8000}

curl -fsS "$url/health"
echo
curl -fsS -X POST "$url/reset" | cut -c 1-80
curl -fsS -X POST "$url/step" -H 'Content-Type: application/json' \
  -d '{"action": {"action_id": 2, "game_name": "pong"}}' | cut -c 1-80
curl -fsS "$url/state"
echo
