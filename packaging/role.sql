-- Run once by the image of PostgreSQL, as a superuser: the role of the server, which must not be one, and its database.
-- The password is that of the server's URL.
\set password `sed 's|^postgres://tenantry:\([^@]*\)@.*|\1|' "$TENANTRY_DATABASE_URL_FILE"`
create role tenantry login password :'password';
create database tenantry owner tenantry;
