//! Numbers that JSON of protocol buffers writes as strings.

use super::wire_string;
use std::fmt;

/// A 64-bit integer, as a string: not every reader of JSON has so large numbers (the JSON mapping of proto3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Uint64(pub u64);

impl std::str::FromStr for Uint64 {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self).map_err(|_| "must be a number")
    }
}

impl fmt::Display for Uint64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

wire_string!(Uint64, { .. });
