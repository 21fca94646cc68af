//! What the load bench shares with the benches that run the server in their own process.

pub mod filling;
