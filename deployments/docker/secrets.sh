#!/bin/sh
# Makes the files of secrets that are not there yet; what is there stays.
# The folder: that of this script, or the first word.
set -eu
umask 077
folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"

random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

keep() { # name, value
  [ -e "$folder/$1" ] || printf '%s' "$2" >"$folder/$1"
  # a container's user reads it: compose mounts it with the rights that it has here
  chmod 0444 "$folder/$1"
}

keep database-password "$(random)"
keep database-url "postgresql+asyncpg://prefect:$(cat "$folder/database-password")@database:5432/prefect"
keep api-auth "mergewright:$(random)"
keep anthropic-key ""
printf 'The secrets are in %s. Put the Anthropic key into %s/anthropic-key.\n' "$folder" "$folder"
