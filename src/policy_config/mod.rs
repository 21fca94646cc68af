//! Policies by their name alone, as Halo has them: the `spec` of each, flat.

pub mod api;
mod wire;
