//! Acts over several nouns: signing up, recovery, another address; and what keeps accounts from others.
//!
//! Signing in is in `session/tokens.rs` and `login/sign_in.rs`, how often it may fail in `limit`.

pub(crate) mod address;
mod enumeration;
mod recovery;
mod sign_up;
mod statistics;
mod takeover;
mod timing;
mod undo;
