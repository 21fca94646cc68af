//! Strings that mean something: parsed at the edge, valid ever after.

use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// How a string type describes itself in an `OpenAPI` schema.
#[derive(Clone, Copy, Debug, Default)]
pub struct Schema {
    /// The `format` keyword.
    pub format: Option<&'static str>,
    /// Longest value, in code points.
    pub max_length: Option<usize>,
    /// Shortest value, in code points.
    pub min_length: Option<usize>,
    /// ECMA-262 pattern.
    pub pattern: Option<&'static str>,
    /// An example that works.
    pub example: Option<&'static str>,
    /// Whether the value is a secret (`writeOnly`).
    pub secret: bool,
}

/// Puts a type with `FromStr<Err = &'static str>` and `Display` on the wire as a JSON string.
macro_rules! wire_string {
    ($name:ident, { $($field:ident : $value:expr,)* .. }) => {
        impl $name {
            /// How this type describes itself in an `OpenAPI` schema.
            pub const SCHEMA: $crate::kit::text::Schema = $crate::kit::text::Schema {
                $($field: $value,)*
                ..$crate::kit::text::NO_SCHEMA
            };
        }

        impl poem_openapi::types::Type for $name {
            const IS_REQUIRED: bool = true;
            type RawValueType = Self;
            type RawElementValueType = Self;

            fn name() -> std::borrow::Cow<'static, str> {
                concat!("string_", stringify!($name)).into()
            }

            fn schema_ref() -> poem_openapi::registry::MetaSchemaRef {
                $crate::kit::text::schema_ref(&Self::SCHEMA)
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }

            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
                Box::new(std::iter::once(self))
            }
        }

        impl poem_openapi::types::ParseFromParameter for $name {
            fn parse_from_parameter(text: &str) -> poem_openapi::types::ParseResult<Self> {
                text.parse().map_err(|why: &'static str| poem_openapi::types::ParseError::custom(why))
            }
        }

        impl poem_openapi::types::ParseFromJSON for $name {
            fn parse_from_json(value: Option<serde_json::Value>) -> poem_openapi::types::ParseResult<Self> {
                let value = value.unwrap_or_default();
                let text = value.as_str().ok_or_else(|| poem_openapi::types::ParseError::custom("must be a string"))?;
                text.parse().map_err(|why: &'static str| poem_openapi::types::ParseError::custom(why))
            }
        }

        impl poem_openapi::types::ToJSON for $name {
            fn to_json(&self) -> Option<serde_json::Value> {
                Some(self.to_string().into())
            }
        }
    };
}
pub(crate) use wire_string;

#[doc(hidden)]
pub const NO_SCHEMA: Schema = Schema {
    format: None,
    max_length: None,
    min_length: None,
    pattern: None,
    example: None,
    secret: false,
};

pub(crate) fn schema_ref(from: &Schema) -> poem_openapi::registry::MetaSchemaRef {
    let mut schema = poem_openapi::registry::MetaSchema::new("string");
    schema.format = from.format;
    schema.max_length = from.max_length;
    schema.min_length = from.min_length;
    schema.pattern = from.pattern.map(Into::into);
    schema.example = from.example.map(Into::into);
    schema.write_only = from.secret;
    poem_openapi::registry::MetaSchemaRef::Inline(Box::new(schema))
}

/// What is wrong with `text` for a string of this `format`, if anything.
///
/// The formats are those of this module; others are not checked here.
pub(crate) fn why_not(format: &str, text: &str) -> Option<&'static str> {
    match format {
        "email" => text.parse::<Email>().err(),
        "user-name" => text.parse::<UserName>().err(),
        "password" => text.parse::<NewPassword>().err(),
        "display-name" => text.parse::<DisplayName>().err(),
        "language" => text.parse::<Language>().err(),
        _ => None,
    }
}

/// The stable handle of a user within a tenant: what they sign in with.
///
/// 1 to 63 of ASCII letters, digits, `.`, `_`, `-`, beginning and ending with a letter or digit;
/// kept in lower case, so that a name in another case is the same name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, sea_orm::DeriveValueType)]
pub struct UserName(String);

/// Names that paths or people would take for something else.
const RESERVED: &[&str] = &["-", "me", "anonymous", "system"];

