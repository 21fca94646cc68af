//! What API gateways and their applications ask.

mod forms;
mod mail;
mod nginx;
