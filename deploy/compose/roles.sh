#!/bin/bash
# Runs once, when PostgreSQL makes its files: the roles of the database, one that owns the tables and one that
# serves.
set -euo pipefail
psql --set ON_ERROR_STOP=1 --set owner="$OWNER_PASSWORD" --set server="$SERVER_PASSWORD" --username "$POSTGRES_USER" <<'SQL'
CREATE ROLE qm_owner LOGIN PASSWORD :'owner';
CREATE ROLE qm_server LOGIN PASSWORD :'server';
CREATE DATABASE qm OWNER qm_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE qm FROM PUBLIC;
GRANT CONNECT ON DATABASE qm TO qm_server;
SQL
