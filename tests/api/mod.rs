//! Operations, as clients see them.

mod account;
mod address_change;
mod avatars;
mod bad_input;
mod codes;
mod dump;
mod examples;
mod halo;
mod invitations;
mod listing;
mod mails;
mod manage;
mod passwords;
mod recovery;
mod registration;
mod sessions;
mod undo;
mod users;
