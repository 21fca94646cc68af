//! What free data of an account is called.

use super::wire_string;
use std::fmt;

/// The key of an annotation: 1 to 253 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataKey(String);

impl std::str::FromStr for MetadataKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match (1..=253).contains(&text.len()) {
            true => Ok(Self(text.to_owned())),
            false => Err("must have 1 to 253 bytes"),
        }
    }
}

impl MetadataKey {
    /// The key as it is.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MetadataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

wire_string!(MetadataKey, {
    format: Some("metadata-key"),
    max_length: Some(253),
    min_length: Some(1),
    example: Some("team"),
    ..
});