impl std::str::FromStr for UserName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() || text.len() > 63 {
            return Err("must have 1 to 63 characters");
        }
        if !text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)) {
            return Err("may only have the letters a-z, digits and . _ -");
        }
        let name = text.to_ascii_lowercase();
        if RESERVED.contains(&name.as_str()) {
            return Err("is a reserved name");
        }
        let edge = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
        if !edge(name.as_bytes().first()) || !edge(name.as_bytes().last()) {
            return Err("must begin and end with a letter or a digit");
        }
        Ok(Self(name))
    }
}

wire_string!(UserName, {
    format: Some("user-name"),
    max_length: Some(63),
    min_length: Some(1),
    pattern: Some("^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$"),
    example: Some("ada"),
    ..
});

/// An e-mail address a message can be sent to.
///
/// RFC 5321 dot-atom local part of up to 64 octets and a domain of up to 253 in A-label form
/// (UTS 46). Quoted local parts, comments, address literals and non-ASCII local parts are refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Email {
    address: String,
    key: String,
}

impl Email {
    /// The address as typed, its domain in A-labels: what mail is sent to.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The form two addresses are compared in: lower case.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl std::str::FromStr for Email {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const NOT_ONE: &str = "must be one e-mail address, such as ada@example.com";
        let (local, domain) = text.rsplit_once('@').ok_or(NOT_ONE)?;
        let atext = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b);
        if local.is_empty() || local.len() > 64 || !local.bytes().all(atext) {
            return Err(NOT_ONE);
        }
        if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
            return Err(NOT_ONE);
        }
        let domain = idna::domain_to_ascii_strict(domain).map_err(|_| NOT_ONE)?;
        let named = domain.contains('.') || domain == "localhost";
        let literal = domain
            .rsplit('.')
            .next()
            .is_none_or(|top| top.bytes().all(|b| b.is_ascii_digit()));
        if domain.len() > 253 || !named || literal || domain.ends_with('.') {
            return Err(NOT_ONE);
        }
        let address = format!("{local}@{domain}");
        if address.len() > 254 {
            return Err("must have at most 254 characters");
        }
        let key = address.to_ascii_lowercase();
        Ok(Self { address, key })
    }
}

wire_string!(Email, {
    format: Some("email"),
    max_length: Some(254),
    example: Some("ada@example.com"),
    ..
});

/// What people see instead of a user name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisplayName(String);

impl std::str::FromStr for DisplayName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name: String = text.trim().nfc().collect();
        if name.is_empty() || name.chars().count() > 100 {
            return Err("must have 1 to 100 characters");
        }
        if name.chars().any(is_invisible) {
            return Err("may not have control or invisible characters");
        }
        Ok(Self(name))
    }
}

wire_string!(DisplayName, {
    format: Some("display-name"),
    max_length: Some(100),
    min_length: Some(1),
    example: Some("Ada Lovelace"),
    ..
});

/// Control characters, and those that reorder or hide text.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// A password that somebody wants to have from now on.
///
/// 8 to 256 code points, compared exactly as typed (NFC): no classes of characters are asked for
/// and nothing is cut (NIST SP 800-63B-4 §3.1.1.2). It has no `Display` and does not serialise.
#[derive(Clone, zeroize::ZeroizeOnDrop)]
pub struct NewPassword(String);

impl NewPassword {
    /// The text to hash.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPassword(…)")
    }
}

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
            return Err("may not have a NUL character");
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

impl GivenPassword {
    /// The text to verify.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for GivenPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GivenPassword(…)")
    }
}

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

/// Secrets are read from the wire and never written to it.
macro_rules! wire_secret {
    ($name:ident, $format:literal, $min:literal) => {
        impl poem_openapi::types::Type for $name {
            const IS_REQUIRED: bool = true;
            type RawValueType = Self;
            type RawElementValueType = Self;

            fn name() -> std::borrow::Cow<'static, str> {
                concat!("string_", stringify!($name)).into()
            }

            fn schema_ref() -> poem_openapi::registry::MetaSchemaRef {
                schema_ref(&Schema {
                    format: Some($format),
                    min_length: Some($min),
                    max_length: Some(256),
                    example: Some("correct horse battery staple"),
                    secret: true,
                    ..NO_SCHEMA
                })
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }

            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
                Box::new(std::iter::once(self))
            }
        }

        impl poem_openapi::types::ParseFromJSON for $name {
            fn parse_from_json(value: Option<serde_json::Value>) -> poem_openapi::types::ParseResult<Self> {
                let value = value.unwrap_or_default();
                let text = value
                    .as_str()
                    .ok_or_else(|| poem_openapi::types::ParseError::custom("must be a string"))?;
                text.parse()
                    .map_err(|why: &'static str| poem_openapi::types::ParseError::custom(why))
            }
        }

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

/// A language mail is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English, `en`.
    #[default]
    English,
    /// Simplified Chinese, `zh`.
    Chinese,
}

