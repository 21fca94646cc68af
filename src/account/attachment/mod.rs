//! Files on their way in and out: between a request or another server, and the store.

mod content;
mod source;
mod upload;

pub use content::{Size, serve};
pub use upload::{Fetch, check_policy, fetch, upload};
