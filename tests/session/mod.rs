//! Sessions: begun, seen, ended, and misused.

mod cross_site;
mod other_origins;
pub(crate) mod refused;
mod seen;
mod tokens;
