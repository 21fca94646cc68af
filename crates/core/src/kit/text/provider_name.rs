//! What a provider of sign-in is called in addresses.

use super::wire_string;
use std::fmt;

/// The name of a provider of sign-in: 1 to 63 of the letters a-z, digits and hyphens. It is a part of the redirect
/// URI that is registered with the provider, so it never changes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProviderName(String);

impl std::str::FromStr for ProviderName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if text.is_empty() || text.len() > 63 || !text.bytes().all(known) {
            return Err("must have 1 to 63 of the letters a-z, digits and hyphens");
        }
        match text.bytes().all(|b| b == b'-') {
            true => Err("is a reserved name"),
            false => Ok(Self(text.to_owned())),
        }
    }
}

impl ProviderName {
    /// The name as it is.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProviderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

wire_string!(ProviderName, {
    format: Some("provider-name"),
    max_length: Some(63),
    min_length: Some(1),
    pattern: Some("^[a-z0-9-]+$"),
    example: Some("corp"),
    ..
});
