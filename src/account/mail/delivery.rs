//! One attempt to have a relay take a message: the next one is asked where it was the fault of the one before.

use super::{
    Origin, addressed,
    alarm::tell_owners,
    route::{Way, count},
};
use crate::{
    address_health::{self, AddressHealth, Evidence},
    email,
    job::{Attempt, End, Failure},
    kit::{
        db::{Mode, SystemTx, Tx},
        error::{Error, Result},
        id::SenderId,
        mail::{Fault, Handed, OutgoingEmail, PATIENCE, Relay, Trace, Trouble},
    },
    limit,
    message::{self, Content, Message, Sending, State, Tried, Unasked},
    sender,
    server::Server,
};
use async_trait::async_trait;
use std::time::{Duration, Instant};

/// One message, rendered.
pub(super) struct Delivery {
    server: Server,
    message: Message,
    /// What is known of its address.
    known: Option<AddressHealth>,
    letter: OutgoingEmail,
    ways: Vec<Way>,
    origin: Origin,
    asked: Vec<Asked>,
    /// Whether its address had too many.
    is_over: bool,
}

/// A relay that was asked to take it, and what came of that.
struct Asked {
    way: usize,
    outcome: Result<Handed, Trouble>,
    time: Duration,
}

impl Way {
    fn relay(&self) -> Option<&Relay> {
        match self {
            Self::Sender(_, relay, _) | Self::Instance(relay) => Some(relay),
            Self::Mailbox => None,
        }
    }

    fn sender(&self) -> Option<SenderId> {
        match self {
            Self::Sender(sender, ..) => Some(sender.id()),
            Self::Instance(_) | Self::Mailbox => None,
        }
    }
}

impl Delivery {
    pub(super) fn new(
        server: Server,
        (message, known): (Message, Option<AddressHealth>),
        letter: OutgoingEmail,
        (ways, origin): (Vec<Way>, Origin),
    ) -> Self {
        Self {
            server,
            message,
            known,
            letter,
            ways,
            origin,
            asked: vec![],
            is_over: false,
        }
    }

