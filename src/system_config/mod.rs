//! Settings of the tenant in groups, as Halo has them: each group shows members of one setting, flat. What is decided
//! is kept by the setting alone.

pub mod api;
mod wire;
