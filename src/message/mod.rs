//! Messages to people: queued with the fact they tell of, rendered and sent by a job.

pub mod api;
pub mod entity;

use crate::{
    job,
    kit::{
        db::{self, Tx},
        error::{Code, Result},
        http::Peer,
        id::{JobId, MessageId, TenantId, VerificationId},
        page::{Listed, Timeline},
        secret::MasterKey,
        selector::Values,
        text::Language,
    },
};
use anyhow::Context;
use entity::{ActiveModel, Column, Entity, Model};
pub use entity::{Model as Message, State, Template};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, ModelTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The kind of a job that sends a message.
pub const JOB: &str = "mail";

/// The text of a message that is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Content {
    /// Plain text.
    pub text: String,
    /// HTML.
    pub html: String,
}

/// A message with the attempts to send it.
#[derive(Clone, Debug)]
pub struct Delivered {
    /// The row.
    pub message: Model,
    /// The attempts, first one first.
    pub attempts: Vec<job::attempt::Model>,
}

/// A message to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// Which text it has.
    pub template: Template,
    /// Where it goes.
    pub address: &'a str,
    /// How it is wanted.
    pub options: MailOptions<'a>,
    /// The name of what it is about, if that is not the account itself.
    pub about: Option<&'a str>,
    /// The challenge it tells of.
    pub verification: Option<VerificationId>,
}

/// How a mail is wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct MailOptions<'a> {
    /// Its language.
    pub language: Language,
    /// The application that asks, as it names itself.
    pub client_id: Option<&'a str>,
}

impl MailOptions<'_> {
    /// In the language of the request, for no application in particular.
    #[must_use]
    pub fn of(peer: &Peer) -> Self {
        Self {
            language: peer.language.unwrap_or_default(),
            client_id: None,
        }
    }
}

/// Queues a message; it leaves after the transaction has committed.
pub async fn queue(tx: &Tx, wanted: Outgoing<'_>) -> Result<MessageId> {
    let id = MessageId::new(tx.now);
    let job_id = job::add(tx, JOB, serde_json::json!({ "message": id })).await?;
    let row = Model {
        id,
        job_id,
        verification_id: wanted.verification,
        template: wanted.template,
        address: wanted.address.to_owned(),
        language: wanted.options.language.to_string(),
        client_id: wanted.options.client_id.map(str::to_owned),
        about: wanted.about.map(str::to_owned),
        subject: None,
        state: State::Queued,
        sealed_content: None,
        created_at: tx.now,
        sent_at: None,
    };
    db::insert(tx, row).await?;
    Ok(id)
}

/// One page of the messages, newest first.
pub async fn list(tx: &Tx, filters: &[MessageFilter], timeline: &Timeline) -> Result<Listed<Delivered>> {
    let query = filters.iter().fold(Entity::find(), |query, filter| match filter {
        MessageFilter::To(values) => query.filter(values.of(Column::Address)),
        MessageFilter::Template(values) => query.filter(values.of(Column::Template)),
        MessageFilter::State(values) => query.filter(values.of(Column::State)),
    });
    let columns = (Column::CreatedAt, Column::Id);
    let place = |message: &Model| (message.created_at, message.id);
    let listed = timeline.read(tx, "messages", query, columns, place).await?;
    let jobs: Vec<JobId> = listed.items.iter().map(|message| message.job_id).collect();
    let mut attempts: HashMap<JobId, Vec<_>> = HashMap::new();
    for row in job::attempts_of(tx, jobs).await? {
        attempts.entry(row.job_id).or_default().push(row);
    }
    Ok(listed.map(|message| Delivered {
        attempts: attempts.remove(&message.job_id).unwrap_or_default(),
        message,
    }))
}

/// Something that must be so of a message.
#[derive(Clone, Debug)]
pub enum MessageFilter {
    /// Where it goes.
    To(Values),
    /// Which text it has.
    Template(Values),
    /// What became of it.
    State(Values),
}

