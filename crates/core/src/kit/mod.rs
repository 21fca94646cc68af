//! Machinery that knows no domain.

pub mod body;
pub mod clock;
pub mod db;
pub mod error;
pub mod failure;
pub mod headers;
pub mod http;
pub mod id;
pub mod json;
pub mod limiter;
pub mod mail;
mod nearest;
pub mod object;
pub mod openapi;
pub mod page;
pub mod picture;
pub mod precondition;
pub mod request;
pub mod schema;
pub mod secret;
pub mod selector;
pub mod sweep;
pub mod text;
pub mod time;
pub mod total;
pub mod upload;
