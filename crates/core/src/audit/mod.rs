//! What was done, by whom, and what was denied: a chain of events for each tenant.
//!
//! Every event carries a keyed hash of itself and the one before. A change, removal or addition
//! of an event in the database without the master key breaks the chain from there on; cutting off its
//! end is found by comparing with a head that was noted elsewhere.

mod budget;
pub mod entity;

pub use budget::{Denials, Limited};

use crate::kit::{
    db::{self, Change, Part, Tx},
    error::{Code, Result},
    http::Peer,
    id::{SessionId, TenantId, UserId},
    page::{Listed, Timeline},
    request,
    secret::MasterKey,
    selector::Values,
};
use chrono::{DateTime, SubsecRound, Utc};
pub use entity::Model as Event;
use entity::{Column, Entity, Model};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, Order, QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde_json::{Value, json};

/// The program of acts that no request asked for.
const OPERATOR: &str = "tenantry (operator)";

/// The outcome of an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// A rule refused it, and that was kept: a try that counted.
    Refused(Code),
    /// The caller may not.
    Denied(Code),
}

impl Outcome {
    /// Whether a secret that cannot be guessed was wrong, which is worth no event by itself.
    #[must_use]
    pub fn is_wrong_token(self) -> bool {
        matches!(self, Self::Refused(Code::RefreshTokenInvalid | Code::CodeInvalid))
    }
}

/// An act to be kept.
pub struct Act<'a> {
    /// The user, if it is one, their name and their session; none for an anonymous caller and for the server's
    /// commands.
    pub actor: Option<(Option<UserId>, &'a str, Option<SessionId>)>,
    /// From where; none for the server's own commands.
    pub peer: Option<&'a Peer>,
    /// The permission it needed.
    pub action: &'a str,
    /// The object's name; `*` for none, then it is the first that changed.
    pub object: &'a str,
    /// Its outcome.
    pub outcome: Outcome,
}

/// A question for events.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// What they may say.
    pub fields: Vec<(Field, Values)>,
    /// Not before.
    pub since: Option<DateTime<Utc>>,
    /// Before.
    pub until: Option<DateTime<Utc>>,
}

/// Something that an event says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// By whom.
    Actor,
    /// `resource:verb`.
    Action,
    /// The object's name.
    Object,
    /// `done`, `refused` or `denied`.
    Outcome,
    /// Of which request.
    RequestId,
    /// From where.
    IpAddress,
}

/// The result of checking a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Events that were checked.
    pub events: i64,
    /// Number and hash of the last one, to be noted elsewhere.
    pub head: String,
    /// The first event that is not what was written, if any.
    pub broken_at: Option<i64>,
    /// Whether it has the head that was asked for, if one was.
    pub has_head: bool,
}

impl Verdict {
    /// Whether the trail is as it was written, as far as that can be told.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        self.broken_at.is_none() && self.has_head
    }
}

/// Adds an event to the tenant's chain. The last thing a transaction does: from here on others wait.
pub async fn append(tx: &Tx, master: &MasterKey, act: Act<'_>) -> Result<()> {
    add(tx, master, act, tx.take_changes()).await
}

/// The same for what a part of the transaction did; before the event of the transaction itself, and when all of its parts
/// are done.
pub async fn append_part(tx: &Tx, master: &MasterKey, act: Act<'_>, part: Part) -> Result<()> {
    add(tx, master, act, part.changes).await
}

async fn add(tx: &Tx, master: &MasterKey, act: Act<'_>, changes: Vec<Change>) -> Result<()> {
    let object = match (act.object, changes.first()) {
        ("*", Some(change)) => change.name.clone(),
        ("*", None) => String::new(),
        (name, _) => name.to_owned(),
    };
    tx.lock("audit").await?;
    let last = Entity::find()
        .select_only()
        .columns([Column::Sequence, Column::Hash])
        .order_by_desc(Column::Sequence);
    let (sequence, before): (i64, Vec<u8>) = last.into_tuple().one(tx).await?.unwrap_or_default();
    let (outcome, code) = match act.outcome {
        Outcome::Done => ("done", None),
        Outcome::Refused(code) => ("refused", Some(code)),
        Outcome::Denied(code) => ("denied", Some(code)),
    };
    let mut event = Model {
        sequence: sequence + 1,
        // As precise as the databases keep it.
        at: tx.now.trunc_subsecs(6),
        actor_id: act.actor.and_then(|(id, _, _)| id),
        actor: act.actor.map(|(_, name, _)| name.to_owned()).unwrap_or_default(),
        session_id: act.actor.and_then(|(_, _, session)| session),
        ip_address: act.peer.map(|peer| peer.ip.to_string()).unwrap_or_default(),
        user_agent: act.peer.map_or(OPERATOR, |peer| &peer.user_agent).to_owned(),
        request_id: request::id(),
        action: act.action.to_owned(),
        // A path can name anything.
        object: object.replace('\0', "").chars().take(254).collect(),
        outcome: outcome.to_owned(),
        code: code.map(|code| code.as_str().to_owned()),
        changes: changes
            .into_iter()
            .map(Change::into_json)
            .collect::<Value>()
            .to_string(),
        hash: vec![],
    };
    event.hash = hash(master, tx.tenant(), &before, &event);
    db::insert(tx, event).await?;
    Ok(())
}