impl Language {
    /// The language of the first tag that has one; `None` if there is none.
    ///
    /// Takes one BCP 47 tag or an `Accept-Language` list (RFC 9110 §12.5.4), most wanted first;
    /// weights only matter where they are out of order, which no browser sends.
    #[must_use]
    pub fn of(tags: &str) -> Option<Self> {
        tags.split(',').take(20).find_map(|tag| {
            let primary = tag.trim().split(['-', '_', ';']).next()?;
            match primary.to_ascii_lowercase().as_str() {
                "en" => Some(Self::English),
                "zh" => Some(Self::Chinese),
                _ => None,
            }
        })
    }
}

impl std::str::FromStr for Language {
    type Err = &'static str;

    /// Any tag is taken: one without a template of its own is answered in English.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > 35 || text.chars().any(char::is_control) {
            return Err("must be a language tag such as en or zh-CN");
        }
        Ok(Self::of(text).unwrap_or_default())
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::English => "en",
            Self::Chinese => "zh",
        })
    }
}

wire_string!(Language, {
    format: Some("language"),
    max_length: Some(35),
    example: Some("en"),
    ..
});

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_names_are_kept_in_lower_case_and_reserved_ones_refused() {
        assert_eq!("Ada.Lovelace".parse::<UserName>().unwrap().to_string(), "ada.lovelace");
        for bad in [
            "",
            "-",
            "me",
            "ME",
            "a b",
            "ada@example.com",
            "-ada",
            "ada.",
            "аda",
            "ada\n",
            &"a".repeat(64),
        ] {
            assert!(bad.parse::<UserName>().is_err(), "{bad:?} must be refused");
        }
    }

    #[test]
    fn one_plain_address_is_taken_and_everything_cleverer_refused() {
        let email: Email = "Ada.L+x@BÜCHER.example".parse().unwrap();
        assert_eq!(email.address(), "Ada.L+x@xn--bcher-kva.example");
        assert_eq!(email.key(), "ada.l+x@xn--bcher-kva.example");
        let long_local = format!("{}@example.com", "a".repeat(65));
        for bad in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@example",
            "a@b@example.com",
            "a@x.test,b@y.test",
            "ada@example.com\r\nBcc: eve@example.com",
            "\"ada\"@example.com",
            "ada@[127.0.0.1]",
            "ada@127.0.0.1",
            "ada(comment)@example.com",
            "Ada <ada@example.com>",
            ".ada@example.com",
            "a..b@example.com",
            "ada@example.com.",
            "ada＠example.com",
            "адa@example.com",
            "ada@exa mple.com",
            &long_local,
        ] {
            assert!(bad.parse::<Email>().is_err(), "{bad:?} must be refused");
        }
    }

    #[test]
    fn passwords_are_counted_in_code_points_and_never_cut() {
        assert!("1234567".parse::<NewPassword>().is_err());
        assert!("密码密码密码密码".parse::<NewPassword>().is_ok());
        assert!("🦀".repeat(256).parse::<NewPassword>().is_ok());
        assert!("🦀".repeat(257).parse::<NewPassword>().is_err());
        assert!("correct horse battery staple".parse::<NewPassword>().is_ok());
        assert!("abc\0defgh".parse::<NewPassword>().is_err());
    }

    #[test]
    fn the_first_language_with_a_template_is_taken() {
        assert_eq!(Language::of("fr-CH, zh-CN;q=0.9, en;q=0.8"), Some(Language::Chinese));
        assert_eq!(Language::of("fr, de"), None);
        assert_eq!("fr".parse(), Ok(Language::English));
    }
}
