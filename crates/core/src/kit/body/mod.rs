//! The bodies of requests: JSON, read whole, and checked against the schema that documents it.

mod signed;

use super::{
    error::{Code, Error, FieldError, Result},
    http::{BODY_LIMIT, Native, receive},
    schema,
    time::Timestamp,
};
use poem::{Request, RequestBody};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, Registry},
    types::{ParseFromJSON, ToJSON},
};
use serde_json::{Value, json};
pub use signed::SignedBody;
use std::{marker::PhantomData, ops::Deref};

/// A JSON body, read up to [`BODY_LIMIT`] and reported field by field when it does not fit.
///
/// In the native groups a body is closed: a member that its type does not have is refused. What the
/// object `O` shows besides is let pass, to be compared by [`AsRead::check`]: clients send an object
/// back as they read it. Foreign groups let pass whatever their clients send.
pub struct Body<T, O = T>(pub T, pub AsRead<O>);

/// A merge patch (RFC 7396): what is absent stays as it is. Read as [`Body`] is.
pub struct Patch<T, O = T>(pub T, pub AsRead<O>);

/// The members of a body that can only be read.
pub struct AsRead<O> {
    members: Value,
    of: PhantomData<fn() -> O>,
}

impl<O> AsRead<O> {
    /// Of a body without such members.
    #[must_use]
    pub fn none() -> Self {
        Self {
            members: Value::Null,
            of: PhantomData,
        }
    }
}

impl<T: ParseFromJSON + 'static> Body<T> {
    /// What came in another format than JSON, checked as if it had come in that.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn of(value: Value) -> Result<Self> {
        parse_as_read(value, false).map(|(value, as_read)| Self(value, as_read))
    }
}

impl<O: ToJSON> AsRead<O> {
    /// Whether the members that can only be read are as the object has them.
    ///
    /// # Errors
    /// [`Error::Invalid`] with those that are not.
    pub fn check(&self, object: impl FnOnce() -> O) -> Result<()> {
        if self.members.is_null() {
            return Ok(());
        }
        let mut wrong = vec![];
        compare("", &self.members, object().to_json().as_ref(), &mut wrong);
        match wrong.is_empty() {
            true => Ok(()),
            false => Err(Error::Invalid(wrong)),
        }
    }
}

fn compare(at: &str, given: &Value, stored: Option<&Value>, wrong: &mut Vec<FieldError>) {
    match (given, stored) {
        (Value::Object(members), Some(Value::Object(stored))) => {
            for (name, given) in members {
                compare(&schema::below(at, name), given, stored.get(name), wrong);
            }
        }
        _ if is_same(given, stored.unwrap_or(&Value::Null)) => {}
        _ => wrong.push(FieldError::new(at, "read_only", "cannot be changed here")),
    }
}

/// Whether two values say the same: moments may be written in more than one way.
fn is_same(given: &Value, stored: &Value) -> bool {
    let moment = |value: &Value| value.as_str()?.parse::<Timestamp>().ok();
    given == stored || moment(given).is_some_and(|given| moment(stored) == Some(given))
}

impl<T, O> Deref for Body<T, O> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// The media types that a body may have.
const JSON: &[&str] = &["application/json"];
const MERGE_PATCH: &[&str] = &["application/merge-patch+json", "application/json"];

macro_rules! body {
    ($name:ident, $kinds:expr) => {
        impl<'a, T: ParseFromJSON + 'static, O: poem_openapi::types::Type + 'static> ApiExtractor<'a> for $name<T, O> {
            const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
            type ParamType = ();
            type ParamRawType = ();

            fn register(registry: &mut Registry) {
                T::register(registry);
            }

            fn request_meta() -> Option<MetaRequest> {
                Some(meta::<T>($kinds))
            }

            async fn from_request(
                request: &'a Request,
                body: &mut RequestBody,
                _: ExtractParamOptions<()>,
            ) -> poem::Result<Self> {
                let (value, as_read) = read(request, body, $kinds).await?;
                Ok(Self(value, as_read))
            }
        }
    };
}
body!(Body, JSON);
body!(Patch, MERGE_PATCH);

/// What the documents say of a body of `T` that may have these media types.
fn meta<T: poem_openapi::types::Type + 'static>(kinds: &[&'static str]) -> MetaRequest {
    let content = kinds.iter().map(|content_type| MetaMediaType {
        content_type,
        schema: T::schema_ref(),
    });
    MetaRequest {
        description: None,
        content: content.collect(),
        required: schema::has_required::<T>(),
    }
}

async fn read<T: ParseFromJSON + 'static, O: poem_openapi::types::Type + 'static>(
    request: &Request,
    body: &mut RequestBody,
    kinds: &[&str],
) -> Result<(T, AsRead<O>)> {
    let bytes = receive(request, body, kinds, BODY_LIMIT).await?;
    parse_bytes(bytes, request.data::<Native>().is_some())
}

fn parse_bytes<T: ParseFromJSON + 'static, O: poem_openapi::types::Type + 'static>(
    bytes: Option<Vec<u8>>,
    is_closed: bool,
) -> Result<(T, AsRead<O>)> {
    let value: Value = match bytes {
        Some(bytes) => serde_json::from_slice(&bytes).map_err(|_| Error::from(Code::Malformed))?,
        // Clients send nothing at all where nothing is asked for.
        None => json!({}),
    };
    parse_as_read(value, is_closed)
}

/// Reads a value as a closed body is read, where only what was asked for tells which type it is of.
///
/// # Errors
/// [`Error::Invalid`].
pub fn parse<T: ParseFromJSON + 'static>(value: Value) -> Result<T> {
    parse_as_read::<T, T>(value, true).map(|(value, _)| value)
}

fn parse_as_read<T: ParseFromJSON + 'static, O: poem_openapi::types::Type + 'static>(
    value: Value,
    is_closed: bool,
) -> Result<(T, AsRead<O>)> {
    let mut found = schema::violations::<T>(&value);
    let mut members = Value::Null;
    if is_closed {
        members = schema::strangers::<T, O>(&value, &mut found);
    }
    if !found.is_empty() {
        return Err(Error::Invalid(found));
    }
    let value = T::parse_from_json(Some(value)).map_err(|_| Error::field("", "value", "is not a valid value"))?;
    let of = PhantomData;
    Ok((value, AsRead { members, of }))
}
