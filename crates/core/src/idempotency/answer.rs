//! The wire of requests that may come again.

use super::{Claim, Claimed, claim};
use crate::kit::{
    db::Db,
    error::{Code, Error, Result},
    http::BODY_LIMIT,
    id::TenantId,
    secret::MasterKey,
};
use anyhow::Context;
use base64::{Engine, prelude::BASE64_STANDARD as BASE64};
use poem::{
    Body, Request, RequestBody, Response,
    http::{HeaderName, HeaderValue, Method, StatusCode},
};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, OnceLock};
use uuid::Uuid;
use zeroize::Zeroizing;

/// The header of the key.
const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
/// The longest key.
const LONGEST: usize = 255;

/// A request that brings a key, and the claim to it once there is one.
#[derive(Clone, Debug, Default)]
pub struct Repeat(Arc<OnceLock<Arc<Claim>>>);

/// What there is to do for a request with a key.
pub enum Begun {
    /// It is the first.
    First(Arc<Claim>),
    /// It was answered before: with this.
    Before(Response),
}

#[derive(Serialize, Deserialize)]
struct Kept {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
    /// Whether `body` is base64, of bytes that are no text.
    #[serde(default)]
    is_encoded: bool,
}

impl Repeat {
    /// Of a request that brings a key.
    #[must_use]
    pub fn of(request: &Request) -> Option<Self> {
        let has_key = request.method() == Method::POST && request.headers().contains_key(HEADER);
        has_key.then(Self::default)
    }

    /// Claims the key for a request of this caller, whose permission was checked. Reads its body, and
    /// leaves it there.
    ///
    /// # Errors
    /// [`Error::Invalid`] if the key is none; [`Code::TooLarge`]; those of a key that is taken.
    pub async fn begin(
        &self,
        kept_by: (&Db, &MasterKey),
        (tenant, who): (TenantId, Option<Uuid>),
        request: &Request,
        body: &mut RequestBody,
    ) -> Result<Begun> {
        let key = key(request)?;
        let whole = body.take().map_err(|_| Error::from(Code::BadRequest))?;
        let whole = whole.into_bytes_limit(BODY_LIMIT).await.map_err(|error| match error {
            poem::error::ReadBodyError::PayloadTooLarge => Code::TooLarge,
            _ => Code::BadRequest,
        })?;
        *body = RequestBody::new(Body::from_bytes(whole.clone()));
        let who = who.map(|who| who.to_string()).unwrap_or_default();
        let operation = format!("{who} {}", request.original_uri().path());
        match claim(kept_by, tenant, (&operation, key), &whole).await? {
            Claimed::First(claim) => Ok(Begun::First(self.0.get_or_init(|| Arc::new(claim)).clone())),
            Claimed::Before(answer) => Ok(Begun::Before(open(&answer)?)),
        }
    }

    /// Keeps the answer of a request that did what it asked for, and gives the key of any other back.
    ///
    /// # Errors
    /// The answer's own.
    pub async fn end(self, (db, master): (&Db, &MasterKey), answer: poem::Result<Response>) -> poem::Result<Response> {
        let Some(claim) = self.0.get() else { return answer };
        let ended = match answer {
            Ok(response) if response.is_success() && claim.is_done() => {
                let (parts, body) = response.into_parts();
                let bytes = body.into_bytes().await?;
                let response = Response::from_parts(parts, Body::from_bytes(bytes.clone()));
                let kept = keep(claim, (db, master), &response, &bytes).await;
                (Ok(response), kept)
            }
            answer => (answer, claim.release(db).await),
        };
        if let (_, Err(error)) = &ended {
            // What was asked for is done, and said to be: without its answer another try is told so.
            tracing::error!(%error, "the outcome of a request with a key was not kept");
        }
        ended.0
    }
}

/// The key of a request: 1 to 255 visible ASCII characters.
fn key(request: &Request) -> Result<&str> {
    let wrong = || {
        Error::field(
            "Idempotency-Key",
            "format",
            "must be 1 to 255 visible ASCII characters, once",
        )
    };
    let mut values = request.headers().get_all(HEADER).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(wrong());
    };
    let is_key = |key: &&str| !key.is_empty() && key.len() <= LONGEST && key.bytes().all(|c| c.is_ascii_graphic());
    value.to_str().ok().filter(is_key).ok_or_else(wrong)
}

async fn keep(claim: &Claim, (db, master): (&Db, &MasterKey), response: &Response, bytes: &[u8]) -> Result<()> {
    let headers = response.headers().iter();
    let text = |value: &HeaderValue| Some(value.to_str().ok()?.to_owned());
    let text_of_body = std::str::from_utf8(bytes).map(str::to_owned);
    let kept = Kept {
        status: response.status().as_u16(),
        headers: headers
            .filter_map(|(name, value)| Some((name.to_string(), text(value)?)))
            .collect(),
        is_encoded: text_of_body.is_err(),
        body: text_of_body.unwrap_or_else(|_| BASE64.encode(bytes)),
    };
    let kept = Zeroizing::new(serde_json::to_vec(&kept).map_err(anyhow::Error::from)?);
    claim.keep(db, master, &kept).await
}

fn open(answer: &[u8]) -> anyhow::Result<Response> {
    let kept: Kept = serde_json::from_slice(answer)?;
    let mut response = Response::builder().status(StatusCode::from_u16(kept.status)?);
    for (name, value) in kept.headers {
        response = response.header(name, value);
    }
    Ok(match kept.is_encoded {
        true => response.body(BASE64.decode(kept.body).context("reading a kept answer")?),
        false => response.body(kept.body),
    })
}
