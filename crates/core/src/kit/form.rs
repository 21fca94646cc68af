//! A form with a file that may be long: it is read as it comes, and never whole.

use super::{
    error::{Code, Error, Result},
    upload::{KIND, MAX_PARTS, base_name, form_meta},
};
use futures_util::{Stream, StreamExt};
use hyper::body::Bytes;
use parking_lot::Mutex;
use poem::{
    Body, FromRequest, Request, RequestBody,
    web::{
        Field, Multipart,
        headers::{ContentLength, HeaderMapExt},
    },
};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaRequest, Registry},
};
use std::{io, pin::Pin, sync::Arc};
use tokio::io::{AsyncRead, AsyncReadExt};

/// What a form may have besides its file, in bytes.
pub const AROUND: u64 = 64 << 10;
/// Bytes that are taken apart at once: a body that comes byte by byte would be searched again for every byte.
const PIECE: usize = 16 << 10;

/// A form whose fields are read one after the other.
pub struct FileForm {
    parts: Multipart,
    gate: Arc<Mutex<Gate>>,
    seen: usize,
    /// The length of the body, if it says so.
    pub length: Option<u64>,
}

/// How much of the body may still come, and why it ended.
#[derive(Debug)]
struct Gate {
    come: u64,
    most: u64,
    fault: Option<Code>,
}

/// A field of the form.
pub enum Part {
    /// A short text, and its name.
    Text(String, String),
    /// The file.
    File(FilePart),
}

/// The file of a form.
pub struct FilePart {
    /// The name that the sender gives it, without folders and control characters, cut to 255 characters.
    pub name: String,
    /// The media type that the sender names, without parameters.
    pub content_type: Option<String>,
    content: Pin<Box<dyn AsyncRead + Send>>,
    gate: Arc<Mutex<Gate>>,
}

impl<'a> ApiExtractor<'a> for FileForm {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(_: &mut Registry) {}

    fn request_meta() -> Option<MetaRequest> {
        Some(form_meta(vec![], &["policyName", "groupName", "url", "filename"]))
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(begin(request, body).await?)
    }
}

/// The same form with the fields of a restore.
pub struct BackupForm(pub FileForm);

impl<'a> ApiExtractor<'a> for BackupForm {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(_: &mut Registry) {}

    fn request_meta() -> Option<MetaRequest> {
        let texts = [
            "downloadUrl",
            "backupName",
            "filename",
            "dryRun",
            "keepSessions",
            "trustSigner",
        ];
        Some(form_meta(vec![], &texts))
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(Self(begin(request, body).await?))
    }
}

/// The same form with the fields of an import of users.
pub struct UserImportForm(pub FileForm);

impl<'a> ApiExtractor<'a> for UserImportForm {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(_: &mut Registry) {}

    fn request_meta() -> Option<MetaRequest> {
        Some(form_meta(vec!["file"], &["format", "dryRun", "hashConfig"]))
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(Self(begin(request, body).await?))
    }
}

async fn begin(request: &Request, body: &mut RequestBody) -> Result<FileForm> {
    let kind = request.content_type().unwrap_or_default();
    let is_form = kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .eq_ignore_ascii_case(KIND);
    if !is_form {
        return Err(Code::UnsupportedMediaType.into());
    }
    let gate = Arc::new(Mutex::new(Gate {
        come: 0,
        most: AROUND,
        fault: None,
    }));
    let body = body.take().map_err(|_| Error::from(Code::BadRequest))?;
    let pieces = gathered(body.into_bytes_stream().boxed(), gate.clone());
    let mut watched = RequestBody::new(Body::from_bytes_stream(pieces));
    let parts = <Multipart as FromRequest>::from_request(request, &mut watched).await;
    let length = request.headers().typed_get::<ContentLength>();
    Ok(FileForm {
        parts: parts.map_err(|_| Error::from(Code::Malformed))?,
        gate,
        seen: 0,
        length: length.map(|ContentLength(length)| length),
    })
}

