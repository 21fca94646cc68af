//! Numbers that JSON of protocol buffers writes as strings, and lengths of time.

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

/// A length of time, as a string of its seconds with an `s` behind them (the JSON mapping of proto3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seconds(pub u32);

impl std::str::FromStr for Seconds {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let seconds = text.strip_suffix('s').and_then(|seconds| seconds.parse().ok());
        seconds.map(Self).ok_or("must be a number of seconds such as 3600s")
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}s", self.0)
    }
}

wire_string!(Seconds, { pattern: Some("^[0-9]+s$"), example: Some("3600s"), .. });
