//! Whom a provider of sign-in means.

use super::wire_string;
use std::fmt;

/// What a provider of sign-in calls somebody: 1 to 255 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IdentitySubject(String);

impl std::str::FromStr for IdentitySubject {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let length = text.chars().count();
        match (1..=255).contains(&length) && !text.chars().any(char::is_control) {
            true => Ok(Self(text.to_owned())),
            false => Err("must have 1 to 255 characters"),
        }
    }
}

impl IdentitySubject {
    /// The subject as it is.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdentitySubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

wire_string!(IdentitySubject, {
    format: Some("identity-subject"),
    max_length: Some(255),
    min_length: Some(1),
    example: Some("110169484474386276334"),
    ..
});