    /// Whether the address may have it, of all tenants' together. A message is counted once.
    async fn count(&self) -> Result<bool> {
        let is_kept = self.ways[0].relay().is_none();
        if is_kept || self.message.state != State::Queued {
            return Ok(true);
        }
        let services = &self.server.services;
        let email = email::parse(&self.message.address)?;
        let take = async |tx: &SystemTx| limit::receiver(tx, &services.master, email.key()).await;
        match services.db.run_system(Mode::Write, take).await {
            Ok(()) => Ok(true),
            Err(Error::Limited { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Asks one relay after the other, as long as it is the fault of the one before. The message of an address that
    /// one refuses is not tried by another, or whoever mails strangers is laundered by it.
    async fn deliver(&mut self) -> Result<(), Failure> {
        let until = Instant::now() + PATIENCE;
        for (way, by) in self.ways.iter().enumerate() {
            let Some(relay) = by.relay() else { return Ok(()) };
            let letter = addressed(&self.letter, by, &self.origin).map_err(|error| Failure {
                error: format!("{error:#}"),
                permanent: true,
            })?;
            let begun = Instant::now();
            let outcome = Box::pin(relay.send(&letter, &mut Trace::until(until))).await;
            let fault = outcome.as_ref().err().map(Trouble::fault);
            if let (Way::Instance(_), Some(Fault::Sender { refused: true })) = (by, fault) {
                tracing::error!(
                    error = outcome.as_ref().err().map(ToString::to_string),
                    "the SMTP relay refuses this server: no mail leaves by it until TENANTRY_SMTP_URL or \
                     TENANTRY_SMTP_EHLO is mended"
                );
            }
            let time = begun.elapsed();
            self.asked.push(Asked { way, outcome, time });
            if !matches!(fault, Some(Fault::Sender { .. })) {
                break;
            }
        }
        match self.asked.last().map(|asked| &asked.outcome) {
            Some(Err(trouble)) => Err(Failure {
                error: match trouble.fault() {
                    Fault::Unknown => format!("{trouble}; it may have been delivered"),
                    _ => trouble.to_string(),
                },
                permanent: matches!(trouble.fault(), Fault::Address { .. } | Fault::Message),
            }),
            _ => Ok(()),
        }
    }

    /// The sender that took it, or that asked to come again: another one would ask the same.
    fn settled(&self) -> Option<SenderId> {
        let last = self.asked.last()?;
        let fault = last.outcome.as_ref().err().map(Trouble::fault);
        let sender = self.ways[last.way].sender();
        sender.filter(|_| !matches!(fault, Some(Fault::Sender { .. })))
    }

    fn tried(&self) -> Vec<Tried> {
        if self.asked.is_empty() {
            return vec![Tried {
                sender: None,
                step: None,
                reply: None,
                words: None,
                tls: false,
                time: Duration::ZERO,
            }];
        }
        let tried = self.asked.iter().map(|asked| {
            let trouble = asked.outcome.as_ref().err();
            let words = |trouble: &Trouble| match trouble.fault() {
                Fault::Unknown => format!("{trouble}; it may have been delivered"),
                _ => trouble.to_string(),
            };
            Tried {
                sender: self.ways[asked.way].sender(),
                step: trouble.map(|trouble| trouble.step),
                reply: match &asked.outcome {
                    Ok(handed) => Some(handed.reply.clone()),
                    Err(trouble) => trouble.reply().cloned(),
                },
                words: trouble.map(words),
                tls: asked.outcome.as_ref().is_ok_and(|handed| handed.encrypted),
                time: asked.time,
            }
        });
        tried.collect()
    }

    /// Says of each sender whether it did its work.
    async fn judge(&self, tx: &Tx) -> Result<()> {
        let tenant = self.server.tenant_of_job(tx.tenant()).await?;
        for asked in &self.asked {
            let way = &self.ways[asked.way];
            if asked.way > 0 && asked.outcome.is_ok() {
                count(tx, &self.server, &tenant, way).await?;
            }
            let Way::Sender(by, ..) = way else { continue };
            match asked.outcome.as_ref().map_err(|trouble| (trouble, trouble.fault())) {
                Err((trouble, Fault::Sender { refused })) => {
                    if sender::blame(tx, by, &trouble.to_string(), refused).await? {
                        tell_owners(tx, by).await?;
                    }
                }
                Ok(_) => sender::praise(tx, by).await?,
                Err(_) => {}
            }
        }
        Ok(())
    }

    /// Remembers what a relay said of the address.
    async fn remember(&self, tx: &Tx) -> Result<()> {
        let Some(last) = self.asked.last() else { return Ok(()) };
        let email = email::parse(&self.message.address)?;
        match &last.outcome {
            Err(trouble) if matches!(trouble.fault(), Fault::Address { unknown: true }) => {
                let of = Evidence {
                    message: self.message.id,
                    diagnostic: &trouble.to_string(),
                };
                address_health::refuse(tx, email.key(), of).await
            }
            Ok(_) => match &self.known {
                Some(known) => address_health::forget(tx, known).await,
                None => Ok(()),
            },
            Err(_) => Ok(()),
        }
    }
}

#[async_trait]
impl Attempt for Delivery {
    async fn perform(&mut self) -> Result<(), Failure> {
        let counted = Box::pin(self.count()).await;
        self.is_over = !counted.map_err(|error| Failure {
            error: format!("{error:#}"),
            permanent: false,
        })?;
        if self.is_over {
            return Err(Failure {
                error: "the address had too many messages".to_owned(),
                permanent: true,
            });
        }
        self.deliver().await
    }

    async fn conclude(self: Box<Self>, tx: &Tx, end: End) -> Result<()> {
        if self.is_over {
            return message::end_unasked(tx, &self.message, Unasked::TooMany).await;
        }
        self.judge(tx).await?;
        self.remember(tx).await?;
        let is_kept = self.asked.is_empty() && end == End::Done;
        let sending = Sending {
            state: match end {
                End::Done if is_kept => State::Kept,
                End::Done => State::Sent,
                End::Retried(_) => State::Deferred,
                End::Failed => State::Failed,
            },
            sender: self.settled(),
            next_at: match end {
                End::Retried(at) => Some(at),
                End::Done | End::Failed => None,
            },
            tried: self.tried(),
            subject: self.letter.subject,
            kept: is_kept.then_some(Content {
                text: self.letter.text,
                html: self.letter.html,
            }),
        };
        message::record(tx, &self.server.services.master, self.message, sending).await
    }
}
