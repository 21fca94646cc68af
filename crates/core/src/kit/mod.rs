//! Machinery that knows no domain.

pub mod clock;
pub mod db;
pub mod error;
pub mod failure;
pub mod forwarded;
pub mod headers;
pub mod http;
pub mod id;
pub mod json;
pub mod limiter;
pub mod mail;
pub mod object;
pub mod openapi;
pub mod outside;
pub mod page;
pub mod picture;
pub mod request;
pub mod schema;
pub mod secret;
pub mod selector;
pub mod serve;
pub mod sweep;
pub mod text;
pub mod total;
pub mod upload;
