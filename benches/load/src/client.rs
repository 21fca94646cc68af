//! HTTP/1.1 with as little work as there can be: the requests are bytes that are ready, and of an answer only its status
//! and its body are looked at.

use anyhow::{Context, bail};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A connection that is kept.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
    body: Vec<u8>,
}

/// How an answer says where its body ends.
enum Length {
    Bytes(usize),
    Chunks,
}

struct Head {
    status: u16,
    end: usize,
    length: Length,
    cookie: Option<String>,
    location: Option<String>,
}

impl Connection {
    pub(crate) async fn open(address: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: vec![0; 1 << 14],
            filled: 0,
            body: vec![],
        })
    }

    /// Sends a request and reads its answer: the status. The body is in [`Self::body`].
    pub(crate) async fn send(&mut self, request: &[u8]) -> anyhow::Result<u16> {
        Ok(self.exchange(request).await?.status)
    }

    /// The body of the last answer.
    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }

    /// Sends a request that must succeed, and reads the JSON of its answer.
    pub(crate) async fn json(&mut self, request: &[u8]) -> anyhow::Result<Value> {
        Ok(self.succeed(request).await?.0)
    }

    /// Sends a request that must succeed, and reads the cookie of its answer as it is sent back.
    pub(crate) async fn cookie(&mut self, request: &[u8]) -> anyhow::Result<String> {
        self.succeed(request).await?.1.context("an answer without a cookie")
    }

    /// Sends a request that is answered with another address, and returns that.
    pub(crate) async fn location(&mut self, request: &[u8]) -> anyhow::Result<String> {
        let head = self.exchange(request).await?;
        let status = head.status;
        head.location.with_context(|| format!("{status} without an address"))
    }

    async fn succeed(&mut self, request: &[u8]) -> anyhow::Result<(Value, Option<String>)> {
        let head = self.exchange(request).await?;
        if head.status != 200 {
            let line = request.split(|byte| *byte == b'\r').next().unwrap_or_default();
            let (line, body) = (String::from_utf8_lossy(line), String::from_utf8_lossy(&self.body));
            bail!("{line}: {} {body}", head.status);
        }
        Ok((serde_json::from_slice(&self.body)?, head.cookie))
    }

    async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<Head> {
        self.stream.write_all(request).await?;
        self.filled = 0;
        let head = loop {
            self.fill().await?;
            if let Some(head) = head(&self.buffer[..self.filled])? {
                break head;
            }
        };
        self.body.clear();
        match head.length {
            Length::Bytes(length) => {
                while self.filled < head.end + length {
                    self.fill().await?;
                }
                self.body.extend_from_slice(&self.buffer[head.end..head.end + length]);
            }
            Length::Chunks => {
                let mut at = head.end;
                while let Some(next) = self.chunk(at).await? {
                    at = next;
                }
            }
        }
        Ok(head)
    }

    /// Takes the chunk that begins here; none after the last.
    async fn chunk(&mut self, at: usize) -> anyhow::Result<Option<usize>> {
        let (begin, length) = loop {
            if let Some(end) = find(&self.buffer[at..self.filled], b"\r\n") {
                let size = std::str::from_utf8(&self.buffer[at..at + end])?;
                let size = size.split(';').next().unwrap_or_default();
                break (at + end + 2, usize::from_str_radix(size.trim(), 16)?);
            }
            self.fill().await?;
        };
        while self.filled < begin + length + 2 {
            self.fill().await?;
        }
        self.body.extend_from_slice(&self.buffer[begin..begin + length]);
        Ok((length > 0).then_some(begin + length + 2))
    }

    async fn fill(&mut self) -> anyhow::Result<()> {
        if self.filled == self.buffer.len() {
            self.buffer.resize(self.filled * 2, 0);
        }
        let read = self.stream.read(&mut self.buffer[self.filled..]).await?;
        anyhow::ensure!(read > 0, "the server closed the connection");
        self.filled += read;
        Ok(())
    }
}

/// The head of an answer, once it is there.
fn head(bytes: &[u8]) -> anyhow::Result<Option<Head>> {
    let Some(end) = find(bytes, b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = std::str::from_utf8(&bytes[..end])?;
    let mut lines = text.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    let mut head = Head {
        status: status.context("not an answer of HTTP")?.parse()?,
        end: end + 4,
        length: Length::Bytes(0),
        cookie: None,
        location: None,
    };
    for line in lines {
        let (name, value) = line.split_once(':').context("a header without a colon")?;
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            head.length = Length::Bytes(value.parse()?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            head.length = Length::Chunks;
        } else if name.eq_ignore_ascii_case("set-cookie") && head.cookie.is_none() {
            head.cookie = value.split(';').next().map(str::to_owned);
        } else if name.eq_ignore_ascii_case("location") {
            head.location = Some(value.to_owned());
        }
    }
    Ok(Some(head))
}

/// Where these bytes first are.
pub(crate) fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// The bytes of a request.
pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Vec<u8> {
    let body = body.map(Value::to_string).unwrap_or_default();
    bytes(method, path, headers, "application/json", &body)
}

/// The bytes of a request with a form, which is encoded already.
pub(crate) fn post_form(path: &str, headers: &[(&str, &str)], form: &str) -> Vec<u8> {
    bytes("POST", path, headers, "application/x-www-form-urlencoded", form)
}

fn bytes(method: &str, path: &str, headers: &[(&str, &str)], kind: &str, body: &str) -> Vec<u8> {
    let headers: String = headers
        .iter()
        .flat_map(|(name, value)| [name, ": ", value, "\r\n"])
        .collect();
    let about_it = match method {
        "GET" => String::new(),
        _ => format!("content-type: {kind}\r\ncontent-length: {}\r\n", body.len()),
    };
    format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n{headers}{about_it}\r\n{body}").into_bytes()
}
