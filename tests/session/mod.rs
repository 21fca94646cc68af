//! Sessions: begun, seen, ended, and misused.

mod cross_site;
pub(crate) mod refused;
mod seen;
mod tokens;
