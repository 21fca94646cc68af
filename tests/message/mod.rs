//! Mail: in whose name, over a real SMTP server, and past every death of our own.

mod death;
mod log;
mod pages;
mod receiver;
mod relay;
mod resend;
mod sender;
mod smtp;
mod templates;
