//! The life of keys: `next`, `active`, `retiring`, `retired`.

use super::{
    Algorithm, LONGEST_TOKEN_LIFE, Pair, State,
    entity::{Column, Entity, Model},
    job, pair,
    policy::Schedule,
    ring::context,
};
use crate::{
    context::{Operator, Services},
    kit::{
        db::{self, Tx},
        error::Result,
        id::{KeyId, TenantId},
        page::{Listed, Timeline},
        secret::MasterKey,
        selector::Values,
    },
    setting,
};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::Value;

/// When keys are looked at at the latest: those that were withdrawn long ago are forgotten then.
const SELDOM: TimeDelta = TimeDelta::days(90);
/// How long a key is published after it has stopped signing: until its last token has ended, and a day more.
const TAIL: TimeDelta = TimeDelta::hours(LONGEST_TOKEN_LIFE.num_hours() + 24);
/// How long the public half of a key is kept that is withdrawn: as long as a session may last that began with a
/// token of it, so that whoever is still signed in can sign out with that token.
const KEPT: TimeDelta = TimeDelta::days(365);

/// Makes the tenant's first key for its own tokens, if it has none, and has the others made later: an
/// RSA key would be the longest part of the founding of a tenant.
pub async fn ensure(tx: &Tx, master: &MasterKey) -> Result<()> {
    if !published(tx).await?.is_empty() {
        return Ok(());
    }
    add(tx, master, pair::generate(Algorithm::EdDsa)?, State::Active, tx.now).await?;
    job::schedule(tx, tx.now + job::AFTER_FOUNDING, None).await
}

/// Makes the keys that a tenant still lacks, for whoever asks for them before the job has done it.
///
/// # Errors
/// The database's, or the system has no randomness.
pub async fn complete(services: &Services, tenant: TenantId) -> Result<()> {
    let operator = Operator::new(services, tenant);
    let wanted = operator.read(async |tx| wanted(tx).await).await?;
    let made = pair::make(&wanted).await?;
    let turn = async |tx: &Tx| {
        let due = turn(tx, &services.master, made).await?;
        job::schedule(tx, due, None).await
    };
    operator.write("signing-keys:rotate", "*", turn).await
}

/// Something that must be so of a key.
#[derive(Clone, Debug)]
pub enum KeyFilter {
    /// Its `kid`.
    Kid(Values),
    /// What it signs with.
    Algorithm(Values),
    /// Where it is in its life.
    State(Values),
}

/// One page of the tenant's keys.
pub async fn list(tx: &Tx, filters: &[KeyFilter], timeline: &Timeline) -> Result<Listed<Model>> {
    let query = filters.iter().fold(Entity::find(), |query, filter| match filter {
        KeyFilter::Kid(values) => query.filter(values.of(Column::Kid)),
        KeyFilter::Algorithm(values) => query.filter(values.of(Column::Algorithm)),
        KeyFilter::State(values) => query.filter(values.of(Column::State)),
    });
    let place = |row: &Model| (row.created_at, row.id);
    let columns = (Column::CreatedAt, Column::Id);
    timeline.read(tx, "signing-keys", query, columns, place).await
}

/// How keys are to be rotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The next key is published, and signs a day later.
    Smooth,
    /// Whoever has the private halves must be able to do nothing with them: the next key signs at once,
    /// and every token of the others is dead.
    Compromised,
}

/// Rotates the keys of the algorithms of these pairs.
///
/// A next key that is published already stays: then there is nothing to change.
pub async fn rotate(tx: &Tx, master: &MasterKey, made: Vec<Pair>, how: Rotation) -> Result<()> {
    let rows = lock(tx).await?;
    let schedule = schedule(tx).await?;
    let mut is_changed = false;
    for pair in made {
        let of = rows.iter().filter(|row| row.algorithm == pair.algorithm);
        let has = |state| of.clone().any(|row| row.state == state);
        let (state, signs_from) = match how {
            Rotation::Compromised => {
                for row in of.clone() {
                    let withdrawn = withdraw(row, tx.now);
                    save(tx, row, withdrawn).await?;
                }
                (State::Active, tx.now)
            }
            Rotation::Smooth if has(State::Next) => continue,
            Rotation::Smooth if has(State::Active) => (State::Next, tx.now + schedule.lead()),
            Rotation::Smooth => (State::Active, tx.now),
        };
        add(tx, master, pair, state, signs_from).await?;
        is_changed = true;
    }
    match is_changed {
        true => job::schedule(tx, due(&published(tx).await?, schedule, tx.now), None).await?,
        false => tx.unchanged(),
    }
    Ok(())
}

/// Has done by the right time what is to be done since the tenant decided anew when keys are rotated.
pub async fn reschedule(tx: &Tx) -> Result<()> {
    let due = due(&published(tx).await?, schedule(tx).await?, tx.now);
    job::schedule(tx, due, None).await
}

/// When the tenant wants its keys rotated.
async fn schedule(tx: &Tx) -> Result<Schedule> {
    let (schedule, _) = setting::read(tx).await?;
    Ok(schedule)
}

