//! The floor that the server stands on: machinery, access, and the context of a request.
//!
//! This is the only crate that can begin a transaction of a tenant, and it knows no noun of the
//! product. What stands above gets a [`kit::db::Tx`] from a [`context::RequestContext`], which exists only
//! for a caller whose permission was checked, from an [`context::Operator`], or as a [`job`]. What was
//! answered to requests that may come again is kept by [`idempotency`] itself.

pub mod access;
pub mod audit;
pub mod context;
pub mod idempotency;
pub mod job;
pub mod kit;
pub mod tenant;
