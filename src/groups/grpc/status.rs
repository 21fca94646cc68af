//! How a call ended, in headers and trailers.

use super::media::Media;
use crate::{
    groups::rpc::{self, DOMAIN, Fact, Outcome, REQUEST_ID},
    kit::error::Error,
};
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD as BASE64};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use poem::{
    Response,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
};
use tenantry_proto::{
    Any, Duration, Message,
    google::rpc::{BadRequest, ErrorInfo, RetryInfo, Status, bad_request::FieldViolation},
    prost::Name,
    zitadel::v1::ErrorDetail,
};

const STATUS: HeaderName = HeaderName::from_static("grpc-status");
const MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
const DETAILS: HeaderName = HeaderName::from_static("grpc-status-details-bin");
/// The encodings that messages may come in.
pub(super) const ACCEPTS: (HeaderName, HeaderValue) = (
    HeaderName::from_static("grpc-accept-encoding"),
    HeaderValue::from_static("identity,gzip"),
);

/// What `grpc-message` cannot have as it is.
const ENCODED: &AsciiSet = &CONTROLS.add(b'%');

/// The trailers of a call that did what it was for.
pub(super) fn ok() -> HeaderMap {
    [(STATUS, HeaderValue::from_static("0"))].into_iter().collect()
}

/// The answer to a call that failed: in headers only, whatever the framing.
pub(super) fn refuse(media: &Media, error: &Error) -> Response {
    let Outcome { code, message, facts } = rpc::ZITADEL.outcome(error);
    let status = Status {
        code,
        message,
        details: facts.into_iter().map(any).collect(),
    };
    let mut refused = error.respond("", String::new());
    refused.set_status(StatusCode::OK);
    let headers = refused.headers_mut();
    headers.insert(header::CONTENT_TYPE, media.content_type());
    headers.insert(ACCEPTS.0, ACCEPTS.1);
    headers.insert(STATUS, code.into());
    for (name, value) in [
        (MESSAGE, utf8_percent_encode(&status.message, ENCODED).to_string()),
        (DETAILS, BASE64.encode(status.encode_to_vec())),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    refused
}

/// The trailers of a call that failed when some of its answer had been sent.
pub(super) fn ended(media: &Media, error: &Error) -> HeaderMap {
    let refused = refuse(media, error);
    let said = [STATUS, MESSAGE, DETAILS].into_iter();
    said.filter_map(|name| Some((name.clone(), refused.headers().get(name)?.clone())))
        .collect()
}

/// A detail in the format of messages.
fn any(fact: Fact) -> Any {
    match fact {
        Fact::Zitadel { id, message } => pack(&ErrorDetail {
            id: id.to_owned(),
            message,
        }),
        Fact::Info { reason, request_id } => pack(&ErrorInfo {
            reason,
            domain: DOMAIN.to_owned(),
            metadata: [(REQUEST_ID.to_owned(), request_id)].into(),
        }),
        Fact::Fields(violations) => pack(&BadRequest {
            field_violations: violations.into_iter().map(violation).collect(),
        }),
        Fact::Retry { seconds } => pack(&RetryInfo {
            retry_delay: Some(Duration {
                seconds: seconds.into(),
                nanos: 0,
            }),
        }),
    }
}

fn violation(of: rpc::FieldViolation) -> FieldViolation {
    FieldViolation {
        field: of.field,
        description: of.description,
        reason: of.reason,
        localized_message: None,
    }
}

fn pack<M: Name>(message: &M) -> Any {
    Any {
        type_url: M::type_url(),
        value: message.encode_to_vec(),
    }
}
