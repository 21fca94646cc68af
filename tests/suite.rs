//! The whole suite in one binary: black-box over HTTP, on SQLite, and on PostgreSQL if
//! `TEST_DATABASE_URL` is set.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "in a test, what cannot happen should stop it; and tests read their own environment"
)]

mod support;

mod access;
mod api;
mod captcha;
mod contract;
mod delivery;
mod gateway;
mod login;
mod operation;
mod protection;
