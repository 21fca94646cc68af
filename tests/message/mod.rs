//! Mail: in whose name, over a real SMTP server, and past every death of our own.

mod bounce;
mod death;
mod explain;
mod log;
mod pages;
mod receiver;
mod relay;
mod resend;
mod sender;
mod smtp;
mod templates;
