//! What Halo's clients name settings by.

use super::wire_string;
use std::fmt;

/// The name of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyName(String);

/// The name of a group of settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigGroup(String);

/// The name of a group of the members of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyGroup(String);

macro_rules! config_name {
    ($name:ident, $format:literal, $example:literal) => {
        impl std::str::FromStr for $name {
            type Err = &'static str;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text.is_empty() || text.len() > 100 || text.contains('\0') {
                    true => Err("must have 1 to 100 characters"),
                    false => Ok(Self(text.to_owned())),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl $name {
            /// The name.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        wire_string!($name, {
            format: Some($format),
            max_length: Some(100),
            min_length: Some(1),
            example: Some($example),
            ..
        });
    };
}

config_name!(PolicyName, "policy-name", "cross-origin");
config_name!(ConfigGroup, "config-group", "mail");
config_name!(PolicyGroup, "policy-group", "default");

/// Which of the writes to an object a version of it is, in a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionNumber(pub i64);

impl std::str::FromStr for VersionNumber {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text
            .parse()
            .ok()
            .filter(|_| text.len() <= 18 && text.bytes().all(|b| b.is_ascii_digit()));
        number.map(Self).ok_or("must be a number of up to 18 digits")
    }
}

impl fmt::Display for VersionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

wire_string!(VersionNumber, { pattern: Some("^[0-9]{1,18}$"), max_length: Some(18), example: Some("1"), .. });
