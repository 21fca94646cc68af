//! The keys of a tenant, and what they sign.

mod forgeries;
mod rotation;
mod under_load;
