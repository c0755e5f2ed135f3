#!/bin/sh
# Run once by the PostgreSQL image, when its volume is new: a user and database for the catalogue,
# which cannot read the runs of the Prefect server.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --set password="$CATALOGUE_PASSWORD" <<'SQL'
CREATE ROLE catalogue LOGIN PASSWORD :'password';
CREATE DATABASE catalogue OWNER catalogue;
REVOKE CONNECT ON DATABASE catalogue FROM PUBLIC;
REVOKE CONNECT ON DATABASE prefect FROM PUBLIC;
SQL
