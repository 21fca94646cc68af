//! Mail on its way out: SMTP with pooled connections, or nothing when messages are kept.

use super::failure::Failure;
use anyhow::Context;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, MultiPart, header},
    transport::smtp::PoolConfig,
};
use std::time::Duration;

/// How long the relay may take for one message.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where mail goes.
pub enum Mailer {
    /// To an SMTP relay.
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    /// Nowhere: messages are kept and shown.
    Mailbox,
}

/// A rendered message.
#[derive(Clone, Debug)]
pub struct OutgoingEmail {
    /// The local part of `Message-ID`: the same for every attempt, so that twins can be told.
    pub id: String,
    /// Its sender: name and address.
    pub from: Mailbox,
    /// The one address it goes to.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

impl Mailer {
    /// A mailer for this `smtp://` or `smtps://` URL; without one, messages are kept.
    ///
    /// # Errors
    /// The URL is not one of an SMTP relay.
    pub fn new(url: Option<&str>) -> anyhow::Result<Self> {
        let Some(url) = url else { return Ok(Self::Mailbox) };
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            // The error of the library may repeat the URL, and with it the password.
            .map_err(|_| anyhow::anyhow!("the SMTP URL must be smtp://user:password@host:port?tls=required"))?
            .timeout(Some(PATIENCE))
            .pool_config(PoolConfig::new().max_size(8))
            .build();
        Ok(Self::Smtp(transport))
    }

    /// Whether messages are kept here instead of being sent.
    #[must_use]
    pub fn keeps(&self) -> bool {
        matches!(self, Self::Mailbox)
    }

    /// Hands the letter to the relay.
    ///
    /// # Errors
    /// The relay refused it for good (5xx), or it did not work this time.
    pub async fn send(&self, letter: &OutgoingEmail) -> Result<(), Failure> {
        let Self::Smtp(transport) = self else { return Ok(()) };
        let message = letter.message().map_err(|error| Failure {
            error: format!("{error:#}"),
            permanent: true,
        })?;
        transport.send(message).await.map(drop).map_err(|error| Failure {
            permanent: error.is_permanent(),
            error: error.to_string(),
        })
    }

    /// Whether the relay answers.
    ///
    /// # Errors
    /// It does not.
    pub async fn check(&self) -> anyhow::Result<()> {
        if let Self::Smtp(transport) = self {
            let answers = transport
                .test_connection()
                .await
                .context("connecting to the SMTP relay")?;
            anyhow::ensure!(answers, "the SMTP relay does not answer NOOP");
        }
        Ok(())
    }
}

impl OutgoingEmail {
    fn message(&self) -> anyhow::Result<Message> {
        let host = self.from.email.domain();
        Ok(Message::builder()
            .message_id(Some(format!("<{}@{host}>", self.id)))
            .from(self.from.clone())
            .to(Mailbox::new(None, self.to.parse().context("the address")?))
            .subject(&self.subject)
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(self.text.clone(), self.html.clone()))?)
    }
}

/// `Auto-Submitted: auto-generated` (RFC 3834): nobody's holiday reply should answer a code.
#[derive(Clone, Copy, Debug)]
struct AutoSubmitted;

impl header::Header for AutoSubmitted {
    fn name() -> header::HeaderName {
        header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> header::HeaderValue {
        header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
