#!/bin/sh
# Creates the two roles when the database is initialized. docs/database.md shows the same steps by hand.
set -eu
password_of() { sed -n 's|^postgresql://[^:]*:\([0-9a-f]*\)@.*|\1|p' "/run/database/$1/url"; }
psql --set ON_ERROR_STOP=1 --no-psqlrc --quiet --username "${POSTGRES_USER:-postgres}" --dbname postgres <<SQL
create role aerie_owner login password '$(password_of owner)';
create role aerie_application login password '$(password_of application)';
create database aerie owner aerie_owner;
revoke all on database aerie from public;
grant connect on database aerie to aerie_application;
SQL
