//! A relay, and the connections to it that wait for the next message.

use super::{
    OutgoingEmail,
    session::{Security, Session, Target},
    step::{Cause, Reply, Step, Trace, Trouble},
};
use anyhow::Context;
use percent_encoding::percent_decode_str;
use std::{
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};
use url::Url;
use zeroize::Zeroizing;

/// Connections that are kept for the next message.
const KEPT: usize = 4;
/// How long one is kept.
const IDLE: Duration = Duration::from_mins(1);

/// An SMTP relay.
pub struct Relay {
    target: Target,
    idle: Mutex<Vec<(Session, Instant)>>,
}

/// A mail that a relay took.
#[derive(Clone, Debug)]
pub struct Handed {
    /// What it said.
    pub reply: Reply,
    /// Whether it was told by TLS.
    pub encrypted: bool,
}

impl Relay {
    /// A relay that is reached so.
    #[must_use]
    pub fn new(target: Target) -> Self {
        Self {
            target,
            idle: Mutex::default(),
        }
    }

    /// The relay of this URL, to which the server calls itself `hello`.
    ///
    /// # Errors
    /// It is not `smtp://user:password@host:port?tls=required` or `smtps://…`.
    pub(super) fn of_url(url: &str, hello: &str) -> anyhow::Result<Self> {
        // An error may repeat the URL, and with it the password.
        let form = "the SMTP URL must be smtp://user:password@host:port?tls=required";
        let url = Url::parse(url).map_err(|_| anyhow::anyhow!(form))?;
        let host = url.host_str().context(form)?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let tls = url.query_pairs().find(|(key, _)| key == "tls").map(|(_, value)| value);
        let (security, port) = match (url.scheme(), tls.as_deref()) {
            ("smtp", None) => (Security::None, 25),
            ("smtp", Some("required")) => (Security::StartTls, 587),
            ("smtp", Some("opportunistic")) => (Security::Opportunistic, 587),
            ("smtps", _) => (Security::Tls, 465),
            _ => anyhow::bail!(form),
        };
        let decoded = |text: &str| anyhow::Ok(percent_decode_str(text).decode_utf8().context(form)?.into_owned());
        let credentials = match url.password() {
            Some(password) => Some((decoded(url.username())?, Zeroizing::new(decoded(password)?))),
            None => None,
        };
        Ok(Self::new(Target {
            port: url.port().unwrap_or(port),
            host,
            security,
            credentials,
            hello: called(hello),
            gate: None,
        }))
    }

    /// Hands a letter over. Whoever gives this up closes its connection.
    ///
    /// # Errors
    /// At which step it was not taken, and why.
    pub async fn send(&self, letter: &OutgoingEmail, trace: &mut Trace) -> Result<Handed, Trouble> {
        let mail = letter.written().map_err(|error| Trouble {
            step: Step::Data,
            cause: Cause::Size(format!("the mail cannot be written: {error:#}")),
        })?;
        let mut session = self.take(trace).await?;
        let from = letter.return_path.as_deref().unwrap_or(letter.from.email.as_ref());
        let envelope = (from, letter.to.as_str());
        let reply = session.send(envelope, &mail, trace).await?;
        let encrypted = session.is_encrypted();
        self.keep(session);
        Ok(Handed { reply, encrypted })
    }

    /// Whether it lets the server in.
    ///
    /// # Errors
    /// At which step it does not, and why.
    pub async fn check(&self, trace: &mut Trace) -> Result<(), Trouble> {
        let session = Session::open(&self.target, trace).await?;
        session.quit().await;
        Ok(())
    }

    async fn take(&self, trace: &mut Trace) -> Result<Session, Trouble> {
        loop {
            let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            match kept {
                Some((mut session, since)) if since.elapsed() < IDLE => {
                    if session.is_alive().await {
                        return Ok(session);
                    }
                }
                Some(_) => {}
                None => break,
            }
        }
        Session::open(&self.target, trace).await
    }

    fn keep(&self, session: Session) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push((session, Instant::now()));
        }
    }
}

/// What the server calls itself: a name, or an address in brackets (RFC 5321 §4.1.3).
#[must_use]
pub fn called(hello: &str) -> String {
    match hello.trim_start_matches('[').trim_end_matches(']').parse() {
        Ok(IpAddr::V4(address)) => format!("[{address}]"),
        Ok(IpAddr::V6(address)) => format!("[IPv6:{address}]"),
        Err(_) => hello.to_owned(),
    }
}
