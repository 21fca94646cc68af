//! What a tenant calls one of its relays, and what Halo calls all of them.

use super::wire_string;
use std::fmt;

/// The stable handle of a sender within a tenant: 1 to 63 of `a-z`, digits and `-`, none of which is the first or the
/// last.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, sea_orm::DeriveValueType)]
pub struct SenderName(String);

impl std::str::FromStr for SenderName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if text.is_empty() || text.len() > 63 || !text.bytes().all(known) {
            return Err("must have 1 to 63 of the letters a-z, digits and -");
        }
        match text.starts_with('-') || text.ends_with('-') {
            true => Err("must begin and end with a letter or a digit"),
            false => Ok(Self(text.to_owned())),
        }
    }
}

impl fmt::Display for SenderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

wire_string!(SenderName, {
    format: Some("sender-name"),
    max_length: Some(63),
    min_length: Some(1),
    pattern: Some("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"),
    example: Some("main"),
    ..
});

/// What the record of a key is found by in a domain (RFC 6376 §3.1): one label of the names that are made here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector(String);

impl std::str::FromStr for Selector {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        match text.is_empty() || text.len() > 63 || !text.bytes().all(known) {
            true => Err("must have 1 to 63 of the letters a-z and digits"),
            false => Ok(Self(text.to_owned())),
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

wire_string!(Selector, {
    format: Some("dkim-selector"),
    max_length: Some(63),
    min_length: Some(1),
    pattern: Some("^[a-z0-9]+$"),
    example: Some("tn202611a"),
    ..
});

/// What Halo calls what it notifies people by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotifierName(String);

impl std::str::FromStr for NotifierName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.is_empty() || text.len() > 100 || text.contains('\0') {
            true => Err("must have 1 to 100 characters"),
            false => Ok(Self(text.to_owned())),
        }
    }
}

impl fmt::Display for NotifierName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

wire_string!(NotifierName, {
    format: Some("notifier-name"),
    max_length: Some(100),
    min_length: Some(1),
    example: Some("default-email-notifier"),
    ..
});