/// The algorithms that want another key by now.
pub(super) async fn wanted(tx: &Tx) -> Result<Vec<Algorithm>> {
    let rows = published(tx).await?;
    let schedule = schedule(tx).await?;
    let all = Algorithm::ALL.into_iter();
    let is_wanted = |algorithm: &Algorithm| wants(&rows, schedule, *algorithm).is_some_and(|from| from <= tx.now);
    Ok(all.filter(is_wanted).collect())
}

/// Does what is due to the tenant's keys, with these new ones, and answers when there is more to do.
pub(super) async fn turn(tx: &Tx, master: &MasterKey, made: Vec<Pair>) -> Result<DateTime<Utc>> {
    let rows = lock(tx).await?;
    for next in &rows {
        if next.state == State::Next && next.signs_from() <= tx.now {
            let is_before = |row: &&Model| row.algorithm == next.algorithm && row.state == State::Active;
            if let Some(before) = rows.iter().find(is_before) {
                save(tx, before, retire(before, tx.now)).await?;
            }
            let active = Model {
                state: State::Active,
                ..next.clone()
            };
            save(tx, next, active).await?;
        }
    }
    for row in &rows {
        if row.state == State::Retiring && row.removed_at.is_some_and(|at| at <= tx.now) {
            save(tx, row, withdraw(row, tx.now)).await?;
        }
    }
    let rows = published(tx).await?;
    let schedule = schedule(tx).await?;
    for pair in made {
        // Somebody else may have been faster.
        if wants(&rows, schedule, pair.algorithm).is_some_and(|from| from <= tx.now) {
            let is_active = |row: &&Model| row.algorithm == pair.algorithm && row.state == State::Active;
            let (state, signs_from) = match rows.iter().find(is_active) {
                Some(active) => {
                    let signs_from = active.signs_from() + schedule.period();
                    (State::Next, signs_from.max(tx.now + schedule.lead()))
                }
                None => (State::Active, tx.now),
            };
            add(tx, master, pair, state, signs_from).await?;
        }
    }
    Entity::delete_many()
        .filter(Column::State.eq(State::Retired))
        .filter(Column::RemovedAt.lte(tx.now - KEPT))
        .exec(tx)
        .await?;
    Ok(due(&published(tx).await?, schedule, tx.now))
}

/// The keys that are published, which nobody else changes until this transaction ends.
async fn lock(tx: &Tx) -> Result<Vec<Model>> {
    tx.lock("signing_key").await?;
    published(tx).await
}

async fn published(tx: &Tx) -> Result<Vec<Model>> {
    let published = Entity::find().filter(Column::State.ne(State::Retired));
    Ok(published.all(tx).await?)
}

/// From when on an algorithm wants another key; none if it has its next one, or gets it by hand.
fn wants(rows: &[Model], schedule: Schedule, algorithm: Algorithm) -> Option<DateTime<Utc>> {
    let of = |state| move |row: &&Model| row.algorithm == algorithm && row.state == state;
    if rows.iter().any(|row| of(State::Next)(&row)) {
        return None;
    }
    let Some(active) = rows.iter().find(of(State::Active)) else {
        return Some(DateTime::UNIX_EPOCH);
    };
    let from = active.signs_from() + schedule.period() - schedule.lead();
    schedule.automatic.then_some(from)
}

/// When there is something to do to these keys.
fn due(rows: &[Model], schedule: Schedule, now: DateTime<Utc>) -> DateTime<Utc> {
    let of_row = |row: &Model| match row.state {
        State::Next => Some(row.signs_from()),
        State::Retiring => row.removed_at,
        State::Active | State::Retired => None,
    };
    let new = Algorithm::ALL
        .into_iter()
        .filter_map(|algorithm| wants(rows, schedule, algorithm));
    let first = rows.iter().filter_map(of_row).chain(new).min();
    first.unwrap_or(now + SELDOM).max(now)
}

fn retire(row: &Model, now: DateTime<Utc>) -> Model {
    Model {
        state: State::Retiring,
        retires_at: Some(now),
        removed_at: Some(now + TAIL),
        ..row.clone()
    }
}

fn withdraw(row: &Model, now: DateTime<Utc>) -> Model {
    Model {
        state: State::Retired,
        sealed_private: vec![],
        retires_at: row.retires_at.or(Some(now)),
        removed_at: Some(now),
        ..row.clone()
    }
}

async fn save(tx: &Tx, old: &Model, new: Model) -> Result<()> {
    tx.changed("signing-key", &old.kid, old.audit_view(), new.audit_view());
    let mut difference = db::difference(old, &new);
    difference.id = sea_orm::ActiveValue::Unchanged(old.id);
    difference.update(tx).await?;
    Ok(())
}

async fn add(tx: &Tx, master: &MasterKey, pair: Pair, state: State, signs_from: DateTime<Utc>) -> Result<()> {
    let row = Model {
        id: KeyId::new(tx.now),
        sealed_private: master.seal(&context(tx.tenant(), &pair.kid), &pair.private),
        kid: pair.kid,
        algorithm: pair.algorithm,
        public: pair.public,
        created_at: tx.now,
        state,
        activates_at: Some(signs_from),
        retires_at: None,
        removed_at: None,
    };
    tx.changed("signing-key", &row.kid, Value::Null, row.audit_view());
    db::insert(tx, row).await?;
    Ok(())
}
