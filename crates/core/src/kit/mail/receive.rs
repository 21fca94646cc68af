//! The far end of SMTP (RFC 5321), for bounces alone: it takes mail for addresses that this server made, relays
//! nothing, never answers by mail, and says of every other address the same.

use super::relay::called;
use crate::kit::limiter;
use async_trait::async_trait;
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Weak},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// The longest mail that is taken: a report with the mail it is about.
const MAIL: usize = 256 * 1024;
/// How much of a larger one is read before its sender is told.
const PATIENT: usize = 16 * 1024 * 1024;
/// How long a connection may take as a whole.
const PATIENCE: Duration = Duration::from_secs(30);
/// Connections at a time, and of those of one network.
const CONNECTIONS: usize = 20;
const OF_NETWORK: usize = 4;
/// The longest command; RFC 5321 §4.5.3.1.4 has 512 octets.
const LINE: usize = 1024;
/// Commands of one connection that are answered.
const COMMANDS: usize = 100;
/// How long to wait after a connection could not be taken.
const BACK_OFF: Duration = Duration::from_millis(50);

/// What becomes of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was read, or is none that is of use.
    Taken,
    /// It should be brought again.
    Later,
}

/// Who mail is taken for.
#[async_trait]
pub trait Inbox: Send + Sync + 'static {
    /// Whether this is an address of theirs. Anybody asks, so nothing is looked up for it.
    fn has(&self, address: &str) -> bool;

    /// Reads a mail to such an address.
    async fn read(&self, address: &str, mail: &[u8]) -> Verdict;
}

