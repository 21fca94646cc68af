//! One uploaded file, as browsers send it with a form.

use super::{
    error::{Code, Error, Result},
    http::receive,
};
use poem::{
    FromRequest, Request, RequestBody,
    web::{Field, Multipart},
};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry},
};

/// The largest file, in bytes.
pub const FILE_LIMIT: usize = 2 << 20;

/// The largest body: the file, and what browsers wrap it in.
const BODY_LIMIT: usize = FILE_LIMIT + (64 << 10);

/// The parts that a form may have.
pub(super) const MAX_PARTS: usize = 10;
pub(super) const KIND: &str = "multipart/form-data";

/// The part `file` of a form.
#[derive(Debug)]
pub struct Upload {
    /// The content of the file: 1 to [`FILE_LIMIT`] bytes.
    pub bytes: Vec<u8>,
    /// The media type that the sender names, without parameters.
    pub content_type: Option<String>,
    /// The name that the sender gives it, without folders and control characters, cut to 255 characters.
    pub file_name: String,
}

impl<'a> ApiExtractor<'a> for Upload {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(_: &mut Registry) {}

    fn request_meta() -> Option<MetaRequest> {
        Some(form_meta(vec!["file"], &[]))
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(read(request, body).await?)
    }
}

/// What the documents say of a form with a file and these texts.
pub(super) fn form_meta(required: Vec<&'static str>, texts: &[&'static str]) -> MetaRequest {
    let inline = |schema| MetaSchemaRef::Inline(Box::new(schema));
    let mut properties = vec![("file", inline(MetaSchema::new_with_format("string", "binary")))];
    properties.extend(texts.iter().map(|name| (*name, inline(MetaSchema::new("string")))));
    let form = MetaSchema {
        required,
        properties,
        ..MetaSchema::new("object")
    };
    MetaRequest {
        description: None,
        content: vec![MetaMediaType {
            content_type: KIND,
            schema: inline(form),
        }],
        required: true,
    }
}

async fn read(request: &Request, body: &mut RequestBody) -> Result<Upload> {
    // Only a body that is whole is taken apart: trickled byte by byte it would be searched again
    // for every byte.
    let bytes = receive(request, body, &[KIND], BODY_LIMIT).await?;
    let absent = || match request.content_type() {
        Some(kind) if kind.to_ascii_lowercase().starts_with(KIND) => Code::Malformed,
        _ => Code::UnsupportedMediaType,
    };
    let bytes = bytes.ok_or_else(absent)?;
    let mut whole = RequestBody::new(bytes.into());
    let parts = <Multipart as FromRequest>::from_request(request, &mut whole).await;
    only_file(parts.map_err(|_| Error::from(Code::Malformed))?).await
}

/// The one part called `file`; others are let pass, for forms that have more fields.
async fn only_file(mut parts: Multipart) -> Result<Upload> {
    let mut found = None;
    let mut count = 0;
    while let Some(part) = parts.next_field().await.map_err(|_| Error::from(Code::Malformed))? {
        count += 1;
        if count > MAX_PARTS {
            let detail = format!("must have at most {MAX_PARTS} parts");
            return Err(Error::field("", "length", detail));
        }
        if part.name() == Some("file") {
            let file = file(part).await?;
            if found.replace(file).is_some() {
                return Err(Error::field("file", "value", "may be sent only once"));
            }
        }
    }
    found.ok_or_else(|| Error::field("file", "required", "is required"))
}

async fn file(part: Field) -> Result<Upload> {
    let file_name = base_name(part.file_name().unwrap_or_default());
    let content_type = part.content_type().map(str::to_owned);
    let bytes = part.bytes().await.map_err(|_| Error::from(Code::Malformed))?;
    if bytes.len() > FILE_LIMIT {
        return Err(Code::TooLarge.into());
    }
    if file_name.is_empty() {
        return Err(Error::field("file", "required", "must be a file that has a name"));
    }
    if bytes.is_empty() {
        return Err(Error::field("file", "required", "must not be empty"));
    }
    Ok(Upload {
        bytes,
        content_type,
        file_name,
    })
}

