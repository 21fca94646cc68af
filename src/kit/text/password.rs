//! Passwords on the wire: read, and never written.

use super::{NO_NUL, NO_SCHEMA, Schema, wire_read};
use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// A password that somebody wants to have from now on.
///
/// 8 to 256 code points, compared exactly as typed (NFC): no classes of characters are asked for
/// and nothing is cut (NIST SP 800-63B-4 §3.1.1.2). It has no `Display` and does not serialise.
#[derive(Clone, zeroize::ZeroizeOnDrop)]
pub struct NewPassword(String);

impl std::str::FromStr for NewPassword {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let password: String = text.nfc().collect();
        let length = password.chars().count();
        if length < 8 {
            return Err("must have at least 8 characters");
        }
        if length > 256 {
            return Err("must have at most 256 characters");
        }
        if password.contains('\0') {
            return Err(NO_NUL);
        }
        if [
            "password",
            "12345678",
            "123456789",
            "1234567890",
            "qwertyui",
            "iloveyou",
            "11111111",
        ]
        .contains(&password.to_lowercase().as_str())
        {
            return Err("is one of the first an attacker tries");
        }
        Ok(Self(password))
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

/// Secrets are read from the wire and never written to it, nor to a log.
macro_rules! wire_secret {
    ($name:ident, $format:literal, $min:literal) => {
        impl $name {
            const SCHEMA: Schema = Schema {
                format: Some($format),
                min_length: Some($min),
                max_length: Some(256),
                example: Some("correct horse battery staple"),
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
wire_secret!(NewPassword, "password", 8);
wire_secret!(GivenPassword, "current-password", 1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_counted_in_code_points_and_never_cut() {
        assert!("1234567".parse::<NewPassword>().is_err());
        assert!("密码密码密码密码".parse::<NewPassword>().is_ok());
        assert!("🦀".repeat(256).parse::<NewPassword>().is_ok());
        assert!("🦀".repeat(257).parse::<NewPassword>().is_err());
        assert!("correct horse battery staple".parse::<NewPassword>().is_ok());
        assert!("abc\0defgh".parse::<NewPassword>().is_err());
    }
}
