//! What is kept of what people do.

mod api;
mod denials;
mod events;
mod tampering;