/// The keyed hash of an event: over all it says, and the hash of the one before.
fn hash(master: &MasterKey, tenant: TenantId, before: &[u8], event: &Model) -> Vec<u8> {
    let said = json!([
        event.sequence,
        event.at.timestamp_micros(),
        event.actor_id,
        event.actor,
        event.session_id,
        event.ip_address,
        event.user_agent,
        event.request_id,
        event.action,
        event.object,
        event.outcome,
        event.code,
        event.changes,
    ]);
    master.hash(&format!("audit/{tenant}"), &format!("{}{said}", hex(before)))
}

/// Bytes as hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or_default();
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// One page of the events that pass the filter.
pub async fn list(tx: &Tx, filter: &Filter, timeline: &Timeline) -> Result<Listed<Model>> {
    /// Events that are counted, where a filter says which.
    const COUNTED: u64 = 1_000;
    let fields = filter.fields.iter().map(|(field, values)| {
        let column = match field {
            Field::Actor => Column::Actor,
            Field::Action => Column::Action,
            Field::Object => Column::Object,
            Field::Outcome => Column::Outcome,
            Field::RequestId => Column::RequestId,
            Field::IpAddress => Column::IpAddress,
        };
        values.of(column)
    });
    let times = [
        filter.since.map(|since| Column::At.gte(since)),
        filter.until.map(|until| Column::At.lt(until)),
    ];
    let conditions: Vec<_> = fields.chain(times.into_iter().flatten()).collect();
    let is_filtered = !conditions.is_empty();
    let query = conditions.into_iter().fold(Entity::find(), QueryFilter::filter);
    let count = async |query: Select<Entity>| {
        let numbers = query.select_only().column(Column::Sequence);
        if is_filtered {
            let found: Vec<i64> = numbers.limit(COUNTED + 1).into_tuple().all(tx).await?;
            let found = found.len() as u64;
            return Ok((found.min(COUNTED), found <= COUNTED));
        }
        // They are numbered without a gap.
        Ok((u64::try_from(last(tx).await?).unwrap_or_default(), true))
    };
    let numbered = (Column::Sequence, |event: &Model| event.sequence);
    timeline.read_numbered(tx, "audit-events", query, numbered, count).await
}

/// A name that an object has or had, and when: whatever had it before, or got it later, is another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The name.
    pub name: String,
    /// Since when it has it.
    pub since: DateTime<Utc>,
    /// Until when it had it; none if it has it still.
    pub until: Option<DateTime<Utc>>,
}

impl Named {
    /// What is told of the object under this name.
    fn condition(&self) -> Condition {
        Condition::all()
            .add(Column::Object.eq(&self.name))
            .add(Column::At.gte(self.since.trunc_subsecs(6)))
            .add_option(self.until.map(|until| Column::At.lte(until)))
    }
}

/// A question for what was done to one object, or refused.
#[derive(Clone, Copy, Debug)]
pub struct History<'a> {
    /// The object, by each name that it had.
    pub object: &'a [Named],
    /// The permissions that what was done to such objects needed.
    pub actions: &'a [&'static str],
    /// `done` or `refused`.
    pub outcome: &'static str,
    /// The number of the event after which to go on, in the order that is asked for; none from its beginning.
    pub after: Option<i64>,
    /// Whether the oldest comes first.
    pub is_ascending: bool,
    /// How many at most.
    pub limit: u32,
}

