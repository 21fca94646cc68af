//! Who may do what: the callers, the permissions, and Casbin between them.

pub mod caller;
pub mod enforcer;
pub mod permission;

pub use crate::kit::http::Client;
pub use caller::{Caller, Door, Guest, Own};
