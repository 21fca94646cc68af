//! Operations, as clients see them.

mod account;
mod bad_input;
mod codes;
mod registration;
mod sessions;
mod users;
