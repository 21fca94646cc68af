//! Messages in frames: a flag, a length and the bytes; in gRPC-Web also the trailers, and all of it may be base64.

use super::{Messages, media::Media, status};
use crate::kit::{
    error::{Code, Error, Result},
    headers, http,
};
use base64::{Engine, prelude::BASE64_STANDARD as BASE64};
use bytes::Bytes;
use flate2::bufread::GzDecoder;
use futures_util::{
    FutureExt, StreamExt,
    stream::{self, BoxStream},
};
use poem::{
    Body, Response,
    http::{HeaderMap, header},
};
use std::{
    future::ready,
    io::{self, Read},
    sync::{Arc, OnceLock},
};

/// The largest message, in a frame and out of it.
const LARGEST: usize = http::BODY_LIMIT;
/// A flag and a length.
const HEAD: usize = 5;
/// The flags of a frame.
const PLAIN: u8 = 0;
const COMPRESSED: u8 = 1;
const TRAILERS: u8 = 0x80;

/// The messages of a call as they come, each in a frame.
pub(super) struct Incoming {
    is_text: bool,
    encoding: Option<String>,
    chunks: BoxStream<'static, io::Result<Bytes>>,
    text: Text,
    /// What has come of the next frames.
    bytes: Vec<u8>,
}

impl Incoming {
    pub(super) fn of(media: &Media, headers: &HeaderMap, body: Body) -> Self {
        Self {
            is_text: media.is_text,
            encoding: headers::text(headers, "grpc-encoding").map(str::to_owned),
            chunks: body.into_bytes_stream().boxed(),
            text: Text::default(),
            bytes: vec![],
        }
    }

    /// The only message.
    pub(super) async fn only(mut self) -> Result<Vec<u8>> {
        let message = self.next().await?.ok_or(Code::Malformed)?;
        while self.bytes.is_empty() {
            if !self.read().await? {
                return Ok(message);
            }
        }
        Err(Code::Malformed.into())
    }

    /// The next message; none if the client has said all.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        loop {
            if let Some((flag, message)) = take(&mut self.bytes)? {
                return self.inflated(flag, message).map(Some);
            }
            if !self.read().await? {
                return match self.bytes.is_empty() {
                    true => Ok(None),
                    false => Err(Code::Malformed.into()),
                };
            }
        }
    }

    /// Reads on, and answers whether the client had not said all.
    async fn read(&mut self) -> Result<bool> {
        let Some(chunk) = self.chunks.next().await else {
            self.text.end()?;
            return Ok(false);
        };
        let chunk = chunk.map_err(|error| match error.kind() {
            io::ErrorKind::TimedOut => Code::RequestTimeout,
            _ => Code::BadRequest,
        })?;
        match self.is_text {
            true => self.bytes.extend(self.text.decode(&chunk)?),
            false => self.bytes.extend_from_slice(&chunk),
        }
        Ok(true)
    }

    fn inflated(&self, flag: u8, message: Vec<u8>) -> Result<Vec<u8>> {
        match (flag, self.encoding.as_deref()) {
            (PLAIN, _) => Ok(message),
            (_, Some("gzip")) => inflate(&message),
            (_, None | Some("identity")) => Err(Code::Malformed.into()),
            (_, Some(_)) => Err(Code::NotYet.into()),
        }
    }
}