/// Takes mail on a listener until `stop` resolves. It calls itself `hello`.
pub async fn receive(listener: TcpListener, inbox: impl Inbox, hello: &str, stop: impl Future<Output = ()>) {
    let inbox = Arc::new(inbox);
    let hello: Arc<str> = called(hello).into();
    let places = Arc::new(Places::default());
    let accept = async {
        loop {
            match listener.accept().await {
                Ok((stream, from)) => {
                    let (inbox, hello) = (inbox.clone(), hello.clone());
                    let place = places.take(from.ip());
                    tokio::spawn(async move {
                        let serving = serve(stream, &*inbox, &hello, place.is_some());
                        let _ = tokio::time::timeout(PATIENCE, Box::pin(serving)).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection that brings bounces could not be taken");
                    let _ = tokio::time::timeout(BACK_OFF, std::future::pending::<()>()).await;
                }
            }
        }
    };
    tokio::select! {
        () = stop => {}
        () = accept => {}
    }
}

/// The connections that are open, by network.
#[derive(Default)]
struct Places(Mutex<HashMap<String, usize>>);

/// The place of one of them, until it is dropped.
struct Place {
    network: String,
    places: Weak<Places>,
}

impl Places {
    fn take(self: &Arc<Self>, from: IpAddr) -> Option<Place> {
        let network = limiter::network(from.to_canonical());
        let mut open = self.0.lock();
        let all: usize = open.values().sum();
        let of_network = open.get(&network).copied().unwrap_or_default();
        if all >= CONNECTIONS || of_network >= OF_NETWORK {
            return None;
        }
        open.insert(network.clone(), of_network + 1);
        Some(Place {
            network,
            places: Arc::downgrade(self),
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(places) = self.places.upgrade() else { return };
        let mut open = places.0.lock();
        match open.get_mut(&self.network) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(open.remove(&self.network)),
        }
    }
}

async fn serve(stream: TcpStream, inbox: &impl Inbox, hello: &str, has_place: bool) -> std::io::Result<()> {
    let mut session = Session {
        stream: BufReader::new(stream),
        inbox,
        hello,
        has_sender: false,
        recipient: None,
    };
    if !has_place {
        return session.say("421 4.3.2 Too many connections").await;
    }
    session.say(&format!("220 {hello} ESMTP for bounces")).await?;
    for _ in 0..COMMANDS {
        match session.line().await? {
            Line::Of(line) => {
                if !session.answer(&line).await? {
                    return Ok(());
                }
            }
            Line::Wrong => return session.say("500 5.5.2 Lines end in CR LF, and are not so long").await,
            Line::End => return Ok(()),
        }
    }
    session.say("421 4.7.0 Too many commands").await
}

/// A line, as it was read.
enum Line {
    /// Without its end.
    Of(String),
    /// None of SMTP.
    Wrong,
    /// There is no other one.
    End,
}

/// What came after `DATA`.
enum Data {
    Whole(Vec<u8>),
    /// It is not taken, and answered so. Nothing more is read of that connection.
    Refused(&'static str),
    End,
}

struct Session<'a, S, I> {
    stream: BufReader<S>,
    inbox: &'a I,
    hello: &'a str,
    has_sender: bool,
    recipient: Option<String>,
}

impl<S: AsyncRead + AsyncWrite + Unpin, I: Inbox> Session<'_, S, I> {
    async fn say(&mut self, line: &str) -> std::io::Result<()> {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).await?;
        self.stream.flush().await
    }

    async fn line(&mut self) -> std::io::Result<Line> {
        let mut line = vec![];
        let mut bounded = (&mut self.stream).take(LINE as u64);
        if bounded.read_until(b'\n', &mut line).await? == 0 {
            return Ok(Line::End);
        }
        let text = line.strip_suffix(b"\r\n").map(|line| String::from_utf8(line.to_vec()));
        Ok(match text {
            Some(Ok(text)) => Line::Of(text),
            _ => Line::Wrong,
        })
    }

    /// Answers a command; whether another one may come.
    async fn answer(&mut self, line: &str) -> std::io::Result<bool> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => {
                self.reset();
                let extensions = format!("250-{}\r\n250-8BITMIME\r\n250 SIZE {MAIL}", self.hello);
                self.say(&extensions).await?;
            }
            "HELO" => {
                self.reset();
                self.say(&format!("250 {}", self.hello)).await?;
            }
            "MAIL" => self.mail(rest).await?,
            "RCPT" => self.rcpt(rest).await?,
            "DATA" => return self.data().await,
            "RSET" => {
                self.reset();
                self.say("250 2.0.0 OK").await?;
            }
            "NOOP" => self.say("250 2.0.0 OK").await?,
            "QUIT" => {
                self.say("221 2.0.0 Bye").await?;
                return Ok(false);
            }
            _ => self.say("502 5.5.1 This takes bounces, and no other command").await?,
        }
        Ok(true)
    }

    fn reset(&mut self) {
        (self.has_sender, self.recipient) = (false, None);
    }

    async fn mail(&mut self, rest: &str) -> std::io::Result<()> {
        self.reset();
        let Some((_, parameters)) = path(rest, "FROM:") else {
            return self.say("501 5.5.4 MAIL FROM:<address>").await;
        };
        let size = parameters.split(' ').find_map(|word| {
            word.split_once('=')
                .filter(|(name, _)| name.eq_ignore_ascii_case("SIZE"))
        });
        if size.is_some_and(|(_, size)| size.parse().unwrap_or(usize::MAX) > MAIL) {
            return self.say("552 5.3.4 Too large").await;
        }
        self.has_sender = true;
        self.say("250 2.1.0 OK").await
    }

    async fn rcpt(&mut self, rest: &str) -> std::io::Result<()> {
        let address = path(rest, "TO:").map(|(address, _)| address.to_owned());
        let answer = match address {
            _ if !self.has_sender => "503 5.5.1 MAIL comes first",
            // A bounce has one.
            Some(_) if self.recipient.is_some() => "452 4.5.3 One recipient at a time",
            Some(address) if self.inbox.has(&address) => {
                self.recipient = Some(address);
                "250 2.1.5 OK"
            }
            _ => "550 5.1.1 Not ours",
        };
        self.say(answer).await
    }

    async fn data(&mut self) -> std::io::Result<bool> {
        let Some(recipient) = self.recipient.take() else {
            self.say("503 5.5.1 RCPT comes first").await?;
            return Ok(true);
        };
        self.say("354 Go on").await?;
        let mail = match self.whole().await? {
            Data::Whole(mail) => mail,
            Data::Refused(why) => {
                self.say(why).await?;
                return Ok(false);
            }
            Data::End => return Ok(false),
        };
        self.reset();
        let answer = match self.inbox.read(&recipient, &mail).await {
            Verdict::Taken => "250 2.0.0 OK",
            Verdict::Later => "451 4.3.0 Bring it again",
        };
        self.say(answer).await?;
        Ok(true)
    }

    /// Reads a mail up to the line of one dot. An end of line that is not CR LF may be one to others: what comes after
    /// it would be a mail that nobody sent (SMTP smuggling).
    async fn whole(&mut self) -> std::io::Result<Data> {
        let (mut mail, mut line, mut read, mut begins) = (vec![], vec![], 0, true);
        loop {
            line.clear();
            let mut bounded = (&mut self.stream).take(LINE as u64);
            if bounded.read_until(b'\n', &mut line).await? == 0 {
                return Ok(Data::End);
            }
            if begins && line == b".\r\n" {
                break;
            }
            read += line.len();
            let is_stuffed = begins && line.first() == Some(&b'.');
            begins = line.ends_with(b"\n");
            // Whoever sends too much hears so when it has sent it, and nothing of it is kept.
            if read > PATIENT {
                return Ok(Data::End);
            }
            match read > MAIL {
                true => mail.clear(),
                false => mail.extend_from_slice(&line[usize::from(is_stuffed)..]),
            }
        }
        Ok(match read > MAIL {
            true => Data::Refused("552 5.3.4 Too large"),
            false if has_bare_end(&mail) => Data::Refused("550 5.5.2 Lines end in CR LF"),
            false => Data::Whole(mail),
        })
    }
}

/// Whether a CR or LF stands alone.
fn has_bare_end(mail: &[u8]) -> bool {
    let mut before = 0;
    for byte in mail.iter().copied().chain([0]) {
        if (before == b'\r') != (byte == b'\n') {
            return true;
        }
        before = byte;
    }
    false
}

/// The address between `<` and `>` after this word, and what comes after it.
fn path<'a>(text: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let (begin, rest) = text.split_at_checked(word.len())?;
    let rest = rest.trim_start().strip_prefix('<')?;
    let (address, parameters) = rest.split_once('>')?;
    begin.eq_ignore_ascii_case(word).then_some((address, parameters.trim()))
}
