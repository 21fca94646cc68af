//! The whole suite in one binary: black-box over HTTP, on SQLite, and on PostgreSQL if
//! `TEST_DATABASE_URL` is set.
//!
//! A noun, an act of `account`, a group and the pages have their tests under their own name. `contract` holds for
//! all of them, so that of tenants: nobody reaches what is another's. `operation` runs the program and its
//! commands. A policy of a tenant is tested with what it is about.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "in a test, what cannot happen should stop it; and tests read their own environment"
)]

mod support;

mod account;
mod application;
mod attachment;
mod audit;
mod backup;
mod captcha;
mod contract;
mod domain;
mod email;
mod groups;
mod instance;
mod invitation;
mod key;
mod limit;
mod login;
mod message;
mod notification;
mod oidc;
mod operation;
mod password;
mod permission;
mod provider;
mod role;
mod sender;
mod session;
mod stats;
mod system_config;
mod user;
mod user_batch;
mod user_import;
mod verification;
