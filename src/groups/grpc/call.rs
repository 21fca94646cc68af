//! A call: who makes it and whether they may is settled before its message is read.

use super::{frame::Incoming, media::Media};
use crate::{
    access::permission::Permission,
    context::RequestContext,
    extract::{Guest, Own},
    groups::rpc,
    kit::{
        error::{Code, Error, Result},
        headers,
    },
};
use futures_util::future::BoxFuture;
use poem::{Request, RequestBody, http::HeaderMap};
use poem_openapi::{ApiExtractor, ExtractParamOptions};
use std::time::Duration;
use tenantry_proto::Message;
use tokio::time::Instant;

/// The longest that a call may take.
const LONGEST: Duration = Duration::from_secs(30);
/// The most that names and values of the metadata may have, each counted as HTTP/2 counts it.
const METADATA: usize = 16 << 10;

/// When whoever makes a call waits no longer for its answer.
pub(super) fn deadline(headers: &HeaderMap) -> Result<Instant> {
    let timeout = timeout(headers)?.unwrap_or(LONGEST);
    Ok(Instant::now() + timeout.min(LONGEST))
}

/// How long whoever makes a call waits for its answer, if they say so: `grpc-timeout`.
pub(super) fn timeout(headers: &HeaderMap) -> Result<Option<Duration>> {
    let Some(timeout) = headers.get("grpc-timeout") else {
        return Ok(None);
    };
    let timeout = timeout.to_str().ok().and_then(parse_timeout);
    let timeout = timeout.ok_or_else(|| {
        let wrong = "must have up to eight digits and one of H, M, S, m, u and n";
        Error::field("grpc-timeout", "format", wrong)
    })?;
    Ok(Some(timeout))
}

fn parse_timeout(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let is_number = (1..=8).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
    let number: u64 = is_number.then(|| digits.parse().ok())??;
    Some(match unit {
        "H" => Duration::from_hours(number),
        "M" => Duration::from_mins(number),
        "S" => Duration::from_secs(number),
        "m" => Duration::from_millis(number),
        "u" => Duration::from_micros(number),
        "n" => Duration::from_nanos(number),
        _ => return None,
    })
}

/// Whoever makes a call, if they may.
pub(super) trait Calls: Sized {
    /// Who sent this request.
    fn read<'a>(request: &'a Request, body: &'a mut RequestBody) -> BoxFuture<'a, poem::Result<Self>>;

    /// In which context.
    fn context(&self) -> &RequestContext;
}

macro_rules! calls {
    ($($caller:ident),+) => {$(
        impl<P: Permission> Calls for $caller<P> {
            fn read<'a>(request: &'a Request, body: &'a mut RequestBody) -> BoxFuture<'a, poem::Result<Self>> {
                Box::pin(Self::from_request(request, body, ExtractParamOptions::default()))
            }

            fn context(&self) -> &RequestContext {
                self
            }
        }
    )+};
}

calls!(Own, Guest);

/// A call of a method that there is.
pub(super) struct Call {
    request: Request,
    body: RequestBody,
}

impl Call {
    pub(super) fn new(request: Request) -> Self {
        let (request, body) = request.split();
        Self { request, body }
    }

    /// The message that answers a call of somebody who may make it.
    pub(super) async fn act<C: Calls, Q: Message + Default, A: Message>(
        mut self,
        act: impl AsyncFnOnce(C, Q) -> rpc::Result<A>,
    ) -> poem::Result<Vec<u8>> {
        check_size(self.request.headers())?;
        let caller = C::read(&self.request, &mut self.body).await?;
        check_tenant(caller.context(), self.request.headers())?;
        let asked = self.message::<Q>().await?;
        Ok(act(caller, asked).await?.encode_to_vec())
    }

    /// The message that the call brings.
    pub(super) async fn message<Q: Message + Default>(self) -> Result<Q> {
        let message = self.messages()?.only().await?;
        Q::decode(&message[..]).map_err(|_| Code::Malformed.into())
    }

    /// What the call brings as it comes.
    pub(super) fn messages(mut self) -> Result<Incoming> {
        let media = self.request.data::<&'static Media>();
        let media = media.ok_or_else(|| anyhow::anyhow!("no media type in the request"))?;
        let body = self.body.take().map_err(|_| Code::BadRequest)?;
        Ok(Incoming::of(media, self.request.headers(), body))
    }
}

fn check_size(headers: &HeaderMap) -> Result<()> {
    let size =
        |(name, value): (&poem::http::HeaderName, &poem::http::HeaderValue)| name.as_str().len() + value.len() + 32;
    match headers.iter().map(size).sum::<usize>() > METADATA {
        true => Err(Code::TooLarge.into()),
        false => Ok(()),
    }
}

/// Clients that know several organisations say which they mean. The tenant is the only one here.
fn check_tenant(context: &RequestContext, headers: &HeaderMap) -> Result<()> {
    let named = headers.contains_key("x-zitadel-orgid");
    let is_same = headers::text(headers, "x-zitadel-orgid") == Some(&context.tenant.id.to_string());
    match !named || is_same {
        true => Ok(()),
        false => Err(Error::Worded {
            code: Code::Forbidden,
            words: "The organisation that x-zitadel-orgid names is not this tenant.",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_has_up_to_eight_digits_and_a_unit() {
        for (text, expected) in [
            ("1H", Some(Duration::from_hours(1))),
            ("2M", Some(Duration::from_mins(2))),
            ("00000003S", Some(Duration::from_secs(3))),
            ("4m", Some(Duration::from_millis(4))),
            ("99999999u", Some(Duration::from_micros(99_999_999))),
            ("0n", Some(Duration::ZERO)),
            ("", None),
            ("S", None),
            ("123456789S", None),
            ("1", None),
            ("1s", None),
            ("+1S", None),
            ("-1S", None),
            (" 1S", None),
            ("1.5S", None),
            ("1ü", None),
        ] {
            assert_eq!(parse_timeout(text), expected, "{text:?}");
        }
    }
}
