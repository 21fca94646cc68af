//! The whole suite in one binary: black-box over HTTP, on SQLite, and on PostgreSQL if
//! `TEST_DATABASE_URL` is set.

mod support;

mod api;
mod contract;
mod delivery;
mod operation;
