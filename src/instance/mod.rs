//! The tenants of the instance, for its operators: they see nothing of what is in them.

pub mod api;
pub mod wire;
