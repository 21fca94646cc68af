//! Messages to people: queued with the fact they tell of, rendered and sent by a job.

pub mod api;
pub mod entity;
mod kind;
mod reported;
mod sending;
pub mod wire;

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
        text::{Email, Language},
    },
    sender::Sender,
    setting,
};
use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
pub use entity::{BounceKind, Model as Message, State, Template, attempt::Model as MessageAttempt};
use entity::{Column, Entity, Model, attempt};
pub use reported::{Reported, report};
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
pub use sending::{Sending, Tried, Unasked, begin_sending, drop_unsent, end_unasked, of_job, put_off, record};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The kind of a job that sends a message.
pub const JOB: &str = "mail";

/// How long after it was wanted a message may be sent again.
const RESENDABLE: TimeDelta = TimeDelta::hours(24);

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
    pub attempts: Vec<MessageAttempt>,
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
    /// What was done to an account, if it tells of that.
    pub deed: Option<Deed<'a>>,
    /// The challenge it tells of.
    pub verification: Option<VerificationId>,
}

/// Something that was done to an account.
#[derive(Clone, Copy, Debug)]
pub struct Deed<'a> {
    /// The user name of the account.
    pub account: &'a str,
    /// From which network.
    pub network: &'a str,
}

/// How a mail is wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct MailOptions<'a> {
    /// Its language; that of the tenant if `None`.
    pub language: Option<Language>,
    /// The application that asks, as it names itself.
    pub client_id: Option<&'a str>,
}

impl MailOptions<'_> {
    /// In the language of the request, for no application in particular.
    #[must_use]
    pub fn of(peer: &Peer) -> Self {
        Self {
            language: peer.language,
            client_id: None,
        }
    }
}

/// Queues a message; it leaves after the transaction has committed.
pub async fn queue(tx: &Tx, wanted: Outgoing<'_>) -> Result<MessageId> {
    insert(tx, wanted, false).await
}

/// Queues a message that only shows how its template looks.
pub async fn queue_test(tx: &Tx, wanted: Outgoing<'_>) -> Result<MessageId> {
    insert(tx, wanted, true).await
}

async fn insert(tx: &Tx, wanted: Outgoing<'_>, test: bool) -> Result<MessageId> {
    let id = MessageId::new(tx.now);
    let language = setting::language(tx, wanted.options.language).await?;
    let row = Model {
        id,
        job_id: add_job(tx, id).await?,
        verification_id: wanted.verification,
        template: wanted.template,
        address: wanted.address.to_owned(),
        language: language.to_string(),
        client_id: wanted.options.client_id.map(str::to_owned),
        about: wanted.about.map(str::to_owned),
        account: wanted.deed.map(|deed| deed.account.to_owned()),
        network: wanted.deed.map(|deed| deed.network.to_owned()),
        subject: None,
        state: State::Queued,
        sealed_content: None,
        created_at: tx.now,
        sent_at: None,
        sender_id: None,
        next_at: None,
        attempts: 0,
        relay_answer: None,
        enhanced: None,
        resend_of: None,
        cancelled_by: None,
        priority: i32::from(!wanted.template.is_awaited() && !test),
        test,
        bounce_kind: None,
        bounce_status: None,
        bounce_diagnostic: None,
        bounced_at: None,
        delivered_at: None,
    };
    db::insert(tx, row).await?;
    Ok(id)
}

/// One page of the messages, newest first. `senders` are those of the tenant.
pub async fn list(
    tx: &Tx,
    filters: &[MessageFilter],
    senders: &[Sender],
    timeline: &Timeline,
) -> Result<Listed<Delivered>> {
    let query = filters.iter().fold(Entity::find(), |query, filter| match filter {
        MessageFilter::To(values) => query.filter(values.of(Column::Address)),
        MessageFilter::Template(values) => query.filter(values.of(Column::Template)),
        MessageFilter::State(values) => query.filter(values.of(Column::State)),
        MessageFilter::Language(values) => query.filter(values.of(Column::Language)),
        MessageFilter::ClientId(values) => query.filter(values.of(Column::ClientId)),
        MessageFilter::Sender(values) => query.filter(is_by(values, senders)),
        MessageFilter::Since(since) => query.filter(Column::CreatedAt.gte(*since)),
        MessageFilter::Until(until) => query.filter(Column::CreatedAt.lt(*until)),
    });
    let columns = (Column::CreatedAt, Column::Id);
    let place = |message: &Model| (message.created_at, message.id);
    let listed = timeline.read(tx, "messages", query, columns, place).await?;
    let ids: Vec<MessageId> = listed.items.iter().map(|message| message.id).collect();
    let mut attempts: HashMap<MessageId, Vec<_>> = HashMap::new();
    for row in attempts_of(tx, ids).await? {
        attempts.entry(row.message_id).or_default().push(row);
    }
    Ok(listed.map(|message| Delivered {
        attempts: attempts.remove(&message.id).unwrap_or_default(),
        message,
    }))
}

