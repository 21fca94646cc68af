//! A relay, and the connections to it.
//!
//! The library has a pool of its own, but one that keeps a connection whose command was given up half
//! way: the answer that comes late would be taken for that of the next message.

use super::super::failure::Failure;
use anyhow::Context;
use lettre::{
    Message,
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, Tls, TlsParameters},
        extension::ClientId,
    },
};
use percent_encoding::percent_decode_str;
use std::{
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};
use url::Url;

/// Connections that are kept for the next message.
const KEPT: usize = 8;
/// How long one is kept.
const IDLE: Duration = Duration::from_mins(1);
/// What a relay says that wants TLS or other credentials (RFC 4954 §6, RFC 3207 §4), at whatever command:
/// the message is not to blame.
const CREDENTIALS: &[u16] = &[530, 534, 535, 538];

/// An SMTP relay.
pub struct Relay {
    host: String,
    port: u16,
    tls: Tls,
    credentials: Option<Credentials>,
    hello: ClientId,
    idle: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
}

impl Relay {
    /// The relay of this URL, to which the server calls itself `hello`.
    ///
    /// # Errors
    /// It is not `smtp://user:password@host:port?tls=required` or `smtps://…`.
    pub(super) fn new(url: &str, hello: &str) -> anyhow::Result<Self> {
        // An error of the library may repeat the URL, and with it the password.
        let form = "the SMTP URL must be smtp://user:password@host:port?tls=required";
        let url = Url::parse(url).map_err(|_| anyhow::anyhow!(form))?;
        let host = url.host_str().context(form)?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let tls = url.query_pairs().find(|(key, _)| key == "tls").map(|(_, value)| value);
        let parameters = || TlsParameters::new(host.clone()).context("preparing TLS for the SMTP relay");
        let (tls, port) = match (url.scheme(), tls.as_deref()) {
            ("smtp", None) => (Tls::None, 25),
            ("smtp", Some("required")) => (Tls::Required(parameters()?), 587),
            ("smtp", Some("opportunistic")) => (Tls::Opportunistic(parameters()?), 587),
            ("smtps", _) => (Tls::Wrapper(parameters()?), 465),
            _ => anyhow::bail!(form),
        };
        let decoded = |text: &str| anyhow::Ok(percent_decode_str(text).decode_utf8().context(form)?.into_owned());
        let credentials = match url.password() {
            Some(password) => Some(Credentials::new(decoded(url.username())?, decoded(password)?)),
            None => None,
        };
        Ok(Self {
            port: url.port().unwrap_or(port),
            host,
            tls,
            credentials,
            hello: match hello.trim_start_matches('[').trim_end_matches(']').parse() {
                Ok(IpAddr::V4(address)) => ClientId::Ipv4(address),
                Ok(IpAddr::V6(address)) => ClientId::Ipv6(address),
                Err(_) => ClientId::Domain(hello.to_owned()),
            },
            idle: Mutex::default(),
        })
    }

    /// Hands a message over. Whoever gives this up closes its connection.
    pub(super) async fn send(&self, message: &Message) -> Result<(), Failure> {
        let mut connection = self.take().await?;
        let sent = connection.send(message.envelope(), &message.formatted()).await;
        sent.map_err(|error| {
            let blames_us = error.status().is_some_and(|code| CREDENTIALS.contains(&code.into()));
            if blames_us {
                say_refused(&error);
            }
            Failure {
                permanent: error.is_permanent() && !blames_us,
                error: error.to_string(),
            }
        })?;
        self.keep(connection);
        Ok(())
    }

    /// Whether it lets the server in.
    pub(super) async fn check(&self) -> Result<(), Failure> {
        let mut connection = self.take().await?;
        if !connection.test_connected().await {
            return Err(later("the SMTP relay does not answer NOOP"));
        }
        self.keep(connection);
        Ok(())
    }

    async fn take(&self) -> Result<AsyncSmtpConnection, Failure> {
        loop {
            let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            match kept {
                Some((mut connection, since)) if since.elapsed() < IDLE => {
                    if connection.test_connected().await {
                        return Ok(connection);
                    }
                }
                Some(_) => {}
                None => break,
            }
        }
        // A relay that refuses the server, whatever its code, has not seen a message yet: none of them
        // may be lost for it.
        self.connect().await.map_err(|error| {
            if error.is_permanent() {
                say_refused(&error);
            }
            later(&error.to_string())
        })
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push((connection, Instant::now()));
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let at_once = match &self.tls {
            Tls::Wrapper(parameters) => Some(parameters.clone()),
            _ => None,
        };
        let to = (self.host.as_str(), self.port);
        let mut connection = AsyncSmtpConnection::connect_tokio1(to, None, &self.hello, at_once, None).await?;
        match &self.tls {
            Tls::Required(parameters) => connection.starttls(parameters.clone(), &self.hello).await?,
            Tls::Opportunistic(parameters) if connection.can_starttls() => {
                connection.starttls(parameters.clone(), &self.hello).await?;
            }
            _ => {}
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(connection)
    }
}

fn later(error: &str) -> Failure {
    Failure {
        error: error.to_owned(),
        permanent: false,
    }
}

fn say_refused(error: &Error) {
    tracing::error!(
        error = error.to_string(),
        "the SMTP relay refuses this server: no mail leaves until TENANTRY_SMTP_URL or TENANTRY_SMTP_EHLO is mended"
    );
}
