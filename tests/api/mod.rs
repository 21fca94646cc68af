//! Operations, as clients see them.

mod account;
mod avatars;
mod bad_input;
mod codes;
mod examples;
mod halo;
mod listing;
mod manage;
mod passwords;
mod registration;
mod sessions;
mod users;
