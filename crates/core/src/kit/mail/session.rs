//! A connection to an SMTP relay (RFC 5321), step by step.
//!
//! Of what a relay says nothing is believed and little is kept: lines and replies have a bound before they are
//! read, and what came before TLS is no answer to what is asked within it (response injection, RFC 3207 §6).

use super::{
    step::{Cause, Reply, Step, Trace, Trouble},
    tls,
};
use crate::kit::outbound::Outbound;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;
use zeroize::Zeroizing;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a relay may take to answer.
const COMMAND: Duration = Duration::from_secs(10);
/// How long it may take to take a mail: as long as there is time.
const TAKING: Duration = Duration::from_mins(1);
/// The longest line of a reply; RFC 5321 §4.5.3.1.5 has 512 octets.
const LINE: usize = 2048;
/// The longest reply.
const REPLY: usize = 16 * 1024;

/// What encrypts the connection to a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Nothing.
    None,
    /// TLS where the relay has it.
    Opportunistic,
    /// TLS after `STARTTLS`.
    StartTls,
    /// TLS from the start.
    Tls,
}

/// A relay, and how to send by it.
#[derive(Clone)]
pub struct Target {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// What encrypts the connection.
    pub security: Security,
    /// User name and password.
    pub credentials: Option<(String, Zeroizing<String>)>,
    /// What the server calls itself.
    pub hello: String,
    /// What looks up the host of a tenant's relay, and keeps to its rules. The operator's own may be anywhere.
    pub gate: Option<Outbound>,
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// A connection to a relay that lets the server in.
pub(super) struct Session {
    stream: Option<Stream>,
    buffer: Vec<u8>,
    capabilities: Vec<String>,
    encrypted: bool,
}

/// What is shown beside the value of a step.
type Shown<T> = Result<(T, Option<String>), Cause>;

impl Session {
    /// Connects, and is let in.
    pub(super) async fn open(target: &Target, trace: &mut Trace) -> Result<Self, Trouble> {
        let addresses = trace.take(Step::Resolve, CONNECT, target.resolve()).await?;
        let connected = trace.take(Step::Connect, CONNECT, connect(&addresses)).await?;
        let mut session = Self {
            stream: Some(Stream::Plain(connected)),
            buffer: vec![],
            capabilities: vec![],
            encrypted: false,
        };
        if target.security == Security::Tls {
            session.encrypt(target, trace).await?;
        }
        trace.take(Step::Greeting, COMMAND, session.greeting()).await?;
        trace.take(Step::Ehlo, COMMAND, session.hello(&target.hello)).await?;
        let wants_tls = match target.security {
            Security::None | Security::Tls => false,
            Security::StartTls => true,
            Security::Opportunistic => session.can("STARTTLS"),
        };
        if wants_tls {
            trace.take(Step::StartTls, COMMAND, session.start_tls()).await?;
            session.encrypt(target, trace).await?;
            // What was said in the clear anybody may have said.
            trace.take(Step::Ehlo, COMMAND, session.hello(&target.hello)).await?;
        }
        if let Some((user, password)) = &target.credentials {
            trace.take(Step::Auth, COMMAND, session.auth(user, password)).await?;
        }
        Ok(session)
    }

    async fn encrypt(&mut self, target: &Target, trace: &mut Trace) -> Result<(), Trouble> {
        let begin = async {
            let Some(Stream::Plain(plain)) = self.stream.take() else {
                return Err(Cause::words("the connection is encrypted already"));
            };
            tls::begin(&target.host, plain).await
        };
        let stream = trace.take(Step::Certificate, COMMAND, begin).await?;
        self.stream = Some(Stream::Tls(Box::new(stream)));
        self.encrypted = true;
        Ok(())
    }

    /// Hands a mail over.
    pub(super) async fn send(
        &mut self,
        (from, to): (&str, &str),
        mail: &[u8],
        trace: &mut Trace,
    ) -> Result<Reply, Trouble> {
        trace.take(Step::Mail, COMMAND, self.mail(from, mail)).await?;
        let rcpt = self.expect(format!("RCPT TO:<{to}>"));
        trace.take(Step::Rcpt, COMMAND, rcpt).await?;
        let data = async {
            self.ask("DATA".to_owned(), 300).await?;
            self.write(&stuffed(mail)).await?;
            Ok(((), None))
        };
        trace.take(Step::Data, TAKING, data).await?;
        let dot = async {
            self.write(b".\r\n").await?;
            let reply = self.reply().await?;
            said(reply, 200)
        };
        trace.take(Step::Accepted, TAKING, dot).await
    }

    /// Whether the relay is still there.
    pub(super) async fn is_alive(&mut self) -> bool {
        let asked = self.expect("NOOP".to_owned());
        tokio::time::timeout(COMMAND, asked)
            .await
            .is_ok_and(|answered| answered.is_ok())
    }

