//! Codes and links that are mailed.

mod codes;
mod refused;
