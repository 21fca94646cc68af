//! Answers in JSON that are written straight into bytes.
//!
//! poem-openapi makes a tree of every answer first, which for a page of users cost more than all the rest.
//! So the types of the wire derive [`Serialize`] as well. Debug builds write each answer in both ways
//! and compare: every answer of every test holds that the two agree.

use poem::{IntoResponse, Response, http::header};
use poem_openapi::{
    ApiResponse,
    payload::{Json, Payload},
    registry::{MetaResponses, MetaSchemaRef, Registry},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde::{Serialize, Serializer};
use serde_json::{
    Value,
    value::{RawValue, to_raw_value},
};
use std::{borrow::Cow, collections::BTreeMap, marker::PhantomData, sync::Arc};

/// JSON as the one text that says it: without spaces, and members by name.
#[must_use]
pub fn canonical(value: &Value) -> String {
    fn sorted(value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(sorted).collect(),
            Value::Object(members) => {
                let members: BTreeMap<_, _> = members.iter().collect();
                Value::Object(
                    members
                        .into_iter()
                        .map(|(name, value)| (name.clone(), sorted(value)))
                        .collect(),
                )
            }
            other => other.clone(),
        }
    }
    sorted(value).to_string()
}

/// JSON of a `T` that is written already; in the documents the same as [`Json`].
pub struct Written<T> {
    bytes: Vec<u8>,
    of: PhantomData<fn() -> T>,
}

impl<T: ToJSON> Written<T> {
    /// Writes a value whose `Serialize` is its form on the wire, and not the one it is stored in.
    #[must_use]
    pub fn of(value: &T) -> Self
    where
        T: Serialize,
    {
        let bytes = serde_json::to_vec(value).expect("types of the wire are JSON");
        debug_assert_eq!(
            String::from_utf8_lossy(&bytes),
            String::from_utf8_lossy(&Self::by_tree(value).bytes),
            "serde and poem-openapi write {} differently",
            T::name()
        );
        Self { bytes, of: PhantomData }
    }

    /// Writes a value that is rare or small.
    #[must_use]
    pub fn by_tree(value: &T) -> Self {
        let bytes = serde_json::to_vec(&value.to_json()).expect("a tree is JSON");
        Self { bytes, of: PhantomData }
    }
}

impl<T> Written<T> {
    /// What was written.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl<T: Type> Payload for Written<T> {
    const CONTENT_TYPE: &'static str = Json::<T>::CONTENT_TYPE;

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: Type> IntoResponse for Written<T> {
    fn into_response(self) -> Response {
        Response::builder()
            .header(header::CONTENT_TYPE, Self::CONTENT_TYPE)
            .body(self.bytes)
    }
}

impl<T: ToJSON> ApiResponse for Written<T> {
    fn meta() -> MetaResponses {
        Json::<T>::meta()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// A `T` within an answer, written before and shared by all answers that have it.
#[derive(Debug)]
pub struct Fragment<T> {
    json: Arc<RawValue>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Fragment<T> {
    fn clone(&self) -> Self {
        self.json.clone().into()
    }
}

impl<T> From<Arc<RawValue>> for Fragment<T> {
    fn from(json: Arc<RawValue>) -> Self {
        Self { json, of: PhantomData }
    }
}

impl<T> Serialize for Fragment<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(to)
    }
}

impl<T: Type> Type for Fragment<T> {
    const IS_REQUIRED: bool = T::IS_REQUIRED;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        T::name()
    }

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl<T: Type> ToJSON for Fragment<T> {
    fn to_json(&self) -> Option<Value> {
        serde_json::from_str(self.json.get()).ok()
    }
}

impl<T: ParseFromJSON + ToJSON> ParseFromJSON for Fragment<T> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let value = T::parse_from_json(value).map_err(ParseError::propagate)?;
        let json = to_raw_value(&value.to_json()).expect("a tree is JSON");
        Ok(Arc::<RawValue>::from(json).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::time::Timestamp;
    use chrono::DateTime;
    use poem_openapi::Object;

    #[derive(Object, Serialize)]
    #[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
    #[serde(rename_all = "camelCase")]
    struct Thing {
        made_at: Timestamp,
        #[serde(skip_serializing_if = "Option::is_none")]
        gone_at: Option<Timestamp>,
        parts: Vec<Fragment<String>>,
    }

    #[derive(Object, Serialize)]
    #[oai(rename_all = "camelCase")]
    struct Odd {
        made_at: Timestamp,
    }

    fn text<T>(written: &Written<T>) -> &str {
        std::str::from_utf8(&written.bytes).unwrap()
    }

    #[test]
    fn an_answer_is_the_same_whether_a_tree_of_it_is_made_or_not() {
        let part = to_raw_value("a \"part\" \u{7}\u{2028}").unwrap();
        let thing = Thing {
            made_at: DateTime::from_timestamp_micros(1_700_000_000_000_123).unwrap().into(),
            gone_at: DateTime::from_timestamp(1_700_000_001, 0).map(Into::into),
            parts: vec![Arc::<RawValue>::from(part).into(); 2],
        };
        let expected = "{\"madeAt\":\"2023-11-14T22:13:20.000123Z\",\"goneAt\":\"2023-11-14T22:13:21Z\",\
                        \"parts\":[\"a \\\"part\\\" \\u0007\u{2028}\",\"a \\\"part\\\" \\u0007\u{2028}\"]}";
        assert_eq!(text(&Written::of(&thing)), expected);
        assert_eq!(text(&Written::by_tree(&thing)), expected);
    }

    #[test]
    #[should_panic(expected = "serde and poem-openapi write Odd differently")]
    fn a_type_that_serde_writes_otherwise_fails_the_test_that_answers_with_it() {
        let made_at = DateTime::UNIX_EPOCH.into();
        let _ = Written::of(&Odd { made_at });
    }
}