/// The message of this id.
///
/// # Errors
/// [`Code::MessageNotFound`].
pub async fn get(tx: &Tx, id: MessageId) -> Result<Delivered> {
    let message = Entity::find_by_id(id).one(tx).await?.ok_or(Code::MessageNotFound)?;
    let attempts = job::attempts(tx, message.job_id).await?;
    Ok(Delivered { message, attempts })
}

/// Sends a message again that failed, or one that waits at once. A code in it is another one, if somebody
/// still waits for one.
///
/// # Errors
/// [`Code::MessageNotFound`], [`Code::MessageNotFailed`].
pub async fn resend(tx: &Tx, id: MessageId) -> Result<Delivered> {
    // Two who ask at once would have it sent twice.
    tx.lock("message").await?;
    let Delivered { message, attempts } = get(tx, id).await?;
    let state = |state: &State| serde_json::json!({ "state": sea_orm::ActiveEnum::to_value(state) });
    tx.changed("message", &id, state(&message.state), state(&State::Queued));
    match message.state {
        State::Queued => {
            job::hasten(tx, message.job_id).await?;
            Ok(Delivered { message, attempts })
        }
        State::Failed => {
            let mut row: ActiveModel = message.into();
            row.job_id = Set(job::add(tx, JOB, serde_json::json!({ "message": id })).await?);
            row.state = Set(State::Queued);
            Ok(Delivered {
                message: row.update(tx).await?,
                attempts: vec![],
            })
        }
        State::Sent | State::Kept | State::Dropped => Err(Code::MessageNotFailed.into()),
    }
}

/// The text of a message, if it was kept.
///
/// # Errors
/// It was sealed with another master key.
pub fn content(master: &MasterKey, tenant: TenantId, message: &Model) -> Result<Option<Content>> {
    let Some(sealed) = &message.sealed_content else {
        return Ok(None);
    };
    let plain = master.open(&sealing_context(tenant, message.id), sealed);
    let plain = plain.context("opening a kept message")?;
    Ok(Some(serde_json::from_slice(&plain).context("reading a kept message")?))
}

fn sealing_context(tenant: TenantId, id: MessageId) -> String {
    format!("message/{tenant}/{id}")
}

/// The message that a job sends.
pub async fn of_job(tx: &Tx, job: JobId) -> Result<Option<Model>> {
    Ok(Entity::find().filter(Column::JobId.eq(job)).one(tx).await?)
}

/// The outcome of an attempt to send a message.
#[derive(Debug)]
pub struct Sending {
    /// How it stands.
    pub state: State,
    /// Its subject, as it was rendered.
    pub subject: String,
    /// Its text, if it is kept.
    pub kept: Option<Content>,
}

/// Writes the outcome of an attempt to send a message.
pub async fn record(tx: &Tx, master: &MasterKey, message: Model, sending: Sending) -> Result<()> {
    let id = message.id;
    let mut row: ActiveModel = message.into();
    row.subject = Set(Some(sending.subject));
    row.state = Set(sending.state);
    if matches!(sending.state, State::Sent | State::Kept) {
        row.sent_at = Set(Some(tx.now));
    }
    if let Some(content) = sending.kept {
        let plain = serde_json::to_vec(&content).context("writing a kept message")?;
        row.sealed_content = Set(Some(master.seal(&sealing_context(tx.tenant(), id), &plain)));
    }
    row.update(tx).await?;
    Ok(())
}

/// A message that is not sent stays in the list; but for one that was for nobody: anybody can make
/// any number of those.
pub async fn drop_unsent(tx: &Tx, message: Model, was_for_nobody: bool) -> Result<()> {
    if was_for_nobody {
        message.delete(tx).await?;
        return Ok(());
    }
    let mut row: ActiveModel = message.into();
    row.state = Set(State::Dropped);
    row.update(tx).await?;
    Ok(())
}
