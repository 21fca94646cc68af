//! Answers that are ready bytes: in each coding, with an entity tag.

use crate::kit::{
    headers::{self, Tie},
    http,
};
use bytes::Bytes;
use poem::{
    Response,
    http::{HeaderMap, HeaderValue, StatusCode, header},
};

/// The bytes of an answer, and what is said of them.
pub(super) struct Ready {
    pub(super) content_type: &'static str,
    /// `Cache-Control`.
    pub(super) cache: &'static str,
    /// Marks the content, in quotation marks; each coding has a tag of its own (RFC 9110 §8.8.3.3).
    pub(super) tag: String,
    pub(super) plain: Bytes,
    /// `Content-Encoding` and the bytes in it, the best first.
    pub(super) coded: Vec<(&'static str, Bytes)>,
}

impl Ready {
    /// How many bytes this is.
    pub(super) fn weight(&self) -> usize {
        self.plain.len() + self.coded.iter().map(|(_, bytes)| bytes.len()).sum::<usize>()
    }

    /// The answer to a request with these headers: 304 if it has these bytes already.
    pub(super) fn answer(&self, request: &HeaderMap) -> Response {
        let coded = self.coded.iter().map(|(coding, bytes)| (*coding, (*coding, bytes)));
        let offers: Vec<_> = coded.chain([("identity", ("identity", &self.plain))]).collect();
        let accepted = headers::list(request, header::ACCEPT_ENCODING);
        let chosen = headers::negotiate(&accepted, &offers, Tie::Server);
        let (coding, bytes) = chosen.unwrap_or(("identity", &self.plain));
        let mut response = http::bytes(self.content_type, self.cache, bytes.clone());
        let answer = response.headers_mut();
        let mut tag = self.tag.clone();
        if coding != "identity" {
            answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
            tag.insert_str(tag.len() - 1, &format!("-{coding}"));
        }
        answer.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            answer.insert(header::ETAG, tag);
        }
        if headers::if_none_match(request, &tag) {
            response.set_status(StatusCode::NOT_MODIFIED);
            response.take_body();
        }
        response
    }
}
