//! Why no mail came to an address: what would keep the next one from it, and what became of the last.

use super::route::instance_relay;
use crate::{
    address_health::{self, AddressHealth},
    context::Signed,
    kit::{
        db::{Mode, SystemTx, Tx},
        error::Result,
        id::MessageId,
        text::Email,
    },
    limit,
    message::{self, Delivered, State, Template},
    message_template::{self, MessageTemplate},
    sender::{self, State as SenderState},
    server::Server,
    verification::Purpose,
};
use chrono::{DateTime, Utc};
use poem_openapi::Enum;
use sea_orm::{ActiveEnum, Iterable};
use serde::Serialize;

/// Messages that are looked at.
const LAST: u64 = 5;

/// What there is to say of mail to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[serde(rename_all = "snake_case")]
#[oai(rename = "DeliveryFindingCode", rename_all = "snake_case")]
pub enum FindingCode {
    /// Mail to it fails at once: it was refused, or came back.
    Undeliverable,
    /// Its owner complained, and gets only what they ask for.
    Complained,
    /// It was asked for too often in this tenant.
    Limited,
    /// It had too many messages of all tenants together.
    ReceiverLimited,
    /// The last message waits for its turn.
    Queued,
    /// A relay is being told of the last one.
    Sending,
    /// The last one was not taken for now.
    Deferred,
    /// A relay took the last one.
    Sent,
    /// The last one is kept here.
    Kept,
    /// The last one was not taken.
    Failed,
    /// The last one came back.
    Bounced,
    /// The last one was cancelled.
    Cancelled,
    /// The last one was not sent.
    Dropped,
    /// A sender does not work, and is passed over.
    SenderFailing,
    /// A sender is off.
    SenderOff,
    /// There is no way for mail to leave: it is kept here.
    NoSender,
    /// A text of the tenant's own is not valid, and the default takes its place.
    TemplateBroken,
    /// No message to this address was asked for in the last 30 days.
    NeverAsked,
}

/// One thing to say of mail to an address.
#[derive(Debug)]
pub struct Finding {
    /// What it is.
    pub code: FindingCode,
    /// Whether it keeps mail from the address.
    pub blocks: bool,
    /// Since when, or when it was.
    pub since: Option<DateTime<Utc>>,
    /// Until when; of a message that waits, when it is tried next.
    pub until: Option<DateTime<Utc>>,
    /// The words of a relay, or of whoever did it.
    pub detail: Option<String>,
    /// The message that says it.
    pub message: Option<MessageId>,
    /// What it is about: a sender, the purpose of codes that are limited, a kind of message.
    pub about: Option<String>,
}

impl Finding {
    fn new(code: FindingCode, blocks: bool) -> Self {
        Self {
            code,
            blocks,
            since: None,
            until: None,
            detail: None,
            message: None,
            about: None,
        }
    }
}

/// What keeps mail from an address, the first obstacle first, and the last messages to it.
#[derive(Debug)]
pub struct Explanation {
    /// What there is to say.
    pub findings: Vec<Finding>,
    /// The last messages, newest first.
    pub messages: Vec<Delivered>,
}

/// Says why no mail came to this address. It tells nothing of whether anybody has an account.
pub async fn explain_delivery(caller: &Signed, server: &Server, address: &Email) -> Result<Explanation> {
    let services = &server.services;
    let everywhere = async |tx: &SystemTx| limit::receiver_until(tx, &services.master, address.key()).await;
    let everywhere = services.db.run_system(Mode::Read, everywhere).await?;
    caller
        .run(async |tx| {
            let messages = message::to_address(tx, address, LAST).await?;
            let mut findings = of_health(tx, address_health::find(tx, address.key()).await?);
            findings.extend(limited(tx, server, address).await?);
            findings.extend(everywhere.map(|until| Finding {
                until: Some(until),
                ..Finding::new(FindingCode::ReceiverLimited, true)
            }));
            findings.extend(messages.first().map(of_message));
            findings.extend(of_senders(caller, tx, server).await?);
            findings.extend(of_templates(tx).await?);
            if messages.is_empty() {
                findings.push(Finding::new(FindingCode::NeverAsked, true));
            }
            Ok(Explanation { findings, messages })
        })
        .await
}