    /// Takes leave, if the relay has time for it.
    pub(super) async fn quit(mut self) {
        let asked = self.expect("QUIT".to_owned());
        let _ = tokio::time::timeout(Duration::from_secs(1), asked).await;
    }

    /// Whether mail leaves by TLS.
    pub(super) fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    fn can(&self, what: &str) -> bool {
        self.capability(what).is_some()
    }

    /// What comes after this keyword in the answer to `EHLO`.
    fn capability(&self, what: &str) -> Option<&str> {
        let mut lines = self.capabilities.iter();
        lines.find_map(|line| {
            let (keyword, rest) = line.split_once(' ').unwrap_or((line, ""));
            keyword.eq_ignore_ascii_case(what).then_some(rest)
        })
    }

    async fn greeting(&mut self) -> Shown<()> {
        let reply = self.reply().await?;
        let (_, words) = said(reply, 200)?;
        Ok(((), words))
    }

    async fn hello(&mut self, name: &str) -> Shown<()> {
        self.write(format!("EHLO {name}\r\n").as_bytes()).await?;
        let (code, lines) = self.lines().await?;
        let reply = Reply::new(code, &lines);
        let (_, words) = said(reply, 200)?;
        self.capabilities = lines.into_iter().skip(1).collect();
        Ok(((), words))
    }

    async fn start_tls(&mut self) -> Shown<()> {
        if !self.can("STARTTLS") {
            return Err(Cause::words("the relay does not offer STARTTLS here"));
        }
        let shown = self.expect("STARTTLS".to_owned()).await?;
        match self.buffer.is_empty() {
            true => Ok(shown),
            false => Err(Cause::words("more came before TLS than was asked for")),
        }
    }

    async fn auth(&mut self, user: &str, password: &str) -> Shown<()> {
        let offered = self.capability("AUTH").unwrap_or_default().to_ascii_uppercase();
        let offers = |mechanism: &str| offered.split(' ').any(|word| word == mechanism);
        let coded = |text: &str| Zeroizing::new(STANDARD.encode(text));
        let reply = if offers("PLAIN") {
            let both = Zeroizing::new(format!("\0{user}\0{password}"));
            self.secretly("AUTH PLAIN ", &coded(&both)).await?
        } else if offers("LOGIN") {
            self.ask("AUTH LOGIN".to_owned(), 300).await?;
            self.secretly("", &coded(user)).await?;
            self.secretly("", &coded(password)).await?
        } else {
            let words = match offered.is_empty() {
                true => "the relay takes no user name and password here",
                false => "the relay takes a user name and a password neither by PLAIN nor by LOGIN",
            };
            return Err(Cause::words(words));
        };
        match reply.code {
            200..300 => {
                let mechanism = if offers("PLAIN") { "PLAIN" } else { "LOGIN" };
                Ok(((), Some(format!("{mechanism}: {reply}"))))
            }
            _ => Err(Cause::words(format!(
                "the relay asks for more than a password: {reply}"
            ))),
        }
    }

    /// Sends a line that no buffer keeps, and reads the answer, unless it is a refusal.
    async fn secretly(&mut self, command: &str, secret: &str) -> Result<Reply, Cause> {
        let line = Zeroizing::new(format!("{command}{secret}\r\n"));
        self.write(line.as_bytes()).await?;
        let reply = self.reply().await?;
        match reply.code {
            ..400 => Ok(reply),
            _ => Err(Cause::Reply(reply)),
        }
    }

    async fn mail(&mut self, from: &str, mail: &[u8]) -> Shown<()> {
        let mut command = format!("MAIL FROM:<{from}>");
        if let Some(most) = self.capability("SIZE") {
            let most = most.trim().parse().unwrap_or(0_usize);
            if most != 0 && mail.len() > most {
                let words = format!("the mail has {} bytes, and the relay takes up to {most}", mail.len());
                return Err(Cause::Size(words));
            }
            command.push_str(" SIZE=");
            command.push_str(&mail.len().to_string());
        }
        if !mail.is_ascii() && self.can("8BITMIME") {
            command.push_str(" BODY=8BITMIME");
        }
        self.expect(command).await
    }

    /// Sends a command that is done when the relay says so.
    async fn expect(&mut self, command: String) -> Shown<()> {
        let reply = self.ask(command, 200).await?;
        Ok(((), Some(reply.to_string())))
    }

    async fn ask(&mut self, command: String, class: u16) -> Result<Reply, Cause> {
        self.write(format!("{command}\r\n").as_bytes()).await?;
        let reply = self.reply().await?;
        said(reply, class).map(|(reply, _)| reply)
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), Cause> {
        let written = match self.stream.as_mut() {
            Some(Stream::Plain(stream)) => stream.write_all(bytes).await,
            Some(Stream::Tls(stream)) => match stream.write_all(bytes).await {
                Ok(()) => stream.flush().await,
                Err(error) => Err(error),
            },
            None => return Err(closed()),
        };
        written.map_err(|error| Cause::words(format!("the connection broke: {error}")))
    }

