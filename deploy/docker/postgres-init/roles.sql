-- The roles of the database, made once by a superuser, and safe to repeat. The embedded stack and the
-- container run this same file; passwords come from the environment, never from the file.
--
--   oneclick_migrate   owns the database and everything in it; runs the migrations and nothing else
--   oneclick_auth      the auth service        oneclick_api     the api service
--   oneclick_worker    the worker              oneclick_ledger  owns functions that reach across tenants
--
-- No service role may bypass row-level security, so forced policies hold for each of them.
\set ON_ERROR_STOP on
\getenv migrate_password ONECLICK_MIGRATE_PASSWORD
\getenv auth_password ONECLICK_AUTH_PASSWORD
\getenv api_password ONECLICK_API_PASSWORD
\getenv worker_password ONECLICK_WORKER_PASSWORD

SELECT format('CREATE ROLE %I NOLOGIN', name)
  FROM unnest(ARRAY['oneclick_migrate', 'oneclick_auth', 'oneclick_api', 'oneclick_worker', 'oneclick_ledger']) AS name
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

ALTER ROLE oneclick_migrate LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD :'migrate_password';
ALTER ROLE oneclick_auth LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD :'auth_password';
ALTER ROLE oneclick_api LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD :'api_password';
ALTER ROLE oneclick_worker LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD :'worker_password';
ALTER ROLE oneclick_ledger NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;

-- The owner of the schema must be able to hand a function over to the ledger's role.
GRANT oneclick_ledger TO oneclick_migrate WITH INHERIT FALSE, SET TRUE;
