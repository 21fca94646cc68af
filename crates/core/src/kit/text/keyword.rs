//! The text that a list is searched for.

use super::{NO_NUL, wire_string};
use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// The text that a list is searched for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keyword(String);

impl std::str::FromStr for Keyword {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.chars().count() > 200 {
            return Err("must have at most 200 characters");
        }
        if text.contains('\0') {
            return Err(NO_NUL);
        }
        Ok(Self(text.trim().nfc().collect()))
    }
}

impl fmt::Display for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

wire_string!(Keyword, {
    format: Some("keyword"),
    max_length: Some(200),
    example: Some("ada"),
    ..
});
