//! The tenants of the instance and the settings that they inherit, for its operators: they see nothing of what is in
//! tenants.

pub mod api;
pub mod wire;
