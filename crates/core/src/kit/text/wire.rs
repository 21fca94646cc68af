//! How strings that mean something are put on the wire and into the documents.

use poem_openapi::{
    registry::{MetaSchemaRef, Registry},
    types::{MaybeUndefined, ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;
use std::borrow::Cow;

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
    /// Whether a blank in a parameter is a `+` that nobody encoded.
    pub blank_is_plus: bool,
}

/// Reads a type with `FromStr<Err = &'static str>` and a `SCHEMA` from a JSON string.
macro_rules! wire_read {
    ($name:ident) => {
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
    };
}
pub(crate) use wire_read;

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

        $crate::kit::text::wire_read!($name);

        impl poem_openapi::types::ParseFromParameter for $name {
            fn parse_from_parameter(text: &str) -> poem_openapi::types::ParseResult<Self> {
                // One at the edge was not meant.
                let is_plus = Self::SCHEMA.blank_is_plus && text.contains(' ') && text.trim() == text;
                let mended = is_plus.then(|| text.replace(' ', "+"));
                let text = mended.as_deref().unwrap_or(text);
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

/// Stores a type with `FromStr<Err = &'static str>` and `Display` as its text.
macro_rules! stored_string {
    ($($name:ident),+) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}
pub(crate) use stored_string;

/// A member of a merge patch (RFC 7396): absent, null, or a value; the documents say that it may be null.
#[derive(Clone, Debug)]
pub struct Nullable<T>(pub MaybeUndefined<T>);

impl<T> Nullable<T> {
    /// What there is after this merge patch, of what there was before (RFC 7396 §2).
    pub fn or(self, before: Option<T>) -> Option<T> {
        match self.0 {
            MaybeUndefined::Undefined => before,
            MaybeUndefined::Null => None,
            MaybeUndefined::Value(new) => Some(new),
        }
    }
}

impl<T> Default for Nullable<T> {
    fn default() -> Self {
        Self(MaybeUndefined::Undefined)
    }
}

impl<T: Type> Type for Nullable<T> {
    const IS_REQUIRED: bool = false;
    type RawValueType = T::RawValueType;
    type RawElementValueType = T::RawElementValueType;

    fn name() -> Cow<'static, str> {
        format!("nullable_{}", T::name()).into()
    }

    fn schema_ref() -> MetaSchemaRef {
        match T::schema_ref() {
            MetaSchemaRef::Inline(mut schema) => {
                schema.nullable = true;
                MetaSchemaRef::Inline(schema)
            }
            reference @ MetaSchemaRef::Reference(_) => reference,
        }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn as_raw_value(&self) -> Option<&T::RawValueType> {
        self.0.as_raw_value()
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a T::RawElementValueType> + 'a> {
        self.0.raw_element_iter()
    }
}

impl<T: ParseFromJSON> ParseFromJSON for Nullable<T> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        MaybeUndefined::parse_from_json(value)
            .map(Self)
            .map_err(ParseError::propagate)
    }
}

impl<T: ToJSON> ToJSON for Nullable<T> {
    fn to_json(&self) -> Option<Value> {
        self.0.to_json()
    }
}

/// Text, or null: what a merge patch (RFC 7396) removes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrNull(pub Option<String>);

impl poem_openapi::types::Type for OrNull {
    const IS_REQUIRED: bool = false;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> std::borrow::Cow<'static, str> {
        "string_or_null".into()
    }

    fn schema_ref() -> poem_openapi::registry::MetaSchemaRef {
        let mut schema = poem_openapi::registry::MetaSchema::new("string");
        schema.nullable = true;
        poem_openapi::registry::MetaSchemaRef::Inline(Box::new(schema))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl poem_openapi::types::ParseFromJSON for OrNull {
    fn parse_from_json(value: Option<serde_json::Value>) -> poem_openapi::types::ParseResult<Self> {
        match value.unwrap_or_default() {
            serde_json::Value::Null => Ok(Self(None)),
            serde_json::Value::String(text) => Ok(Self(Some(text))),
            _ => Err(poem_openapi::types::ParseError::custom("must be a string or null")),
        }
    }
}

impl poem_openapi::types::ToJSON for OrNull {
    fn to_json(&self) -> Option<serde_json::Value> {
        Some(self.0.clone().into())
    }
}

#[doc(hidden)]
pub const NO_SCHEMA: Schema = Schema {
    format: None,
    max_length: None,
    min_length: None,
    pattern: None,
    example: None,
    secret: false,
    blank_is_plus: false,
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