    async fn reply(&mut self) -> Result<Reply, Cause> {
        let (code, lines) = self.lines().await?;
        Ok(Reply::new(code, &lines))
    }

    /// The code and the lines of a reply.
    async fn lines(&mut self) -> Result<(u16, Vec<String>), Cause> {
        let (mut lines, mut length, mut first) = (vec![], 0, None);
        loop {
            let line = self.line().await?;
            length += line.len();
            if length > REPLY {
                return Err(Cause::words("the relay's answer is too long"));
            }
            let Some((code, is_last, text)) = parse(&line) else {
                return Err(Cause::words("what answers there does not speak SMTP"));
            };
            if *first.get_or_insert(code) != code {
                return Err(Cause::words("the relay's answer has more than one code"));
            }
            lines.push(text);
            if is_last {
                return Ok((code, lines));
            }
        }
    }

    async fn line(&mut self) -> Result<Vec<u8>, Cause> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                return Ok(line);
            }
            if self.buffer.len() > LINE {
                return Err(Cause::words("a line of the relay's answer is too long"));
            }
            let mut part = [0; 1024];
            let read = match self.stream.as_mut() {
                Some(Stream::Plain(stream)) => stream.read(&mut part).await,
                Some(Stream::Tls(stream)) => stream.read(&mut part).await,
                None => return Err(closed()),
            };
            match read {
                Ok(0) => return Err(closed()),
                Ok(count) => self.buffer.extend_from_slice(&part[..count]),
                Err(error) => return Err(Cause::words(format!("the connection broke: {error}"))),
            }
        }
    }
}

fn closed() -> Cause {
    Cause::words("the relay closed the connection")
}

/// Code, whether it is the last line, and the text.
fn parse(line: &[u8]) -> Option<(u16, bool, String)> {
    let line = line.strip_suffix(b"\n")?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let code = str::from_utf8(line.get(..3)?).ok()?;
    let code = code.parse().ok().filter(|code| (200..600).contains(code))?;
    let is_last = match line.get(3) {
        None | Some(b' ') => true,
        Some(b'-') => false,
        _ => return None,
    };
    let text = String::from_utf8_lossy(line.get(4..).unwrap_or_default());
    Some((code, is_last, text.into_owned()))
}

/// A reply of this class, and its words.
fn said(reply: Reply, class: u16) -> Shown<Reply> {
    match reply.code / 100 == class / 100 {
        true => {
            let words = reply.to_string();
            Ok((reply, Some(words)))
        }
        false if reply.code < 400 => Err(Cause::words(format!("the relay answers out of turn: {reply}"))),
        false => Err(Cause::Reply(reply)),
    }
}

/// A mail as it is sent: a line that begins with a dot has one more (RFC 5321 §4.5.2), and the last one ends.
fn stuffed(mail: &[u8]) -> Vec<u8> {
    let mut stuffed = Vec::with_capacity(mail.len() + 16);
    let mut begins = true;
    for byte in mail {
        if begins && *byte == b'.' {
            stuffed.push(b'.');
        }
        stuffed.push(*byte);
        begins = *byte == b'\n';
    }
    if !begins {
        stuffed.extend_from_slice(b"\r\n");
    }
    stuffed
}

async fn connect(addresses: &[SocketAddr]) -> Shown<TcpStream> {
    let mut last = "the host has no address".to_owned();
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok((stream, Some(address.to_string()))),
            Err(error) => last = format!("connection to {address} failed: {error}"),
        }
    }
    Err(Cause::Words(last))
}

impl Target {
    /// Where the connection goes: to an address that was looked at.
    async fn resolve(&self) -> Shown<Vec<SocketAddr>> {
        let found = match &self.gate {
            Some(gate) => gate.addresses(&self.host).await.map_err(|failure| failure.error),
            None => crate::kit::outbound::look_up(self.host.clone())
                .await
                .map_err(|error| error.to_string()),
        };
        let found = found.map_err(|error| Cause::Words(format!("{} cannot be resolved: {error}", self.host)))?;
        if let Some(gate) = &self.gate
            && self.security == Security::None
            && found.iter().any(|ip| !gate.is_inside(*ip))
        {
            return Err(Cause::words(
                "mail leaves without TLS only to a network that is named by the operator",
            ));
        }
        let shown = found.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let addresses = found.into_iter().map(|ip| SocketAddr::new(ip, self.port)).collect();
        Ok((addresses, Some(shown)))
    }
}
