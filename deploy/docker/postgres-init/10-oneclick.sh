#!/usr/bin/env bash
# Run by the PostgreSQL image when its data folder is empty: the roles and the database of OneClick.
# Later, after a change of passwords, by hand: docker compose exec postgres bash /docker-entrypoint-initdb.d/10-oneclick.sh
set -euo pipefail
run() { psql --no-psqlrc --username "${POSTGRES_USER:-postgres}" --dbname postgres "$@"; }
run -f /opt/oneclick/roles.sql
run -v database=oneclick -f /opt/oneclick/database.sql
