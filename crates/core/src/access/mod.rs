//! Who may do what: the callers, the permissions, and Casbin between them.

mod authority;
pub mod blocking;
pub mod bounds;
mod enforcer;
pub mod explain;
pub mod live;
pub mod permission;
mod policies;
pub mod policy;
pub mod principal;
pub mod role;
#[cfg(test)]
mod tests;

pub use authority::{Authority, Managed, Subject};
pub use policies::Policies;
pub use policy::Policy;
pub use principal::{Principal, Who};
