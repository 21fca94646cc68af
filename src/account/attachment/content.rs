//! A file on its way out.

use crate::{
    attachment::Attachment,
    content::Content,
    context::RequestContext,
    kit::{
        blob::Key,
        download::{self, disposition},
        error::Result,
        headers::if_none_match,
        picture,
    },
    server::Server,
};
use bytes::{Bytes, BytesMut};
use futures_util::{TryStreamExt, future::BoxFuture};
use poem::{
    Body, Response, ResponseBuilder,
    http::{HeaderMap, header},
};
use poem_openapi::Enum;
use std::ops::Range;

/// How large a picture is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Size {
    /// Up to 400 pixels a side.
    S,
    /// Up to 800 pixels a side.
    M,
    /// Up to 1200 pixels a side.
    L,
}

impl Size {
    /// All of them, with what they are called.
    pub const ALL: [(&str, Self); 3] = [("S", Self::S), ("M", Self::M), ("L", Self::L)];

    fn side(self) -> u32 {
        match self {
            Self::S => 400,
            Self::M => 800,
            Self::L => 1200,
        }
    }
}

/// What is answered of a file.
struct Shown {
    kind: String,
    tag: String,
    length: u64,
    is_picture: bool,
}

/// The content of a file, smaller if that is wanted and it is a picture; the part that the request asks for.
///
/// # Errors
/// [`crate::kit::error::Error::OutOfRange`], [`crate::kit::error::Code::FilesUnavailable`].
pub fn serve<'a>(
    context: &'a RequestContext,
    server: &'a Server,
    file: &'a Attachment,
    asked: (Option<Size>, HeaderMap),
) -> BoxFuture<'a, Result<Response>> {
    Box::pin(content(context, server, file, asked))
}

async fn content(
    context: &RequestContext,
    server: &Server,
    file: &Attachment,
    (size, headers): (Option<Size>, HeaderMap),
) -> Result<Response> {
    let content = file.content();
    let smaller = size.filter(|size| content.pixels.is_some_and(|(w, h)| w.max(h) > size.side()));
    let Some(size) = smaller else {
        let shown = Shown {
            tag: format!("\"{}\"", content.sha256),
            length: content.size,
            is_picture: content.pixels.is_some(),
            kind: content.media_type.clone(),
        };
        let (head, range) = shown.head(file, &headers)?;
        // Nothing of it is sent.
        if if_none_match(&headers, &shown.tag) {
            return Ok(head.body(Body::empty()));
        }
        let key = Key::of_content(context.tenant.id, &content.sha256);
        let read = server.files.get(&key, range).await?;
        return Ok(head.body(Body::from_bytes_stream(read)));
    };
    let (bytes, kind) = thumbnail(context, server, &content, size.side()).await?;
    let shown = Shown {
        tag: format!("\"{}-{}\"", content.sha256, size.side()),
        length: bytes.len() as u64,
        is_picture: true,
        kind: kind.to_owned(),
    };
    let (head, range) = shown.head(file, &headers)?;
    let part = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    Ok(head.body(bytes.slice(part(range.start)..part(range.end))))
}

/// A picture of at most so many pixels a side, and its type.
async fn thumbnail(
    context: &RequestContext,
    server: &Server,
    content: &Content,
    side: u32,
) -> Result<(Bytes, &'static str)> {
    let place = (context.tenant.id, content.sha256.clone(), side);
    if let Some(kept) = server.thumbnails.get(&place) {
        return Ok(kept);
    }
    let key = Key::of_content(context.tenant.id, &content.sha256);
    let whole = server.files.get(&key, 0..content.size).await?;
    let whole: BytesMut = whole.try_collect().await.map_err(anyhow::Error::from)?;
    let drawn = picture::in_turn(move || picture::redraw(&whole, side)).await?;
    let drawn = drawn.map_err(|why| anyhow::anyhow!("a picture that was drawn {why}"))?;
    let made = (Bytes::from(drawn.bytes), drawn.kind);
    server.thumbnails.keep(place, made.clone());
    Ok(made)
}

impl Shown {
    /// What is answered before the bytes of this range.
    fn head(&self, file: &Attachment, headers: &HeaderMap) -> Result<(ResponseBuilder, Range<u64>)> {
        let (head, range) = download::begin(headers, self.length, &self.tag)?;
        let (cache, policy) = match file.is_public() {
            true => ("public, max-age=31536000, immutable", "cross-origin"),
            false => ("no-store", "same-site"),
        };
        let kind = match self.kind.starts_with("text/") {
            true => format!("{}; charset=utf-8", self.kind),
            false => self.kind.clone(),
        };
        let head = head
            .header(header::CONTENT_TYPE, kind)
            .header(header::CACHE_CONTROL, cache)
            .header("cross-origin-resource-policy", policy)
            // A browser that opens it runs nothing of it.
            .header(header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox")
            .header(
                header::CONTENT_DISPOSITION,
                disposition(self.is_picture, file.display_name()),
            );
        Ok((head, range))
    }
}
