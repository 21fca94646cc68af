//! Answers that are ready bytes: in each coding, with an entity tag.

use crate::{
    audit,
    kit::{
        error::Result,
        headers::{self, Tie},
        http, secret,
    },
};
use bytes::Bytes;
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use poem::{
    Body, Response,
    http::{HeaderMap, HeaderValue, StatusCode, header},
};
use std::io::{Read, Write};
use tenantry_assets::{Asset, Content};

/// What changes only with the server is kept this long.
pub(crate) const ONE_HOUR: &str = "public, max-age=3600";

/// The bytes of an answer, and what is said of them.
pub(crate) struct Ready {
    content_type: &'static str,
    /// `Cache-Control`.
    cache: &'static str,
    /// Marks the content, in quotation marks; each coding has a tag of its own (RFC 9110 §8.8.3.3).
    tag: String,
    bytes: Kept,
}

/// The bytes are kept once, compressed if that makes them fewer.
enum Kept {
    Plain(Bytes),
    Packed { brotli: Option<Bytes>, gzip: Bytes },
}

fn tag_of(text: &str) -> String {
    format!("\"{}\"", &audit::hex(&secret::token_hash(text))[..32])
}

impl Ready {
    /// A file that is embedded.
    pub(crate) fn of_asset(asset: &Asset, cache: &'static str) -> Self {
        let bytes = match asset.content {
            Content::Plain(bytes) => Kept::Plain(Bytes::from_static(bytes)),
            Content::Packed { brotli, gzip } => Kept::Packed {
                brotli: Some(Bytes::from_static(brotli)),
                gzip: Bytes::from_static(gzip),
            },
        };
        Self {
            content_type: asset.content_type,
            cache,
            tag: asset.etag.to_owned(),
            bytes,
        }
    }

    /// A text that this server has made.
    pub(crate) fn of_text(content_type: &'static str, cache: &'static str, text: &str) -> anyhow::Result<Self> {
        let mut gzip = GzEncoder::new(vec![], Compression::best());
        gzip.write_all(text.as_bytes())?;
        Ok(Self {
            content_type,
            cache,
            tag: tag_of(text),
            bytes: Kept::Packed {
                brotli: None,
                gzip: gzip.finish()?.into(),
            },
        })
    }

    /// A text that this server has made and that is too short to be worth compressing.
    pub(crate) fn of_short_text(content_type: &'static str, cache: &'static str, text: String) -> Self {
        Self {
            content_type,
            cache,
            tag: tag_of(&text),
            bytes: Kept::Plain(text.into()),
        }
    }

    /// How many bytes are kept.
    pub(crate) fn weight(&self) -> usize {
        match &self.bytes {
            Kept::Plain(bytes) => bytes.len(),
            Kept::Packed { brotli, gzip } => brotli.as_ref().map_or(0, Bytes::len) + gzip.len(),
        }
    }

    /// The answer to a request with these headers: 304 if it has these bytes already.
    pub(crate) async fn answer(&self, request: &HeaderMap) -> Result<Response> {
        let (coding, bytes) = self.coding(request);
        let mut tag = self.tag.clone();
        if coding != "identity" {
            tag.insert_str(tag.len() - 1, &format!("-{coding}"));
        }
        let is_known = headers::if_none_match(request, &tag);
        let body = match bytes {
            _ if is_known => Body::empty(),
            Some(bytes) => bytes.clone().into(),
            None => self.plain().await?.into(),
        };
        let mut response = http::bytes(self.content_type, self.cache, body);
        let answer = response.headers_mut();
        if coding != "identity" {
            answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        answer.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            answer.insert(header::ETAG, tag);
        }
        if is_known {
            response.set_status(StatusCode::NOT_MODIFIED);
        }
        Ok(response)
    }

    /// The coding of an answer to a request with these headers, and its bytes; no bytes in no coding.
    fn coding(&self, request: &HeaderMap) -> (&'static str, Option<&Bytes>) {
        let Kept::Packed { brotli, gzip } = &self.bytes else {
            return ("identity", None);
        };
        let coded = [("br", brotli.as_ref()), ("gzip", Some(gzip))];
        let coded = coded.into_iter().filter(|(_, bytes)| bytes.is_some());
        let offers: Vec<_> = coded
            .chain([("identity", None)])
            .map(|offer| (offer.0, offer))
            .collect();
        let accepted = headers::list(request, header::ACCEPT_ENCODING);
        headers::negotiate(&accepted, &offers, Tie::Server).unwrap_or(("identity", None))
    }

    /// The bytes in no coding.
    async fn plain(&self) -> anyhow::Result<Bytes> {
        let gzip = match &self.bytes {
            Kept::Plain(bytes) => return Ok(bytes.clone()),
            Kept::Packed { gzip, .. } => gzip.clone(),
        };
        let unpack = move || {
            let mut plain = vec![];
            GzDecoder::new(&*gzip).read_to_end(&mut plain)?;
            Ok(plain.into())
        };
        // Some milliseconds of work, which others do not wait for.
        tokio::task::spawn_blocking(unpack).await?
    }
}
