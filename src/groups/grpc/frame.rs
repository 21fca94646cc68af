//! Messages in frames: a flag, a length and the bytes; in gRPC-Web also the trailers, and all of it may be base64.

use super::{media::Media, status};
use crate::kit::{
    error::{Code, Error, Result},
    headers, http,
};
use base64::{Engine, prelude::BASE64_STANDARD as BASE64};
use flate2::bufread::GzDecoder;
use futures_util::StreamExt;
use poem::{
    Body, Response,
    http::{HeaderMap, header},
};
use std::{
    io::{self, Read},
    pin::pin,
};

/// The largest message, in a frame and out of it.
const LARGEST: usize = http::BODY_LIMIT;
/// A flag and a length.
const HEAD: usize = 5;
/// The flags of a frame.
const PLAIN: u8 = 0;
const COMPRESSED: u8 = 1;
const TRAILERS: u8 = 0x80;

/// The message of a call: in exactly one frame.
pub(super) async fn receive(media: &Media, headers: &HeaderMap, body: Body) -> Result<Vec<u8>> {
    let mut text = Text::default();
    let mut frame = Frame::default();
    let mut chunks = pin!(body.into_bytes_stream());
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| match error.kind() {
            io::ErrorKind::TimedOut => Code::RequestTimeout,
            _ => Code::BadRequest,
        })?;
        match media.is_text {
            true => frame.push(&text.decode(&chunk)?)?,
            false => frame.push(&chunk)?,
        }
    }
    text.end()?;
    let (flag, message) = frame.end()?;
    match flag {
        PLAIN => Ok(message),
        _ => match headers::text(headers, "grpc-encoding") {
            Some("gzip") => inflate(&message),
            None | Some("identity") => Err(Code::Malformed.into()),
            Some(_) => Err(Code::NotYet.into()),
        },
    }
}

/// A frame that is coming.
#[derive(Default)]
struct Frame(Vec<u8>);

impl Frame {
    /// Takes no more than the frame may have: what is too long is refused by what it says of itself.
    fn push(&mut self, bytes: &[u8]) -> Result<()> {
        self.0.extend_from_slice(bytes);
        match self.head()? {
            Some((_, length)) if self.0.len() > HEAD + length => Err(Code::Malformed.into()),
            _ => Ok(()),
        }
    }

    fn head(&self) -> Result<Option<(u8, usize)>> {
        let Some((head, _)) = self.0.split_first_chunk::<HEAD>() else {
            return Ok(None);
        };
        let [flag, a, b, c, d] = *head;
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        match flag {
            PLAIN | COMPRESSED if length <= LARGEST => Ok(Some((flag, length))),
            PLAIN | COMPRESSED => Err(Code::TooLarge.into()),
            _ => Err(Code::Malformed.into()),
        }
    }

    fn end(mut self) -> Result<(u8, Vec<u8>)> {
        match self.head()? {
            Some((flag, length)) if self.0.len() == HEAD + length => {
                self.0.drain(..HEAD);
                Ok((flag, self.0))
            }
            _ => Err(Code::Malformed.into()),
        }
    }
}

/// Base64 that is coming: of the whole, or of pieces one after the other, of which each may have its padding.
#[derive(Default)]
struct Text(Vec<u8>);

impl Text {
    fn decode(&mut self, chunk: &[u8]) -> Result<Vec<u8>> {
        self.0.extend_from_slice(chunk);
        let rest = self.0.split_off(self.0.len() / 4 * 4);
        let text = std::mem::replace(&mut self.0, rest);
        let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
        for piece in text.chunks(4).collect::<Vec<_>>().chunk_by(|a, _| a[3] != b'=') {
            let piece = piece.concat();
            BASE64.decode_vec(piece, &mut bytes).map_err(|_| Code::Malformed)?;
        }
        Ok(bytes)
    }

    fn end(&self) -> Result<()> {
        match self.0.is_empty() {
            true => Ok(()),
            false => Err(Code::Malformed.into()),
        }
    }
}

/// What was compressed, as long as it is not too large: a few bytes may stand for very many.
fn inflate(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut message = vec![];
    let mut decoder = GzDecoder::new(bytes);
    let read = (&mut decoder).take(LARGEST as u64 + 1).read_to_end(&mut message);
    read.map_err(|_| Code::Malformed)?;
    if message.len() > LARGEST {
        return Err(Code::TooLarge.into());
    }
    match decoder.into_inner().is_empty() {
        true => Ok(message),
        false => Err(Code::Malformed.into()),
    }
}

fn frame(flag: u8, bytes: &[u8]) -> Result<Vec<u8>> {
    let length = u32::try_from(bytes.len()).map_err(anyhow::Error::from)?;
    Ok([&[flag], &length.to_be_bytes()[..], bytes].concat())
}

/// The answer whose body is a message, in frames of this type.
pub(super) async fn answer(media: &Media, mut answer: Response) -> Result<Response> {
    let message = answer.take_body().into_bytes().await;
    let message = message.map_err(|error| Error::Internal(error.into()))?;
    let bytes = frame(PLAIN, &message)?;
    let body = if media.is_web {
        let trailers = frame(TRAILERS, &lines(&status::ok()))?;
        let bytes = [bytes, trailers].concat();
        match media.is_text {
            true => BASE64.encode(bytes).into(),
            false => bytes.into(),
        }
    } else {
        http::with_trailers(bytes, status::ok())
    };
    answer.set_body(body);
    answer.headers_mut().insert(header::CONTENT_TYPE, media.content_type());
    answer.headers_mut().insert(status::ACCEPTS.0, status::ACCEPTS.1);
    Ok(answer)
}

/// Trailers as lines of HTTP/1.1.
fn lines(trailers: &HeaderMap) -> Vec<u8> {
    let lines = trailers.iter().flat_map(|(name, value)| {
        let name = name.as_str().as_bytes();
        [name, b": ", value.as_bytes(), b"\r\n"].concat()
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_may_be_cut_and_padded_at_every_border() {
        let bytes: Vec<u8> = (0..=40).collect();
        for border in 0..=bytes.len() {
            let (first, second) = bytes.split_at(border);
            let whole = [first, second].map(|piece| BASE64.encode(piece)).concat();
            for cut in 0..=whole.len() {
                let (mut text, mut read) = (Text::default(), vec![]);
                for chunk in [&whole[..cut], &whole[cut..]] {
                    read.extend(text.decode(chunk.as_bytes()).unwrap());
                }
                text.end().unwrap();
                assert_eq!(read, bytes, "{whole} cut at {cut}");
            }
        }
        for wrong in ["AAA", "A===", "AA=A", "AAAA AAAA", "====", "AAAA\r\n"] {
            let mut text = Text::default();
            let read = text.decode(wrong.as_bytes()).and_then(|_| text.end());
            assert!(read.is_err(), "{wrong:?}");
        }
    }
}
