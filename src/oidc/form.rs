//! The forms of the protocol: parameters as a list of pairs, each there once.

use super::{Refusal, Result, Word};
use crate::kit::http::receive;
use poem::{Request, RequestBody};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, Registry},
};
use std::{marker::PhantomData, ops::Deref};
use zeroize::Zeroizing;

pub(super) const KIND: &str = "application/x-www-form-urlencoded";
/// The largest form, in bytes.
const LIMIT: usize = 16 << 10;
/// The one parameter that may be there several times (RFC 8707 §2).
const SEVERAL: &str = "resource";

/// The parameters of a request.
pub(super) struct Pairs(Vec<(String, Zeroizing<String>)>);

impl Pairs {
    /// Reads them.
    ///
    /// # Errors
    /// One is there twice (RFC 6749 §3.2), or is no text.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self> {
        let mut pairs: Vec<(String, Zeroizing<String>)> = vec![];
        for (name, value) in url::form_urlencoded::parse(bytes) {
            if name != SEVERAL && pairs.iter().any(|(known, _)| *known == name) {
                return Err(Word::InvalidRequest.because(format!("{name} is there more than once")));
            }
            if name.contains('\0') || value.contains('\0') {
                return Err(Word::InvalidRequest.because(format!("{name} has a character that no text has")));
            }
            pairs.push((name.into_owned(), Zeroizing::new(value.into_owned())));
        }
        Ok(Self(pairs))
    }

    /// Reads them, also if one is there twice. One that is no text is left out.
    pub(super) fn lenient(bytes: &[u8]) -> Self {
        let pairs = url::form_urlencoded::parse(bytes);
        let text = pairs.filter(|(name, value)| !name.contains('\0') && !value.contains('\0'));
        Self(
            text.map(|(name, value)| (name.into_owned(), Zeroizing::new(value.into_owned())))
                .collect(),
        )
    }

    /// The parameter of this name; refused if it is there twice.
    pub(super) fn once(&self, name: &str) -> Result<Option<&str>, ()> {
        match self.0.iter().filter(|(known, _)| known == name).count() {
            0 | 1 => Ok(self.get(name)),
            _ => Err(()),
        }
    }

    /// A parameter that is there twice.
    pub(super) fn repeated(&self) -> Option<&str> {
        let mut names = self.0.iter().enumerate();
        let twice =
            names.find(|(at, (name, _))| name != SEVERAL && self.0[..*at].iter().any(|(known, _)| known == name));
        twice.map(|(_, (name, _))| name.as_str())
    }

    /// The parameter of this name; one without a value is as absent (RFC 6749 §3.2).
    #[must_use]
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Each parameter of this name.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.0.iter().filter(move |(known, _)| known == name);
        named.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The parameter of this name.
    ///
    /// # Errors
    /// It is missing.
    pub(super) fn required(&self, name: &str) -> Result<&str> {
        let missing = || Word::InvalidRequest.because(format!("{name} is missing"));
        self.get(name).ok_or_else(missing)
    }
}

/// The parameters of a form, which a `T` describes for the document.
pub(super) struct Form<T>(Pairs, PhantomData<fn() -> T>);

impl<T> Deref for Form<T> {
    type Target = Pairs;

    fn deref(&self) -> &Pairs {
        &self.0
    }
}

impl<'a, T: poem_openapi::types::Type + 'static> ApiExtractor<'a> for Form<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest {
            description: None,
            content: vec![MetaMediaType {
                content_type: KIND,
                schema: T::schema_ref(),
            }],
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let bytes = receive(request, body, &[KIND], LIMIT).await.map_err(Refusal::from)?;
        let bytes = Zeroizing::new(bytes.unwrap_or_default());
        Ok(Self(Pairs::parse(&bytes)?, PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_there_once_and_one_without_a_value_is_absent() {
        let pairs = Pairs::parse(b"a=1&b=&resource=x&resource=y&c=%E5%AF%86+%26").unwrap();
        assert_eq!(pairs.get("a"), Some("1"));
        assert_eq!(pairs.get("b"), None);
        assert_eq!(pairs.get("c"), Some("\u{5bc6} &"));
        assert_eq!(pairs.all("resource").collect::<Vec<_>>(), ["x", "y"]);
        for bad in ["a=1&a=1", "a=&a=1", "a=%00", "%00=a"] {
            assert!(Pairs::parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
