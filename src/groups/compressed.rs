//! Answers in JSON in the coding that a client asks for, where that is worth it.

use crate::kit::{
    error::Error,
    headers::{self, Tie},
};
use brotli::enc::BrotliEncoderParams;
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use futures_util::future::Either;
use poem::{
    Endpoint, Request, Response,
    http::{HeaderMap, HeaderValue, Method, header},
};
use std::{
    io::{self, Write},
    sync::Arc,
};

/// A shorter answer fits into one packet in any coding.
const WORTH_IT: usize = 1024;

/// What takes longer than a fraction of a millisecond is done where nobody waits for the thread.
const SHORT: usize = 32 << 10;

#[derive(Clone, Copy)]
enum Coding {
    Brotli,
    Gzip,
}

const OFFERS: &[(&str, Option<Coding>)] = &[
    ("br", Some(Coding::Brotli)),
    ("gzip", Some(Coding::Gzip)),
    ("identity", None),
];

/// Compresses the answers of the groups for whoever asks for that. Any other request goes by.
pub(super) fn as_accepted(inner: impl Endpoint<Output = Response> + 'static) -> impl Endpoint<Output = Response> {
    AsAccepted(Arc::new(inner))
}

struct AsAccepted<E>(Arc<E>);

impl<E: Endpoint<Output = Response> + 'static> Endpoint for AsAccepted<E> {
    type Output = Response;

    /// No `async` block around the common case: each one carries the request once more.
    fn call(&self, request: Request) -> impl Future<Output = poem::Result<Response>> + Send {
        let asks = request.headers().contains_key(header::ACCEPT_ENCODING) && request.method() != Method::HEAD;
        match asks {
            false => Either::Left(self.0.call(request)),
            true => Either::Right(Box::pin(answer(self.0.clone(), request))),
        }
    }
}

async fn answer<E: Endpoint<Output = Response>>(inner: Arc<E>, request: Request) -> poem::Result<Response> {
    let accepted = headers::list(request.headers(), header::ACCEPT_ENCODING);
    let mut response = inner.call(request).await?;
    if !is_ours(response.headers()) {
        return Ok(response);
    }
    let plain = response.take_body().into_bytes().await;
    let plain = plain.map_err(|error| Error::Internal(error.into()))?;
    if plain.len() < WORTH_IT {
        response.set_body(plain);
        return Ok(response);
    }
    let coding = headers::negotiate(&accepted, OFFERS, Tie::Server).flatten();
    let answer = response.headers_mut();
    answer.append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    let Some(coding) = coding else {
        response.set_body(plain);
        return Ok(response);
    };
    answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    weaken(answer);
    response.set_body(code(coding, plain).await.map_err(Error::Internal)?);
    Ok(response)
}

async fn code(coding: Coding, plain: Bytes) -> anyhow::Result<Vec<u8>> {
    let coded = match plain.len() < SHORT {
        true => coding.code(&plain),
        false => tokio::task::spawn_blocking(move || coding.code(&plain)).await?,
    };
    Ok(coded?)
}

/// Files and documents come in a coding already, or say themselves how they are kept.
fn is_ours(answer: &HeaderMap) -> bool {
    let kind = headers::text(answer, header::CONTENT_TYPE).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default();
    let is_told = answer.contains_key(header::CONTENT_ENCODING) || answer.contains_key(header::CACHE_CONTROL);
    !is_told && matches!(kind, "application/json" | "application/problem+json")
}

/// The tag of the plain bytes is that of these only weakly (RFC 9110 §8.8.3.3).
fn weaken(answer: &mut HeaderMap) {
    let tag = headers::text(answer, header::ETAG).filter(|tag| !tag.starts_with("W/"));
    let weak = tag.and_then(|tag| HeaderValue::from_str(&format!("W/{tag}")).ok());
    if let Some(weak) = weak {
        answer.insert(header::ETAG, weak);
    }
}

impl Coding {
    fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// The bytes in this coding, as fast as it has much of its use.
    fn code(self, plain: &Bytes) -> io::Result<Vec<u8>> {
        let mut coded = Vec::with_capacity(plain.len() / 4);
        match self {
            Self::Gzip => {
                let mut gzip = GzEncoder::new(&mut coded, Compression::new(4));
                gzip.write_all(plain)?;
                gzip.finish()?;
            }
            Self::Brotli => {
                let fast = BrotliEncoderParams {
                    quality: 4,
                    lgwin: 16,
                    size_hint: plain.len(),
                    ..BrotliEncoderParams::default()
                };
                brotli::BrotliCompress(&mut &plain[..], &mut coded, &fast)?;
            }
        }
        Ok(coded)
    }
}
