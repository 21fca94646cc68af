//! Parts of a file that are asked for (RFC 9110 §14), and the name that it is kept under (RFC 6266).

use super::{
    error::{Error, Result},
    headers,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use poem::{
    IntoResponse, Response, ResponseBuilder,
    http::{HeaderMap, StatusCode, header},
};
use poem_openapi::{
    ApiResponse,
    registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
};
use std::{fmt::Write, ops::Range};

/// Types that files are mostly of.
const KINDS: [&str; 9] = [
    "image/png",
    "image/jpeg",
    "image/webp",
    "image/gif",
    "application/pdf",
    "application/zip",
    "application/octet-stream",
    "text/plain",
    "text/csv",
];

/// A file, or a part of it, of whatever type it is.
pub struct FileAnswer(pub Response);

impl IntoResponse for FileAnswer {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for FileAnswer {
    fn meta() -> MetaResponses {
        let answer = |status, description| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content: KINDS.map(content).into(),
            headers: vec![tag()],
        };
        MetaResponses {
            responses: vec![
                answer(200, "The file, of whichever type it is."),
                answer(206, "The part that `Range` asks for."),
            ],
        }
    }

    fn register(_: &mut Registry) {}
}

fn content(content_type: &'static str) -> MetaMediaType {
    MetaMediaType {
        content_type,
        schema: MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "binary"))),
    }
}

fn tag() -> MetaHeader {
    MetaHeader {
        name: "ETag".to_owned(),
        description: Some(
            "The hash of the content; for `If-Range`, and for `If-None-Match` of this address.".to_owned(),
        ),
        required: true,
        deprecated: false,
        schema: MetaSchemaRef::Inline(Box::new(MetaSchema::new("string"))),
    }
}

/// What a request asks for of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All of it.
    Whole,
    /// These bytes.
    Part(Range<u64>),
    /// Bytes that it does not have.
    Nothing,
}

impl Wanted {
    /// What a request asks for of a file of this length and tag.
    ///
    /// One range is answered, several are not: the whole is no worse, and nobody can ask for a thousand.
    #[must_use]
    pub fn of(headers: &HeaderMap, length: u64, tag: &str) -> Self {
        let Some(asked) = headers::text(headers, header::RANGE) else {
            return Self::Whole;
        };
        // A date is of no use: what a tag stands for never changes (RFC 9110 §13.1.5).
        if headers::text(headers, header::IF_RANGE).is_some_and(|known| known != tag) {
            return Self::Whole;
        }
        read(asked, length).unwrap_or(Self::Whole)
    }
}

/// `None` if it is to be taken for nothing.
fn read(asked: &str, length: u64) -> Option<Wanted> {
    let (unit, set) = asked.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") || set.contains(',') {
        return None;
    }
    let (first, last) = set.trim().split_once('-')?;
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // More than fits is more than any file has.
        is_number.then(|| text.parse().unwrap_or(u64::MAX))
    };
    if first.is_empty() {
        let suffix = number(last)?;
        return Some(match suffix.min(length) {
            0 => Wanted::Nothing,
            suffix => Wanted::Part(length - suffix..length),
        });
    }
    let first = number(first)?;
    let last = match last {
        "" => u64::MAX,
        last => number(last)?,
    };
    if last < first {
        return None;
    }
    Some(match first < length {
        true => Wanted::Part(first..last.saturating_add(1).min(length)),
        false => Wanted::Nothing,
    })
}

/// What is answered of a file of this length and tag before its bytes, and which bytes these are.
///
/// # Errors
/// [`Error::OutOfRange`].
pub fn begin(headers: &HeaderMap, length: u64, tag: &str) -> Result<(ResponseBuilder, Range<u64>)> {
    // What the client has need not be sent in part, either (RFC 9110 §13.2.2).
    let wanted = match headers::if_none_match(headers, tag) {
        true => Wanted::Whole,
        false => Wanted::of(headers, length, tag),
    };
    let (status, range) = match wanted {
        Wanted::Whole => (StatusCode::OK, 0..length),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Wanted::Nothing => return Err(Error::OutOfRange(length)),
    };
    let head = Response::builder()
        .status(status)
        .header(header::ETAG, tag)
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::CONTENT_LENGTH, range.end - range.start);
    let head = match status {
        StatusCode::PARTIAL_CONTENT => {
            let said = format!("bytes {}-{}/{length}", range.start, range.end - 1);
            head.header(header::CONTENT_RANGE, said)
        }
        _ => head,
    };
    Ok((head, range))
}

/// Bytes of a name that need no coding (RFC 8187 §3.2.1).
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The value of `Content-Disposition` for a file of this name.
#[must_use]
pub fn disposition(is_inline: bool, name: &str) -> String {
    let mut value = String::from(if is_inline { "inline" } else { "attachment" });
    let is_plain = |c: char| (c.is_ascii_graphic() || c == ' ') && !matches!(c, '"' | '\\' | '%' | '/');
    let ascii: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    let _ = write!(value, "; filename=\"{ascii}\"");
    if ascii != name {
        let _ = write!(value, "; filename*=UTF-8''{}", utf8_percent_encode(name, PLAIN));
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem::http::HeaderValue;

    #[test]
    fn one_range_is_answered_and_what_is_none_is_taken_for_nothing() {
        for (asked, expected) in [
            ("bytes=0-0", Wanted::Part(0..1)),
            ("bytes=2-5", Wanted::Part(2..6)),
            ("Bytes = 2-5", Wanted::Part(2..6)),
            ("bytes=2-", Wanted::Part(2..10)),
            ("bytes=2-99999999999999999999999", Wanted::Part(2..10)),
            ("bytes=-3", Wanted::Part(7..10)),
            ("bytes=-30", Wanted::Part(0..10)),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=10-", Wanted::Nothing),
            ("bytes=99999999999999999999999-", Wanted::Nothing),
            ("bytes=5-2", Wanted::Whole),
            ("bytes=0-1,3-4", Wanted::Whole),
            ("bytes=a-b", Wanted::Whole),
            ("bytes=+1-2", Wanted::Whole),
            ("bytes=-", Wanted::Whole),
            ("bytes", Wanted::Whole),
            ("lines=0-1", Wanted::Whole),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("range", HeaderValue::from_static(asked));
            assert_eq!(Wanted::of(&headers, 10, "\"a\""), expected, "{asked}");
        }
    }

    #[test]
    fn a_range_of_something_else_is_the_whole() {
        let mut headers = HeaderMap::new();
        headers.insert("range", HeaderValue::from_static("bytes=0-0"));
        for (known, expected) in [
            ("\"a\"", Wanted::Part(0..1)),
            ("\"b\"", Wanted::Whole),
            ("W/\"a\"", Wanted::Whole),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Wanted::Whole),
        ] {
            headers.insert("if-range", HeaderValue::from_static(known));
            assert_eq!(Wanted::of(&headers, 10, "\"a\""), expected, "{known}");
        }
    }

    #[test]
    fn a_name_cannot_leave_its_header() {
        assert_eq!(disposition(true, "a b.png"), "inline; filename=\"a b.png\"");
        assert_eq!(
            disposition(false, "ä\"\r\n;x.txt"),
            "attachment; filename=\"____;x.txt\"; filename*=UTF-8''%C3%A4%22%0D%0A%3Bx.txt"
        );
    }
}
