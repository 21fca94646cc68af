//! The audit trail on the wire; its rules are in [`tenantry_core::audit`].

pub mod api;

pub use tenantry_core::audit::*;
