//! What the job that sends a message writes down.

use super::{
    Content, State,
    entity::{ActiveModel, Column, Entity, Model, attempt},
    sealing_context,
};
use crate::kit::{
    db::{self, Tx},
    error::Result,
    id::{JobId, SenderId},
    mail::{Reply, Step},
    secret::MasterKey,
    series::{self, Metric},
};
use anyhow::Context;
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, EntityTrait, ModelTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use std::time::Duration;

/// Letters of an answer that are kept.
const WORDS: usize = 600;

/// The message that a job sends.
pub async fn of_job(tx: &Tx, job: JobId) -> Result<Option<Model>> {
    Ok(Entity::find().filter(Column::JobId.eq(job)).one(tx).await?)
}

/// Takes a message to be sent now, unless somebody decided meanwhile that it is not to be.
pub async fn begin_sending(tx: &Tx, message: &Model) -> Result<bool> {
    let waits = [State::Queued, State::Deferred, State::Sending];
    let begun = Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Sending))
        .filter(Column::Id.eq(message.id))
        .filter(Column::State.is_in(waits))
        .exec(tx)
        .await?;
    Ok(begun.rows_affected == 1)
}

/// Says until when a message waits for its turn.
pub async fn put_off(tx: &Tx, message: &Model, until: DateTime<Utc>) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::NextAt, Expr::value(until))
        .filter(Column::Id.eq(message.id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Why a message ends without a relay being asked.
#[derive(Clone, Debug)]
pub enum Unasked {
    /// A relay said before that nobody has the address: since when, and in which words.
    Undeliverable(DateTime<Utc>, Option<String>),
    /// Its owner complained of one, and did not ask for this one.
    Complained(DateTime<Utc>),
    /// The address had too many of late.
    TooMany,
}

/// Ends a message without asking a relay, unless somebody cancelled it, and says why in its log.
pub async fn end_unasked(tx: &Tx, message: &Model, why: Unasked) -> Result<()> {
    let (state, step, enhanced) = match why {
        Unasked::Undeliverable(..) => (State::Failed, "known", Some("5.1.1")),
        Unasked::Complained(_) => (State::Dropped, "complained", None),
        Unasked::TooMany => (State::Dropped, "limit", None),
    };
    let words = match why {
        Unasked::Undeliverable(since, words) => {
            let since = since.format("%Y-%m-%d");
            format!("known to be undeliverable since {since}: {}", words.unwrap_or_default())
        }
        Unasked::Complained(since) => {
            let since = since.format("%Y-%m-%d");
            format!("its owner complained of a message on {since}, and gets only what they ask for")
        }
        Unasked::TooMany => "the address had too many messages of late".to_owned(),
    };
    let ended = Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::Enhanced, Expr::value(enhanced))
        .col_expr(Column::NextAt, Expr::value(None::<DateTime<Utc>>))
        .filter(Column::Id.eq(message.id))
        .filter(Column::State.ne(State::Cancelled))
        .exec(tx)
        .await?;
    if ended.rows_affected == 0 {
        return Ok(());
    }
    let row = attempt::Model {
        message_id: message.id,
        number: message.attempts + 1,
        at: tx.now,
        sender_id: None,
        step: Some(step.to_owned()),
        smtp_code: None,
        enhanced: enhanced.map(str::to_owned),
        answer: Some(shortened(&words)),
        tls: false,
        milliseconds: 0,
    };
    db::insert(tx, row).await?;
    match state {
        State::Failed => series::add_one(tx, Metric::MailsFailed).await,
        _ => Ok(()),
    }
}

/// One attempt to have one relay take a message.
#[derive(Clone, Debug)]
pub struct Tried {
    /// By which sender; none is the instance's.
    pub sender: Option<SenderId>,
    /// The step at which it failed, if it did.
    pub step: Option<Step>,
    /// What the relay said.
    pub reply: Option<Reply>,
    /// What went wrong where it said nothing.
    pub words: Option<String>,
    /// Whether it left by TLS.
    pub tls: bool,
    /// How long it took.
    pub time: Duration,
}

/// The outcome of an attempt to send a message.
#[derive(Debug)]
pub struct Sending {
    /// How it stands.
    pub state: State,
    /// The sender that took it, or asked to come again.
    pub sender: Option<SenderId>,
    /// When it is tried next, if it is.
    pub next_at: Option<DateTime<Utc>>,
    /// The relays that were asked.
    pub tried: Vec<Tried>,
    /// Its subject, as it was rendered.
    pub subject: String,
    /// Its text, if it is kept.
    pub kept: Option<Content>,
}

/// Writes the outcome of an attempt to send a message.
pub async fn record(tx: &Tx, master: &MasterKey, message: Model, sending: Sending) -> Result<()> {
    let id = message.id;
    let before = message.attempts;
    let rows = (before + 1..)
        .zip(&sending.tried)
        .map(|(number, tried)| attempt::ActiveModel {
            message_id: Set(id),
            number: Set(number),
            at: Set(tx.now),
            sender_id: Set(tried.sender),
            step: Set(tried.step.map(|step| step.as_str().to_owned())),
            smtp_code: Set(tried.reply.as_ref().map(|reply| reply.code.into())),
            enhanced: Set(tried.reply.as_ref().and_then(|reply| reply.enhanced.clone())),
            answer: Set(tried.answer()),
            tls: Set(tried.tls),
            milliseconds: Set(i32::try_from(tried.time.as_millis()).unwrap_or(i32::MAX)),
        });
    // The same attempt is written twice only by a worker whose lease ran out while it worked.
    let once = OnConflict::new().do_nothing().to_owned();
    attempt::Entity::insert_many(rows)
        .on_conflict(once)
        .exec_without_returning(tx)
        .await?;
    let last = sending.tried.last();
    let mut row: ActiveModel = message.into();
    row.attempts = Set(before + i32::try_from(sending.tried.len()).unwrap_or(1));
    row.subject = Set(Some(sending.subject));
    row.state = Set(sending.state);
    row.sender_id = Set(sending.sender);
    row.next_at = Set(sending.next_at);
    row.enhanced = Set(last.and_then(|tried| tried.reply.as_ref()?.enhanced.clone()));
    if matches!(sending.state, State::Sent | State::Kept) {
        row.sent_at = Set(Some(tx.now));
        row.relay_answer = Set(last.and_then(Tried::answer));
    }
    if let Some(content) = sending.kept {
        let plain = serde_json::to_vec(&content).context("writing a kept message")?;
        row.sealed_content = Set(Some(master.seal(&sealing_context(tx.tenant(), id), &plain)));
    }
    row.update(tx).await?;
    match sending.state {
        State::Sent | State::Kept => series::add_one(tx, Metric::MailsSent).await,
        State::Failed => series::add_one(tx, Metric::MailsFailed).await,
        _ => Ok(()),
    }
}

impl Tried {
    fn answer(&self) -> Option<String> {
        let said = self.reply.as_ref().map(ToString::to_string);
        let text = said.or_else(|| self.words.clone())?;
        Some(shortened(&text))
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(WORDS).collect()
}

/// A message that is not sent stays in the list; but for one that was for nobody: anybody can make
/// any number of those.
pub async fn drop_unsent(tx: &Tx, message: Model, was_for_nobody: bool) -> Result<()> {
    if was_for_nobody {
        message.delete(tx).await?;
        return Ok(());
    }
    // Unless somebody cancelled it, which says more.
    Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Dropped))
        .filter(Column::Id.eq(message.id))
        .filter(Column::State.ne(State::Cancelled))
        .exec(tx)
        .await?;
    Ok(())
}
