//! Bodies that programs sign which have no account here.

use super::{JSON, meta, parse_bytes};
use crate::kit::{
    error::{Code, Result},
    http::{Native, receive},
};
use aws_lc_rs::hmac;
use chrono::{DateTime, TimeDelta, Utc};
use poem::{Request, RequestBody};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaRequest, Registry},
    types::{ParseFromJSON, Type},
};
use std::marker::PhantomData;

/// The largest one.
const LIMIT: usize = 1024 * 1024;
/// How far the clocks of both ends may be apart, and for how long a signed body is good.
const LIFE: TimeDelta = TimeDelta::minutes(5);

/// A JSON body that is read only when its signature is right: `t=<seconds>,v1=<hex>`, the HMAC-SHA256 of the seconds, a
/// dot and the bytes of the body.
pub struct SignedBody<T> {
    bytes: Option<Vec<u8>>,
    is_closed: bool,
    of: PhantomData<fn() -> T>,
}

impl<T: ParseFromJSON + Type + 'static> SignedBody<T> {
    /// The body, if one of these secrets signed it of late. Of none, none did.
    ///
    /// # Errors
    /// [`Code::SignatureInvalid`]; [`Error::Invalid`](crate::kit::error::Error::Invalid) with what does not fit.
    pub fn open(self, signature: Option<&str>, secrets: &[impl AsRef<[u8]>], now: DateTime<Utc>) -> Result<T> {
        let bytes = self.bytes.as_deref().unwrap_or_default();
        let is_good = signature.and_then(Signature::parse).is_some_and(|signature| {
            let is_of_now = (signature.at - now).abs() <= LIFE;
            let signed = [signature.seconds.as_bytes(), b".", bytes].concat();
            let mut secrets = secrets.iter().map(AsRef::as_ref).filter(|secret| secret.len() >= 32);
            is_of_now && secrets.any(|secret| signature.is_by(secret, &signed))
        });
        match is_good {
            true => Ok(parse_bytes::<T, T>(self.bytes, self.is_closed)?.0),
            false => Err(Code::SignatureInvalid.into()),
        }
    }
}

/// What a sender says to have signed, and when.
struct Signature<'a> {
    seconds: &'a str,
    at: DateTime<Utc>,
    /// One by each secret that the sender has.
    proofs: Vec<Vec<u8>>,
}

impl<'a> Signature<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (mut seconds, mut proofs) = (None, vec![]);
        for part in text.split(',').take(10) {
            match part.trim().split_once('=')? {
                ("t", text) => seconds = Some(text),
                ("v1", text) => proofs.extend(data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes())),
                // Of a version to come.
                _ => {}
            }
        }
        let seconds = seconds?;
        let at = DateTime::from_timestamp(seconds.parse().ok()?, 0)?;
        Some(Self { seconds, at, proofs })
    }

    fn is_by(&self, secret: &[u8], signed: &[u8]) -> bool {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        self.proofs
            .iter()
            .any(|proof| hmac::verify(&key, signed, proof).is_ok())
    }
}

impl<'a, T: ParseFromJSON + 'static> ApiExtractor<'a> for SignedBody<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(meta::<T>(JSON))
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(Self {
            bytes: receive(request, body, JSON, LIMIT).await?,
            is_closed: request.data::<Native>().is_some(),
            of: PhantomData,
        })
    }
}
