//! Codes as people's programs send them: as text, or as a number.

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;
use std::borrow::Cow;

/// A code of six digits, or a link's token. A number has lost the zeros in front of it, so they
/// are put back.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct DigitsOrText(String);

/// The longest text that is looked at.
const LONGEST: usize = 200;
/// The largest number of six digits.
const LARGEST: u32 = 999_999;

impl DigitsOrText {
    /// The code as text.
    #[must_use]
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for DigitsOrText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DigitsOrText(…)")
    }
}

impl Type for DigitsOrText {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "digits_or_text".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        let mut number = MetaSchema::new("integer");
        number.minimum = Some(0.0);
        number.maximum = Some(f64::from(LARGEST));
        let mut text = MetaSchema::new("string");
        text.min_length = Some(1);
        text.max_length = Some(LONGEST);
        let either = MetaSchema {
            any_of: vec![
                MetaSchemaRef::Inline(Box::new(text)),
                MetaSchemaRef::Inline(Box::new(number)),
            ],
            example: Some("012345".into()),
            ..MetaSchema::ANY
        };
        MetaSchemaRef::Inline(Box::new(either))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for DigitsOrText {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value.unwrap_or_default() {
            Value::String(text) if (1..=LONGEST).contains(&text.chars().count()) => Ok(Self(text)),
            Value::Number(number) => match number.as_u64() {
                Some(digits) if digits <= u64::from(LARGEST) => Ok(Self(format!("{digits:06}"))),
                _ => Err(ParseError::custom("must be of six digits")),
            },
            _ => Err(ParseError::custom("must be a string or a number")),
        }
    }
}

impl ToJSON for DigitsOrText {
    fn to_json(&self) -> Option<Value> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_gets_its_zeros_back_and_text_stays() {
        let read = |value: Value| DigitsOrText::parse_from_json(Some(value)).ok().map(|code| code.0);
        assert_eq!(read(12_345.into()).as_deref(), Some("012345"));
        assert_eq!(read(0.into()).as_deref(), Some("000000"));
        assert_eq!(read("012345".into()).as_deref(), Some("012345"));
        assert_eq!(read("12345".into()).as_deref(), Some("12345"));
        for bad in [
            Value::from(1_000_000),
            Value::from(-1),
            Value::from(1.5),
            Value::from(""),
            Value::Null,
        ] {
            assert_eq!(read(bad.clone()), None, "{bad}");
        }
    }
}
