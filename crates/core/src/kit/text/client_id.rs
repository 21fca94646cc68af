//! What an application calls itself.

use super::wire_string;
use std::fmt;

/// The `client_id` of an application (RFC 6749 §2.2): 1 to 128 of the letters that need no escaping in an
/// address, so that HTTP Basic has one form of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientId(String);

impl std::str::FromStr for ClientId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = |b: u8| b.is_ascii_alphanumeric() || b"._~-".contains(&b);
        if text.is_empty() || text.len() > 128 || !text.bytes().all(known) {
            return Err("must have 1 to 128 of the letters a-z and A-Z, digits and . _ ~ -");
        }
        // Paths read them otherwise, and a token says of users and of applications alike whose it is: an
        // application that is called as a user would pass for them (RFC 9068 §5).
        let is_id = text.starts_with("usr_") || text.starts_with("rsv_");
        match text {
            "-" | "." | ".." => Err("is a reserved name"),
            _ if is_id => Err("is a reserved name: it begins as ids of users and of APIs do"),
            _ => Ok(Self(text.to_owned())),
        }
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

wire_string!(ClientId, {
    format: Some("client-id"),
    max_length: Some(128),
    min_length: Some(1),
    pattern: Some("^[A-Za-z0-9._~-]+$"),
    example: Some("shop"),
    ..
});