/// The body in pieces of one size, as far as it may come.
///
/// The one that takes it apart keeps all that it can get. So it gets a piece at a time: nothing of a file is in memory
/// before somebody asks for it.
fn gathered<S>(body: S, gate: Arc<Mutex<Gate>>) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static
where
    S: Stream<Item = io::Result<Bytes>> + Send + Unpin + 'static,
{
    let begun = Gathering {
        body,
        ahead: Vec::new(),
        is_over: false,
    };
    futures_util::stream::unfold(begun, move |mut state| {
        let gate = gate.clone();
        async move {
            tokio::task::yield_now().await;
            while !state.is_over && state.ahead.len() < PIECE {
                match state.body.next().await {
                    Some(Ok(bytes)) => state.ahead.extend_from_slice(&bytes),
                    Some(Err(error)) => {
                        gate.lock().fault = Some(match error.kind() {
                            io::ErrorKind::TimedOut => Code::RequestTimeout,
                            _ => Code::BadRequest,
                        });
                        state.is_over = true;
                        return Some((Err(error), state));
                    }
                    None => state.is_over = true,
                }
            }
            let rest = state.ahead.split_off(state.ahead.len().min(PIECE));
            let piece = std::mem::replace(&mut state.ahead, rest);
            if piece.is_empty() {
                return None;
            }
            if let Err(error) = gate.lock().pass(piece.len()) {
                (state.is_over, state.ahead) = (true, Vec::new());
                return Some((Err(error), state));
            }
            Some((Ok(piece.into()), state))
        }
    })
}

/// A body that is gathered, and what came of it and was not passed on yet.
struct Gathering<S> {
    body: S,
    ahead: Vec<u8>,
    is_over: bool,
}

impl Gate {
    fn pass(&mut self, bytes: usize) -> io::Result<()> {
        self.come += bytes as u64;
        if self.come > self.most {
            self.fault = Some(Code::TooLarge);
            return Err(io::Error::other("more than may come"));
        }
        Ok(())
    }

    /// Why the form could not be read.
    fn why(&self) -> Error {
        self.fault.unwrap_or(Code::Malformed).into()
    }
}

impl FileForm {
    /// The next field; the one before has to be read to its end.
    ///
    /// # Errors
    /// [`Code::Malformed`], [`Code::TooLarge`], [`Code::RequestTimeout`], [`Code::BadRequest`], [`Error::Invalid`].
    pub async fn next(&mut self) -> Result<Option<Part>> {
        loop {
            let found = self.parts.next_field().await;
            let Some(field) = found.map_err(|_| self.gate.lock().why())? else {
                return Ok(None);
            };
            self.seen += 1;
            if self.seen > MAX_PARTS {
                let detail = format!("must have at most {MAX_PARTS} parts");
                return Err(Error::field("", "length", detail));
            }
            match field.name() {
                Some("file") => return Ok(Some(Part::File(self.file(field)))),
                Some(name) => {
                    let name = name.to_owned();
                    let text = field.text().await.map_err(|_| self.gate.lock().why())?;
                    return Ok(Some(Part::Text(name, text)));
                }
                None => drop(field.bytes().await.map_err(|_| self.gate.lock().why())?),
            }
        }
    }

    fn file(&self, field: Field) -> FilePart {
        FilePart {
            name: base_name(field.file_name().unwrap_or_default()),
            content_type: field.content_type().map(str::to_owned),
            content: Box::pin(field.into_async_read()),
            gate: self.gate.clone(),
        }
    }

    /// Whether the body says that it has more than a file of so many bytes.
    #[must_use]
    pub fn says_more_than(&self, most: u64) -> bool {
        self.length.is_some_and(|length| length > most + AROUND)
    }
}

impl FilePart {
    /// Lets so many bytes come.
    pub fn admit(&self, most: u64) {
        let mut gate = self.gate.lock();
        gate.most = gate.come + most + AROUND;
    }

    /// The next bytes of the file, `most` unless it ends before.
    ///
    /// # Errors
    /// Those of [`FileForm::next`].
    pub async fn read(&mut self, most: usize) -> Result<Vec<u8>> {
        let mut piece = Vec::new();
        let mut part = (&mut self.content).take(most as u64);
        let read = part.read_to_end(&mut piece).await;
        read.map_err(|_| self.gate.lock().why())?;
        Ok(piece)
    }
}