/// The name of a file; some senders put the folders of their own disk before it.
pub(super) fn base_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name.chars().filter(|c| !c.is_control()).take(255).collect();
    name.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;
    use poem::http::header;
    use std::{io, task::Poll};

    const FORM: &str = "multipart/form-data; boundary=XX";

    fn part(head: &str, bytes: &[u8]) -> Vec<u8> {
        let head = format!("--XX\r\nContent-Disposition: form-data; {head}\r\n\r\n");
        [head.as_bytes(), bytes, b"\r\n"].concat()
    }

    fn file_part(bytes: &[u8]) -> Vec<u8> {
        part("name=\"file\"; filename=\"a.png\"\r\nContent-Type: image/png", bytes)
    }

    fn form(parts: &[Vec<u8>]) -> Vec<u8> {
        [parts.concat().as_slice(), b"--XX--\r\n"].concat()
    }

    async fn sent(kind: &str, body: poem::Body) -> Result<Upload> {
        let (request, mut body) = Request::builder().content_type(kind).body(body).split();
        read(&request, &mut body).await
    }

    async fn why(kind: &str, body: Vec<u8>) -> String {
        match sent(kind, body.into()).await {
            Err(Error::Invalid(fields)) => format!("{} {} {}", fields[0].field, fields[0].code, fields[0].detail),
            Err(error) => error.code().as_str().to_owned(),
            Ok(_) => "taken".to_owned(),
        }
    }

    #[tokio::test]
    async fn the_file_of_a_form_is_taken_and_its_other_fields_let_pass() {
        let body = form(&[part("name=\"policy\"", b"default"), file_part(b"\x89PNG\r\n--X\0")]);
        let upload = sent(FORM, body.into()).await.unwrap();
        assert_eq!(upload.bytes, b"\x89PNG\r\n--X\0");
        assert_eq!(upload.content_type.as_deref(), Some("image/png"));
        assert_eq!(upload.file_name, "a.png");

        let body = form(&[part("name=file; filename=\"C:\\me\\a\tb.png\"", b"x")]);
        let upload = sent("Multipart/Form-Data; boundary=\"XX\"", body.into()).await.unwrap();
        assert_eq!((upload.file_name.as_str(), upload.content_type), ("ab.png", None));
    }

    #[tokio::test]
    async fn a_form_without_one_named_file_is_refused_with_a_reason() {
        let file = file_part(b"x");
        for (parts, expected) in [
            (vec![], "file required is required"),
            (
                vec![part("name=\"other\"; filename=\"a\"", b"x")],
                "file required is required",
            ),
            (
                vec![part("name=\"file\"", b"x")],
                "file required must be a file that has a name",
            ),
            (
                vec![part("name=\"file\"; filename=\"\"", b"")],
                "file required must be a file that has a name",
            ),
            (vec![file_part(b"")], "file required must not be empty"),
            (vec![file.clone(), file.clone()], "file value may be sent only once"),
            (vec![part("name=\"a\"", b"x"); 11], " length must have at most 10 parts"),
            (vec![file_part(&vec![0; FILE_LIMIT + 1])], "too_large"),
            (vec![file_part(&vec![0; FILE_LIMIT])], "taken"),
        ] {
            assert_eq!(why(FORM, form(&parts)).await, expected);
        }
    }

    #[tokio::test]
    async fn what_is_not_a_form_is_refused() {
        let good = form(&[file_part(b"x")]);
        for kind in ["application/json", "multipart/mixed; boundary=XX", "", "text/plain"] {
            assert_eq!(why(kind, good.clone()).await, "unsupported_media_type", "{kind}");
        }
        assert_eq!(why("multipart/form-data", good.clone()).await, "malformed");
        let cut = good.len() - 8;
        for broken in [&b""[..], b"garbage", &good[..cut], &good[..60], b"--XX\r\n\r\n"] {
            assert_eq!(why(FORM, broken.to_vec()).await, "malformed");
        }
    }

    #[tokio::test]
    async fn a_body_without_end_is_cut_while_it_is_read() {
        let endless = stream::repeat_with(|| Ok::<_, io::Error>(vec![0_u8; 4096]));
        let error = sent(FORM, poem::Body::from_bytes_stream(endless)).await.unwrap_err();
        assert_eq!(error.code(), Code::TooLarge);

        let mut pieces = form(&[file_part(b"abc")]).into_iter();
        let trickle = stream::poll_fn(move |_| Poll::Ready(pieces.next().map(|b| Ok::<_, io::Error>(vec![b]))));
        let upload = sent(FORM, poem::Body::from_bytes_stream(trickle)).await.unwrap();
        assert_eq!(upload.bytes, b"abc");
    }

    #[tokio::test]
    async fn an_announced_length_over_the_limit_is_refused_before_a_byte_is_read() {
        let body = poem::Body::from_bytes_stream(stream::pending::<io::Result<Vec<u8>>>());
        let (request, mut body) = Request::builder()
            .content_type(FORM)
            .header(header::CONTENT_LENGTH, BODY_LIMIT + 1)
            .body(body)
            .split();
        assert_eq!(read(&request, &mut body).await.unwrap_err().code(), Code::TooLarge);
    }
}
