//! Mail on its way out: by SMTP, or nowhere when messages are kept; and the bounces that come back.

pub mod dkim;
mod receive;
mod relay;
mod report;
mod session;
mod step;
mod tls;
mod verp;

use anyhow::Context;
use lettre::{
    Message,
    message::{Mailbox, MultiPart, header},
};
pub use receive::{Inbox, Verdict, receive};
pub use relay::{Handed, Relay, called};
pub use report::{Report, ReportKind, is_status, is_unknown_address};
pub use session::{Security, Target};
use std::{sync::Arc, time::Duration};
pub use step::{Cause, Fault, Reply, Step, Taken, Trace, Trouble, printable};
pub use verp::{BounceToken, KEY as TENANT_KEY};

/// How long a delivery may take as a whole: less than any call to the outside, so that it is known at which step
/// it ended.
pub const PATIENCE: Duration = Duration::from_secs(27);

/// Where mail goes.
pub enum Mailer {
    /// To an SMTP relay.
    Smtp(Arc<Relay>),
    /// Nowhere: messages are kept and shown.
    Mailbox,
}

/// A rendered message.
#[derive(Clone, Debug)]
pub struct OutgoingEmail {
    /// `Message-ID`: the same for every attempt, so that twins can be told.
    pub id: String,
    /// Its sender: name and address.
    pub from: Mailbox,
    /// Where answers go, if not there.
    pub reply_to: Option<Mailbox>,
    /// Where bounces go, if not there.
    pub return_path: Option<String>,
    /// The one address it goes to.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// For which kind of mail, by whom, a complaint is (`Feedback-ID`).
    pub feedback: String,
    /// What signs it.
    pub signers: Vec<Arc<dkim::Signer>>,
}

impl Mailer {
    /// A mailer for this `smtp://` or `smtps://` URL, which calls the server `hello`; without one, messages
    /// are kept.
    ///
    /// # Errors
    /// The URL is not one of an SMTP relay.
    pub fn new(url: Option<&str>, hello: &str) -> anyhow::Result<Self> {
        let Some(url) = url else { return Ok(Self::Mailbox) };
        Ok(Self::Smtp(Arc::new(Relay::of_url(url, hello)?)))
    }

    /// Whether messages are kept here instead of being sent.
    #[must_use]
    pub fn keeps(&self) -> bool {
        matches!(self, Self::Mailbox)
    }

    /// The relay, unless messages are kept here instead of being sent.
    #[must_use]
    pub fn relay(&self) -> Option<&Arc<Relay>> {
        match self {
            Self::Smtp(relay) => Some(relay),
            Self::Mailbox => None,
        }
    }
}

impl OutgoingEmail {
    /// The mail as it is sent, signed.
    fn written(&self) -> anyhow::Result<Vec<u8>> {
        let mail = self.message()?.formatted();
        let mut signed = vec![];
        for signer in &self.signers {
            signed.extend(signer.sign(&mail)?.into_bytes());
        }
        signed.extend(mail);
        Ok(signed)
    }

    fn message(&self) -> anyhow::Result<Message> {
        let mut builder = Message::builder()
            .message_id(Some(format!("<{}>", self.id)))
            .from(self.from.clone())
            .to(Mailbox::new(None, self.to.parse().context("the address")?))
            .subject(&self.subject)
            .header(AutoSubmitted("auto-generated".to_owned()))
            .header(SuppressResponse("All".to_owned()))
            .header(FeedbackId(self.feedback.clone()));
        if let Some(reply_to) = &self.reply_to {
            builder = builder.reply_to(reply_to.clone());
        }
        Ok(builder.multipart(MultiPart::alternative_plain_html(self.text.clone(), self.html.clone()))?)
    }
}

macro_rules! header {
    ($(#[$doc:meta])* $name:ident $header:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        struct $name(String);

        impl header::Header for $name {
            fn name() -> header::HeaderName {
                header::HeaderName::new_from_ascii_str($header)
            }

            fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
                Ok(Self(text.to_owned()))
            }

            fn display(&self) -> header::HeaderValue {
                header::HeaderValue::new(Self::name(), self.0.clone())
            }
        }
    };
}

header!(
    /// RFC 3834: nobody's holiday reply should answer a code.
    AutoSubmitted "Auto-Submitted"
);
header!(
    /// The same in the words of Exchange.
    SuppressResponse "X-Auto-Response-Suppress"
);
header!(
    /// By which large mailbox providers tell one sender's mail from another's.
    FeedbackId "Feedback-ID"
);
