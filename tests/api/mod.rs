//! Operations, as clients see them.

mod account;
mod codes;
mod registration;
mod sessions;
mod users;
