//! Roles: made, changed, bounded, tried out.

mod api;
mod bounds;
mod simulate;
mod versions;
