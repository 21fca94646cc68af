//! How senders stand: which one it is that mail leaves by, and which are passed over until they work again.

use super::{
    Sender, State, all,
    entity::{Column, Entity, Model},
    find, write,
};
use crate::{
    job,
    kit::{db::Tx, error::Result, id::SenderId},
};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

/// The kind of a job that tries whether a failing sender works again.
pub const PROBE_JOB: &str = "sender-probe";
/// Faults in a row after which a sender is passed over.
const FAULTS: i32 = 5;
/// Letters of an error that are kept.
const WORDS: usize = 600;

/// The ways by which a message may leave.
#[derive(Debug, Default)]
pub struct Routes {
    /// The senders that work, the one to be tried first first.
    pub senders: Vec<Sender>,
    /// When one that does not is tried next.
    pub probe_at: Option<DateTime<Utc>>,
}

impl Routes {
    /// Whether the tenant has no sender of its own that is on.
    #[must_use]
    pub fn has_none(&self) -> bool {
        self.senders.is_empty() && self.probe_at.is_none()
    }
}

/// The ways by which a message may leave; `first` is the sender whose relay asked to come again: another one would ask
/// the same.
pub async fn routes(tx: &Tx, first: Option<SenderId>) -> Result<Routes> {
    let mut routes = Routes::default();
    for sender in all(tx).await?.into_iter().filter(|sender| sender.spec.enabled) {
        match sender.state() {
            State::Active => routes.senders.push(sender),
            State::Failing => {
                let at = sender.probe_at().unwrap_or(tx.now + TimeDelta::minutes(1));
                routes.probe_at = Some(routes.probe_at.map_or(at, |earlier| earlier.min(at)));
            }
        }
    }
    routes.senders.sort_by_key(|sender| Some(sender.id()) != first);
    Ok(routes)
}

/// The row as it is now, unless an administrator wrote it since: what it was before is to blame then.
async fn of_version(tx: &Tx, sender: &Sender) -> Result<Option<Model>> {
    tx.lock("sender").await?;
    let now = find(tx, sender.id()).await?;
    Ok(now.filter(|now| now.version() == sender.version()).map(|now| now.row))
}

fn words(error: &str) -> String {
    error.chars().take(WORDS).collect()
}

/// Remembers that it was the sender's fault that a message did not leave; answers whether it is passed over from now
/// on. One that does not take its credentials is at once.
pub async fn blame(tx: &Tx, sender: &Sender, error: &str, refused: bool) -> Result<bool> {
    let Some(old) = of_version(tx, sender).await? else {
        return Ok(false);
    };
    let mut new = old.clone();
    new.failures += 1;
    new.last_error = Some(words(error));
    let fails = old.state == State::Active && (refused || new.failures >= FAULTS);
    if fails {
        new.state = State::Failing;
        new.failing_since = Some(tx.now);
        tracing::warn!(sender = new.name, error, "a sender is passed over until it works again");
        schedule(tx, &mut new, 1).await?;
    }
    write(tx, &old, &new).await?;
    Ok(fails)
}

/// Remembers that the sender took a message, to the minute.
pub async fn praise(tx: &Tx, sender: &Sender) -> Result<()> {
    let is_news = Condition::any()
        .add(Column::Failures.ne(0))
        .add(Column::LastUsedAt.is_null())
        .add(Column::LastUsedAt.lt(tx.now - TimeDelta::minutes(1)));
    Entity::update_many()
        .col_expr(Column::Failures, Expr::value(0))
        .col_expr(Column::LastUsedAt, Expr::value(tx.now))
        .filter(Column::Id.eq(sender.id()))
        .filter(Column::State.eq(State::Active))
        .filter(is_news)
        .exec(tx)
        .await?;
    Ok(())
}

/// Has a sender be tried in so many minutes.
async fn schedule(tx: &Tx, row: &mut Model, minutes: i64) -> Result<()> {
    let at = tx.now + TimeDelta::minutes(minutes);
    row.probe_at = Some(at);
    job::add_at(tx, PROBE_JOB, json!({ "sender": row.id }), at).await?;
    Ok(())
}

/// A sender that was tried does not work yet.
pub async fn keep_failing(tx: &Tx, sender: &Sender, error: &str) -> Result<()> {
    let failing = of_version(tx, sender).await?;
    let Some(old) = failing.filter(|old| old.state == State::Failing) else {
        return Ok(());
    };
    let mut new = old.clone();
    new.last_error = Some(words(error));
    let since = old.failing_since.map_or(TimeDelta::zero(), |since| tx.now - since);
    let minutes = match since.num_minutes() {
        ..3 => 5,
        3..15 => 15,
        _ => 30,
    };
    schedule(tx, &mut new, minutes).await?;
    write(tx, &old, &new).await
}

fn activate(row: &mut Model) {
    (row.state, row.failing_since, row.failures, row.probe_at) = (State::Active, None, 0, None);
}

/// A sender that was tried works again.
pub async fn recover(tx: &Tx, sender: &Sender) -> Result<()> {
    if let Some(old) = of_version(tx, sender).await? {
        let mut new = old.clone();
        activate(&mut new);
        write(tx, &old, &new).await?;
    }
    Ok(())
}

/// Somebody saw the sender deliver, as it is now.
pub async fn verified(tx: &Tx, sender: &Sender) -> Result<()> {
    if let Some(old) = of_version(tx, sender).await? {
        let mut new = old.clone();
        activate(&mut new);
        (new.verified_at, new.last_used_at, new.last_error) = (Some(tx.now), Some(tx.now), None);
        write(tx, &old, &new).await?;
        let seen = |at: Option<DateTime<Utc>>| json!({ "verifiedAt": at });
        tx.changed("sender", &new.name, seen(old.verified_at), seen(new.verified_at));
    }
    Ok(())
}

/// Has mail leave by a sender again that was passed over.
pub async fn resume(tx: &Tx, old: Sender) -> Result<Sender> {
    if old.row.state == State::Active {
        tx.unchanged();
        return Ok(old);
    }
    let mut row = old.row.clone();
    activate(&mut row);
    write(tx, &old.row, &row).await?;
    let state = |state: State| json!({ "state": sea_orm::ActiveEnum::to_value(&state) });
    tx.changed("sender", &row.name, state(old.row.state), state(row.state));
    Ok(Sender { row, spec: old.spec })
}
