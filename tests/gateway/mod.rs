//! API gateways that ask who sends a request before they let it through.

mod forms;
mod nginx;
