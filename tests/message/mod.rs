//! Mail: in whose name, over a real SMTP server, and past every death of our own.

mod death;
mod pages;
mod relay;
mod sender;
mod smtp;
mod templates;