fn of_health(tx: &Tx, known: Option<AddressHealth>) -> Vec<Finding> {
    let Some(known) = known else { return vec![] };
    let said = |code, since: Option<DateTime<Utc>>| {
        since.map(|since| Finding {
            since: Some(since),
            until: known.until_when(since),
            detail: known.diagnostic.clone(),
            message: known.message_id,
            ..Finding::new(code, true)
        })
    };
    let hard = said(FindingCode::Undeliverable, known.undeliverable_since(tx.now));
    let complained = said(FindingCode::Complained, known.complained_since(tx.now));
    hard.into_iter().chain(complained).collect()
}

async fn limited(tx: &Tx, server: &Server, address: &Email) -> Result<Vec<Finding>> {
    let purposes: Vec<String> = Purpose::iter().map(|purpose| purpose.to_value()).collect();
    let held = limit::codes_until(tx, &server.services.master, address.key(), &purposes).await?;
    let found = held.into_iter().map(|(purpose, until)| Finding {
        until: Some(until),
        about: Some(purpose),
        ..Finding::new(FindingCode::Limited, true)
    });
    Ok(found.collect())
}

/// What became of the last message.
fn of_message(last: &Delivered) -> Finding {
    let message = &last.message;
    let (code, blocks) = match message.state {
        State::Queued => (FindingCode::Queued, true),
        State::Sending => (FindingCode::Sending, true),
        State::Deferred => (FindingCode::Deferred, true),
        State::Sent | State::Complained => (FindingCode::Sent, false),
        State::Kept => (FindingCode::Kept, true),
        State::Failed => (FindingCode::Failed, true),
        State::Bounced => (FindingCode::Bounced, true),
        State::Cancelled => (FindingCode::Cancelled, true),
        State::Dropped => (FindingCode::Dropped, true),
    };
    let words = last.attempts.last().and_then(|last| last.answer.clone());
    Finding {
        since: Some(message.sent_at.unwrap_or(message.created_at)),
        until: message.next_at,
        detail: match message.state {
            State::Bounced => message.bounce_diagnostic.clone(),
            State::Cancelled => message.cancelled_by.clone(),
            _ => words,
        },
        message: Some(message.id),
        about: Some(message.template.name().to_owned()),
        ..Finding::new(code, blocks)
    }
}

async fn of_senders(caller: &Signed, tx: &Tx, server: &Server) -> Result<Vec<Finding>> {
    let senders = sender::all(tx).await?;
    let works = |sender: &&sender::Sender| sender.spec.enabled && sender.state() == SenderState::Active;
    let has_instance = instance_relay(tx, server, &caller.tenant).await?.is_some();
    let has_way = has_instance || senders.iter().any(|sender| works(&sender));
    let is_kept = !has_way && senders.iter().all(|sender| !sender.spec.enabled);
    let idle = senders.iter().filter(|sender| !works(sender)).map(|sender| {
        let code = match sender.spec.enabled {
            true => FindingCode::SenderFailing,
            false => FindingCode::SenderOff,
        };
        let is_failing = code == FindingCode::SenderFailing;
        Finding {
            since: sender.failing_since().filter(|_| is_failing),
            until: sender.probe_at().filter(|_| is_failing),
            detail: sender.last_error().filter(|_| is_failing).map(str::to_owned),
            about: Some(sender.name().to_owned()),
            ..Finding::new(code, is_failing && !has_way)
        }
    });
    let mut found: Vec<_> = idle.collect();
    if is_kept {
        found.push(Finding::new(FindingCode::NoSender, true));
    }
    Ok(found)
}

async fn of_templates(tx: &Tx) -> Result<Vec<Finding>> {
    let templates = message_template::all(tx).await?;
    let broken = templates.into_iter().filter(MessageTemplate::is_broken);
    let said = broken.map(|template| Finding {
        about: Some(name_of(template.kind, &template.language.to_string())),
        ..Finding::new(FindingCode::TemplateBroken, false)
    });
    Ok(said.collect())
}

fn name_of(kind: Template, language: &str) -> String {
    format!("{}/{language}", kind.name())
}
