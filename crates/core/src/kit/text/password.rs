//! Passwords on the wire: read, and never written.

use super::{NO_NUL, NO_SCHEMA, Schema, wire_read};
use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// A password that somebody wants to have from now on: 1 to 256 code points, in NFC.
///
/// Whether it is good enough is for the tenant's policy to say. It has no `Display` and does not
/// serialise.
#[derive(Clone, zeroize::ZeroizeOnDrop)]
pub struct NewPassword(String);

impl std::str::FromStr for NewPassword {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let password: String = text.nfc().collect();
        if password.is_empty() {
            return Err("must have at least 1 character");
        }
        if password.chars().count() > 256 {
            return Err("must have at most 256 characters");
        }
        if password.contains('\0') {
            return Err(NO_NUL);
        }
        Ok(Self(password))
    }
}

/// The hash of a password, as another system kept it: 1 to 512 printing ASCII characters.
#[derive(Clone, zeroize::ZeroizeOnDrop)]
pub struct GivenHash(String);

impl std::str::FromStr for GivenHash {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() || text.len() > 512 || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err("must have 1 to 512 printing ASCII characters without spaces");
        }
        Ok(Self(text.to_owned()))
    }
}

/// A password somebody claims is theirs: any text up to the length that is ever hashed.
#[derive(Clone, zeroize::ZeroizeOnDrop)]
pub struct GivenPassword(String);

impl std::str::FromStr for GivenPassword {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Longer than any password that could have been set; refused before it costs a hash.
        if text.chars().count() > 256 {
            return Err("must have at most 256 characters");
        }
        Ok(Self(text.nfc().collect()))
    }
}

/// A secret that somebody else gave the tenant, to prove to them who it is.
#[derive(Clone, zeroize::ZeroizeOnDrop)]
pub struct GivenSecret(String);

impl std::str::FromStr for GivenSecret {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_printable = text.bytes().all(|b| (0x20..=0x7e).contains(&b));
        match (1..=1000).contains(&text.len()) && is_printable {
            true => Ok(Self(text.to_owned())),
            false => Err("must have 1 to 1000 printable ASCII letters"),
        }
    }
}

/// Secrets are read from the wire and never written to it, nor to a log.
macro_rules! wire_secret {
    ($name:ident, $format:literal, $max:literal, $example:literal) => {
        impl $name {
            const SCHEMA: Schema = Schema {
                format: Some($format),
                min_length: Some(1),
                max_length: Some($max),
                example: Some($example),
                secret: true,
                ..NO_SCHEMA
            };

            /// The text itself, for hashing.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }

        wire_read!($name);

        // poem-openapi asks every member of a request object for this; a secret writes nothing.
        impl poem_openapi::types::ToJSON for $name {
            fn to_json(&self) -> Option<serde_json::Value> {
                None
            }
        }
    };
}
wire_secret!(NewPassword, "password", 256, "correct horse battery staple");
wire_secret!(GivenPassword, "current-password", 256, "correct horse battery staple");
wire_secret!(
    GivenHash,
    "password-hash",
    512,
    "$2b$12$9Hk77z5DXRzDKWJdmoVZQujr5mv8v3d.c.646ZEJeB86atKIgxHU."
);
wire_secret!(GivenSecret, "client-secret", 1000, "b2RlIHRvIGEgbmlnaHRpbmdhbGU");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_counted_in_code_points_and_never_cut() {
        assert!("".parse::<NewPassword>().is_err());
        assert!("1".parse::<NewPassword>().is_ok());
        assert!("密码密码密码密码".parse::<NewPassword>().is_ok());
        assert!("🦀".repeat(256).parse::<NewPassword>().is_ok());
        assert!("🦀".repeat(257).parse::<NewPassword>().is_err());
        assert!("correct horse battery staple".parse::<NewPassword>().is_ok());
        assert!("abc\0defgh".parse::<NewPassword>().is_err());
    }
}