/// What was done to an object, or refused.
pub async fn history(tx: &Tx, asked: History<'_>) -> Result<Vec<Model>> {
    let order = match asked.is_ascending {
        true => Order::Asc,
        false => Order::Desc,
    };
    let after = asked.after.map(|after| match asked.is_ascending {
        true => Column::Sequence.gt(after),
        false => Column::Sequence.lt(after),
    });
    let object = asked.object.iter().map(Named::condition);
    let events = Entity::find()
        .filter(object.fold(Condition::any(), Condition::add))
        .filter(Column::Outcome.eq(asked.outcome))
        .filter(Column::Action.is_in(asked.actions.iter().copied()))
        .filter(Condition::all().add_option(after))
        .order_by(Column::Sequence, order)
        .limit(u64::from(asked.limit));
    Ok(events.all(tx).await?)
}

/// What a user did, under the names that they had, the latest first.
pub async fn done_by(tx: &Tx, user: UserId, names: &[Named], most: u64) -> Result<Vec<Model>> {
    let events = Entity::find()
        .filter(Column::ActorId.eq(user))
        .filter(Column::Actor.is_in(names.iter().map(|named| named.name.as_str())))
        .order_by_desc(Column::Sequence)
        .limit(most);
    Ok(events.all(tx).await?)
}

/// The addresses from which something about this object was refused since then, so many at the most, the latest
/// first.
pub async fn refused_from(tx: &Tx, object: &str, since: DateTime<Utc>, most: u64) -> Result<Vec<String>> {
    let addresses = Entity::find()
        .select_only()
        .column(Column::IpAddress)
        .filter(Column::Object.eq(object))
        .filter(Column::Outcome.eq("refused"))
        .filter(Column::At.gte(since.trunc_subsecs(6)))
        .group_by(Column::IpAddress)
        .order_by(Column::Sequence.max(), Order::Desc)
        .limit(most);
    Ok(addresses.into_tuple().all(tx).await?)
}

/// The number of the last event.
pub async fn last(tx: &Tx) -> Result<i64> {
    let last = Entity::find()
        .select_only()
        .column(Column::Sequence)
        .order_by_desc(Column::Sequence);
    Ok(last.into_tuple().one(tx).await?.unwrap_or_default())
}

/// An event as it is counted.
#[derive(Debug, FromQueryResult)]
pub struct Counted {
    /// Its number.
    pub sequence: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// The permission it needed.
    pub action: String,
    /// `done`, `refused` or `denied`.
    pub outcome: String,
    /// Its changes, as JSON.
    pub changes: String,
}

/// The events after this one, so many at the most, the oldest first.
pub async fn after(tx: &Tx, sequence: i64, most: u64) -> Result<Vec<Counted>> {
    let columns = [
        Column::Sequence,
        Column::At,
        Column::Action,
        Column::Outcome,
        Column::Changes,
    ];
    let events = Entity::find()
        .select_only()
        .columns(columns)
        .filter(Column::Sequence.gt(sequence))
        .order_by_asc(Column::Sequence)
        .limit(most);
    Ok(events.into_model().all(tx).await?)
}

/// A head as it is noted.
fn head(sequence: i64, hash: &[u8]) -> String {
    format!("{sequence}:{}", hex(hash))
}

/// Whether the trail has this head, noted when it was shorter: what was checked up to there goes on here.
pub async fn has_head(tx: &Tx, noted: &str) -> Result<bool> {
    let number = noted.split(':').next().and_then(|number| number.parse().ok());
    let Some(number) = number else { return Ok(false) };
    let event = Entity::find_by_id(number).select_only().column(Column::Hash);
    let hash: Vec<u8> = event.into_tuple().one(tx).await?.unwrap_or_default();
    Ok(noted == head(number, &hash))
}

/// Checks the whole chain of the tenant, and that it has this head, noted when it was shorter.
pub async fn verify(tx: &Tx, master: &MasterKey, noted: Option<&str>) -> Result<Verdict> {
    /// Events read at a time.
    const PART: u64 = 1_000;
    let (mut sequence, mut before) = (0, vec![]);
    let mut has_head = noted.is_none_or(|noted| noted == head(0, &[]));
    let broken_at = loop {
        let query = Entity::find().filter(Column::Sequence.gt(sequence));
        let part = query.order_by_asc(Column::Sequence).limit(PART).all(tx).await?;
        let wrong = part.iter().find(|event| {
            let right = event.sequence == sequence + 1 && event.hash == hash(master, tx.tenant(), &before, event);
            if right {
                sequence = event.sequence;
                before.clone_from(&event.hash);
                has_head |= noted.is_some_and(|noted| noted == head(sequence, &before));
            }
            !right
        });
        if wrong.is_some() || part.is_empty() {
            break wrong.map(|_| sequence + 1);
        }
    };
    Ok(Verdict {
        events: sequence,
        head: head(sequence, &before),
        broken_at,
        has_head,
    })
}
