//! The job that sends a message: renders it with a code of its own, and hands it to the mailer.

mod render;

use crate::{
    job::{self, Attempt, End, Failure, Job},
    kit::{db::Tx, error::Result, mail::OutgoingEmail},
    message::{self, Content, Message, Sending, State, Template},
    provider::pending,
    server::Server,
    setting::{self, Branding},
    verification::{self, Secrets},
};
use async_trait::async_trait;
use lettre::message::Mailbox;

/// Sends messages.
pub struct MailJob(pub Server);

#[async_trait]
impl Job for MailJob {
    fn kind(&self) -> &'static str {
        message::JOB
    }

    async fn prepare(&self, tx: &Tx, job: &job::entity::Model) -> Result<Option<Box<dyn Attempt>>> {
        let Some(message) = message::of_job(tx, job.id).await? else {
            return Ok(None);
        };
        let Some(secrets) = self.secrets(tx, &message).await? else {
            let for_nobody = match message.verification_id {
                Some(id) => verification::is_for_nobody(tx, id).await?,
                None => false,
            };
            message::drop_unsent(tx, message, for_nobody).await?;
            return Ok(None);
        };
        let tenant = self.0.tenant_of_job(tx.tenant()).await?;
        let (branding, _) = setting::read::<Branding>(tx).await?;
        let about = render::About {
            brand: branding.of(&tenant, message.client_id.as_deref()),
            url: self.0.services.urls.of(&tenant),
            secrets: secrets.as_ref(),
            provider: match message.verification_id {
                Some(id) if message.template == Template::LinkIdentity => pending::provider_of(tx, id).await?,
                _ => message.about.clone(),
            },
        };
        let rendered = render::render(&message, &about)?;
        let letter = OutgoingEmail {
            id: message.id.to_string(),
            from: Mailbox::new(Some(about.brand.name), self.0.mail_from.clone()),
            to: message.address.clone(),
            subject: rendered.subject,
            text: rendered.text,
            html: rendered.html,
        };
        let server = self.0.clone();
        Ok(Some(Box::new(Delivery {
            server,
            message,
            letter,
        })))
    }
}

impl MailJob {
    /// The code and link of the message; the outer `None` if it is no longer wanted.
    async fn secrets(&self, tx: &Tx, message: &Message) -> Result<Option<Option<Secrets>>> {
        match message.verification_id {
            None => Ok(Some(None)),
            Some(id) if message.template.has_secrets() => {
                Ok(verification::mint(tx, &self.0.services.master, id).await?.map(Some))
            }
            Some(id) => Ok(verification::is_wanted(tx, id).await?.then_some(None)),
        }
    }
}

/// One message, rendered.
struct Delivery {
    server: Server,
    message: Message,
    letter: OutgoingEmail,
}

#[async_trait]
impl Attempt for Delivery {
    async fn perform(&mut self) -> Result<(), Failure> {
        self.server.mailer.send(&self.letter).await
    }

    async fn conclude(self: Box<Self>, tx: &Tx, end: End) -> Result<()> {
        let keeps = self.server.mailer.keeps();
        let sending = Sending {
            state: match end {
                End::Done if keeps => State::Kept,
                End::Done => State::Sent,
                End::Retried => State::Queued,
                End::Failed => State::Failed,
            },
            subject: self.letter.subject,
            kept: (end == End::Done && keeps).then_some(Content {
                text: self.letter.text,
                html: self.letter.html,
            }),
        };
        message::record(tx, &self.server.services.master, self.message, sending).await
    }
}