/// That a message left by one of these senders. That of the instance has no name.
fn is_by(names: &Values, senders: &[Sender]) -> Condition {
    let named = senders.iter().filter(|sender| names.has(sender.name()));
    let any = Condition::any().add(Column::SenderId.is_in(named.map(Sender::id)));
    any.add_option(names.has("").then(|| Column::SenderId.is_null()))
}

/// The last messages to this address, newest first.
pub async fn to_address(tx: &Tx, address: &Email, most: u64) -> Result<Vec<Delivered>> {
    let forms = [address.address().to_lowercase(), address.key().to_owned()];
    let rows = Entity::find()
        .filter(Expr::cust("lower(address)").is_in(forms))
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(most)
        .all(tx)
        .await?;
    let mut attempts = attempts_of(tx, rows.iter().map(|message| message.id)).await?;
    let with_attempts = rows.into_iter().map(|message| Delivered {
        attempts: attempts
            .extract_if(.., |attempt| attempt.message_id == message.id)
            .collect(),
        message,
    });
    Ok(with_attempts.collect())
}

/// The attempts at these messages, the first one of each first.
async fn attempts_of(tx: &Tx, messages: impl IntoIterator<Item = MessageId>) -> Result<Vec<MessageAttempt>> {
    Ok(attempt::Entity::find()
        .filter(attempt::Column::MessageId.is_in(messages))
        .order_by_asc(attempt::Column::Number)
        .all(tx)
        .await?)
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
    /// The language of the text.
    Language(Values),
    /// The application it is for, as it named itself.
    ClientId(Values),
    /// The name of the sender that took it, or asked to come again; empty for that of the instance, and for none yet.
    Sender(Values),
    /// It was wanted then or later.
    Since(DateTime<Utc>),
    /// It was wanted before.
    Until(DateTime<Utc>),
}

/// The message of this id.
///
/// # Errors
/// [`Code::MessageNotFound`].
pub async fn get(tx: &Tx, id: MessageId) -> Result<Delivered> {
    let message = Entity::find_by_id(id).one(tx).await?.ok_or(Code::MessageNotFound)?;
    let attempts = attempts_of(tx, [id]).await?;
    Ok(Delivered { message, attempts })
}

/// The message of this id, if it may be sent again.
///
/// # Errors
/// [`Code::MessageNotFound`], [`Code::MessageNotResendable`].
pub async fn get_resendable(tx: &Tx, id: MessageId) -> Result<Model> {
    // Two who ask at once would have it sent twice.
    tx.lock("message").await?;
    let message = Entity::find_by_id(id).one(tx).await?.ok_or(Code::MessageNotFound)?;
    let is_over = matches!(message.state, State::Failed | State::Cancelled | State::Bounced);
    let again = Entity::find().filter(Column::ResendOf.eq(id));
    match is_over && message.created_at + RESENDABLE >= tx.now && again.one(tx).await?.is_none() {
        true => Ok(message),
        false => Err(Code::MessageNotResendable.into()),
    }
}

/// Queues a message once more, as a new one.
pub async fn resend(tx: &Tx, old: Model) -> Result<Delivered> {
    let id = MessageId::new(tx.now);
    let message = Model {
        id,
        job_id: add_job(tx, id).await?,
        subject: None,
        state: State::Queued,
        created_at: tx.now,
        sender_id: None,
        next_at: None,
        attempts: 0,
        enhanced: None,
        sent_at: None,
        relay_answer: None,
        resend_of: Some(old.id),
        cancelled_by: None,
        bounce_kind: None,
        bounce_status: None,
        bounce_diagnostic: None,
        bounced_at: None,
        delivered_at: None,
        ..old
    };
    db::insert(tx, message.clone()).await?;
    let what = serde_json::json!({ "state": "queued", "resendOf": old.id });
    tx.changed("message", &id, serde_json::Value::Null, what);
    Ok(Delivered {
        message,
        attempts: vec![],
    })
}

async fn add_job(tx: &Tx, id: MessageId) -> Result<JobId> {
    job::add(tx, JOB, serde_json::json!({ "message": id })).await
}

/// Keeps a message from being sent that waits, and answers it.
///
/// # Errors
/// [`Code::MessageNotFound`], [`Code::MessageUnderWay`].
pub async fn cancel(tx: &Tx, id: MessageId, by: &str) -> Result<Delivered> {
    let Delivered { message, attempts } = get(tx, id).await?;
    // Of this and the worker that takes it up, one comes first.
    let cancelled = Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Cancelled))
        .col_expr(Column::CancelledBy, Expr::value(by))
        .col_expr(Column::NextAt, Expr::value(None::<DateTime<Utc>>))
        .filter(Column::Id.eq(id))
        .filter(Column::State.is_in([State::Queued, State::Deferred]))
        .exec(tx)
        .await?;
    if cancelled.rows_affected == 0 {
        return Err(Code::MessageUnderWay.into());
    }
    let state = |state: &State| serde_json::json!({ "state": sea_orm::ActiveEnum::to_value(state) });
    tx.changed("message", &id, state(&message.state), state(&State::Cancelled));
    let message = Model {
        state: State::Cancelled,
        cancelled_by: Some(by.to_owned()),
        next_at: None,
        ..message
    };
    Ok(Delivered { message, attempts })
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
