-- One database of OneClick, named by the variable `database`. Run by a superuser after roles.sql.
\set ON_ERROR_STOP on
SELECT format('CREATE DATABASE %I OWNER oneclick_migrate', :'database')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database')
\gexec
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO oneclick_auth, oneclick_api, oneclick_worker;
