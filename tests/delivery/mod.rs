//! Mail on its way: over a real SMTP server, and past every death of our own.

mod death;
mod smtp;
