#!/bin/sh
# What a container does: `server`, `services`, `migrate`, `worker`, `deploy`, or any command.
# NAME_FILE gives the value of NAME: secrets are files, and stand in no `docker inspect`.
set -eu

for name in PREFECT_SERVER_DATABASE_CONNECTION_URL PREFECT_SERVER_DOCKET_URL \
  PREFECT_REDIS_MESSAGING_URL PREFECT_REDIS_WORKER_CLEANUP_QUEUE_URL PREFECT_REDIS_LEASE_STORAGE_URL \
  PREFECT_SERVER_API_AUTH_STRING PREFECT_API_AUTH_STRING MERGEWRIGHT_EVENT_STORE ANTHROPIC_API_KEY; do
  eval "file=\${${name}_FILE:-}"
  if [ -n "$file" ]; then
    if [ ! -r "$file" ]; then
      echo "The file $file, which ${name}_FILE names, cannot be read." >&2
      exit 2
    fi
    # exported as it is, but for the newline at its end
    value=$(cat "$file")
    export "$name=$value"
    unset "${name}_FILE"
  fi
done

what=${1:-worker}
[ $# -eq 0 ] || shift
case "$what" in
  server) exec python -m prefect server start --host 0.0.0.0 --port "${PORT:-4200}" --no-services "$@" ;;
  services) exec python -m prefect server services start "$@" ;;
  migrate) exec python -m prefect server database upgrade --yes "$@" ;;
  deploy) exec python -m mergewright.cli.main deploy "$@" ;;
  worker) exec python -m prefect worker start --pool "${POOL:-mergewright}" --with-healthcheck "$@" ;;
  *) exec "$what" "$@" ;;
esac
