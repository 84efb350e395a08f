#!/bin/sh
# Runs inside the database's container at its first start: the role that owns the tables and the one the control plane works as.
set -eu
psql --set ON_ERROR_STOP=1 --username postgres --set owner="$OWNER_PASSWORD" --set app="$APP_PASSWORD" <<'SQL'
CREATE ROLE slipway_owner LOGIN PASSWORD :'owner';
CREATE ROLE slipway_app LOGIN PASSWORD :'app';
CREATE DATABASE slipway OWNER slipway_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE slipway FROM PUBLIC;
GRANT CONNECT ON DATABASE slipway TO slipway_app;
SQL