/// Takes a frame that has come whole. One that is too long is refused by what it says of itself.
fn take(bytes: &mut Vec<u8>) -> Result<Option<(u8, Vec<u8>)>> {
    let Some((head, rest)) = bytes.split_first_chunk::<HEAD>() else {
        return Ok(None);
    };
    let [flag, a, b, c, d] = *head;
    let length = u32::from_be_bytes([a, b, c, d]) as usize;
    match flag {
        PLAIN | COMPRESSED if length <= LARGEST => {}
        PLAIN | COMPRESSED => return Err(Code::TooLarge.into()),
        _ => return Err(Code::Malformed.into()),
    }
    let Some(message) = rest.get(..length).map(<[u8]>::to_vec) else {
        return Ok(None);
    };
    bytes.drain(..HEAD + length);
    Ok(Some((flag, message)))
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

/// The answer that has messages as they come, and then how the call ended.
pub(super) fn stream(media: &'static Media, messages: Messages) -> Response {
    let end = Arc::new(OnceLock::new());
    let noted = end.clone();
    let frames = messages
        .map(move |message| {
            let framed = message.and_then(|message| frame(PLAIN, &message));
            framed.map_err(|error| noted.set(status::ended(media, &error)))
        })
        .take_while(|framed| ready(framed.is_ok()))
        .filter_map(|framed| ready(framed.ok()));
    let end = async move { end.get().cloned().unwrap_or_else(status::ok) };
    let body = if media.is_web {
        let trailers = end.map(|end| frame(TRAILERS, &lines(&end)).unwrap_or_default());
        let frames = frames.chain(stream::once(trailers));
        // Each is base64 of its own.
        Body::from_bytes_stream(frames.map(|frame| match media.is_text {
            true => io::Result::Ok(BASE64.encode(frame).into_bytes()),
            false => Ok(frame),
        }))
    } else {
        http::streamed(frames.map(Bytes::from), end)
    };
    let answer = Response::builder()
        .header(header::CONTENT_TYPE, media.content_type())
        .header(status::ACCEPTS.0, status::ACCEPTS.1);
    answer.body(body)
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
    /// Numbers by chance, which is the same each time (xorshift).
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self, below: u64) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            usize::try_from(self.0 % below).unwrap()
        }

        fn bytes(&mut self, most: u64) -> Vec<u8> {
            let count = self.roll(most + 1);
            (0..count).map(|_| self.roll(256).to_le_bytes()[0]).collect()
        }

        /// A frame, or something like one.
        fn frame(&mut self) -> Vec<u8> {
            let message = self.bytes(40);
            let flag = [PLAIN, PLAIN, PLAIN, COMPRESSED, TRAILERS, 7][self.roll(6)];
            let mut bytes = frame(flag, &message).unwrap();
            match self.roll(8) {
                // A length that is not what follows.
                0 => bytes[1 + self.roll(4)] ^= 1 << self.roll(8),
                1 => bytes.truncate(self.roll(6)),
                2 => bytes.extend(self.bytes(3)),
                _ => {}
            }
            bytes
        }

        /// What a client sends, in pieces.
        fn pieces(&mut self, is_text: bool) -> Vec<io::Result<Bytes>> {
            let frames = self.roll(4);
            let mut bytes: Vec<u8> = (0..frames).flat_map(|_| self.frame()).collect();
            if is_text {
                bytes = BASE64.encode(bytes).into_bytes();
            }
            let mut pieces = vec![];
            while !bytes.is_empty() {
                let rest = bytes.split_off((1 + self.roll(30)).min(bytes.len()));
                pieces.push(Ok(std::mem::replace(&mut bytes, rest).into()));
            }
            pieces
        }
    }

    #[tokio::test]
    async fn whatever_comes_is_messages_or_refused_and_takes_no_more_room_than_it_has() {
        let (mut dice, mut messages, mut refused) = (Dice(20_261_130), 0, 0);
        for _ in 0..100_000 {
            let is_text = dice.roll(4) == 0;
            let pieces = dice.pieces(is_text);
            let size: usize = pieces.iter().flatten().map(Bytes::len).sum();
            let mut incoming = Incoming {
                is_text,
                encoding: [None, Some("gzip"), Some("br")][dice.roll(3)].map(str::to_owned),
                chunks: stream::iter(pieces).boxed(),
                text: Text::default(),
                bytes: vec![],
            };
            loop {
                match incoming.next().await {
                    Ok(Some(_)) => messages += 1,
                    Ok(None) => break,
                    Err(_) => {
                        refused += 1;
                        break;
                    }
                }
            }
            assert!(incoming.bytes.capacity() <= 2 * size + 64, "{size}");
        }
        assert!(messages > 30_000 && refused > 30_000, "{messages} {refused}");
    }
}
