//! The media types of gRPC, and how each frames a message.

use poem::{Request, http::HeaderValue};

/// A media type.
#[derive(Debug)]
pub(super) struct Media {
    name: &'static str,
    /// Trailers come as a frame of the body, so that it needs neither HTTP/2 nor a client that sees them.
    pub(super) is_web: bool,
    /// In base64.
    pub(super) is_text: bool,
}

const fn media(name: &'static str, is_web: bool, is_text: bool) -> Media {
    Media { name, is_web, is_text }
}

static ALL: &[Media] = &[
    media("application/grpc", false, false),
    media("application/grpc+proto", false, false),
    media("application/grpc-web", true, false),
    media("application/grpc-web+proto", true, false),
    media("application/grpc-web-text", true, true),
    media("application/grpc-web-text+proto", true, true),
];

/// Whether a request says to be of gRPC, in whatever format its messages are.
pub(super) fn is_of_grpc(request: &Request) -> bool {
    let shortest = ALL[0].name;
    let kind = request.content_type().and_then(|kind| kind.get(..shortest.len()));
    kind.is_some_and(|kind| kind.eq_ignore_ascii_case(shortest))
}

impl Media {
    /// That of a request.
    pub(super) fn of(request: &Request) -> Option<&'static Self> {
        let kind = request.content_type().unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        ALL.iter().find(|known| kind.eq_ignore_ascii_case(known.name))
    }

    /// The type of its answers.
    pub(super) fn content_type(&self) -> HeaderValue {
        HeaderValue::from_static(self.name)
    }
}
