//! Mail on its way out: by SMTP, or nowhere when messages are kept.

mod relay;

use super::{failure::Failure, outside};
use anyhow::Context;
use lettre::{
    Message,
    message::{Mailbox, MultiPart, header},
};
use relay::Relay;

/// Where mail goes.
pub enum Mailer {
    /// To an SMTP relay.
    Smtp(Box<Relay>),
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
    /// A mailer for this `smtp://` or `smtps://` URL, which calls the server `hello`; without one, messages
    /// are kept.
    ///
    /// # Errors
    /// The URL is not one of an SMTP relay.
    pub fn new(url: Option<&str>, hello: &str) -> anyhow::Result<Self> {
        let Some(url) = url else { return Ok(Self::Mailbox) };
        Ok(Self::Smtp(Box::new(Relay::new(url, hello)?)))
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
        let Self::Smtp(relay) = self else { return Ok(()) };
        let message = letter.message().map_err(|error| Failure {
            error: format!("{error:#}"),
            permanent: true,
        })?;
        outside::within(relay.send(&message)).await
    }

    /// Whether the relay lets the server in.
    ///
    /// # Errors
    /// It does not.
    pub async fn check(&self) -> Result<(), Failure> {
        match self {
            Self::Smtp(relay) => outside::within(relay.check()).await,
            Self::Mailbox => Ok(()),
        }
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
