//! Senders: the relays of a tenant's own that its mail leaves by, in an order. The first that works is used.

pub mod api;
pub mod dkim;
pub mod dkim_wire;
pub mod entity;
mod kind;
mod policy;
pub mod records;
pub mod spec;
mod standing;
mod transport;
pub mod wire;

pub use dkim::DKIM_JOB;
pub use kind::{DkimAlgorithm, DkimState, Encryption, State};
pub use policy::MailPolicy;
pub use standing::{PROBE_JOB, Routes, blame, keep_failing, praise, recover, resume, routes, verified};
pub use transport::{Host, Transports};

use crate::{
    kit::{
        db::{self, Tx},
        error::{Code, Error, OnConflict, Result},
        id::{SenderId, TenantId},
        object::check_version,
        secret::MasterKey,
        text::SenderName,
    },
    quota::{self, Quota},
};
use anyhow::Context;
use chrono::{DateTime, Utc};
use entity::{Column, Entity, Model};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use serde_json::{Value, json};
use spec::{Spec, Text};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Senders a tenant may have.
pub const MOST: usize = 10;

/// A relay of a tenant's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    row: Model,
    /// What an administrator decided.
    pub spec: Spec,
}

/// What becomes of the password of a sender.
#[derive(Debug, Default)]
pub enum Password {
    /// It stays.
    #[default]
    Keep,
    /// It goes.
    Remove,
    /// It is this one.
    Set(Zeroizing<String>),
}

/// What a spec is checked against, besides itself.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// Ports that the operator lists.
    pub ports: Vec<u16>,
    /// What the instance calls itself, where that is somebody else.
    pub instance: Option<Arc<str>>,
    /// The host that was looked at.
    pub host: String,
    /// Where that is.
    pub is: Host,
}

impl Sender {
    fn new(row: Model) -> Result<Self> {
        let wrong = |what: &str, why: &str| anyhow::anyhow!("{what} of a sender in the database {why}");
        let name = |text: &str| text.parse().map_err(|why| wrong("the name", why));
        let address = |text: &str| text.parse().map_err(|why| wrong("the address", why));
        let number = |number: i32| number.try_into().unwrap_or_default();
        let spec = Spec {
            display_name: name(&row.display_name)?,
            enabled: row.enabled,
            host: row.host.clone(),
            port: row.port.try_into().unwrap_or_default(),
            encryption: row.encryption,
            username: row.username.clone(),
            from_address: address(&row.from_address)?,
            from_name: row.from_name.as_deref().map(name).transpose()?,
            reply_to: row.reply_to.as_deref().map(address).transpose()?,
            envelope_domain: row.envelope_domain.clone(),
            per_minute: number(row.per_minute),
            per_day: row.per_day.map(number),
        };
        Ok(Self { row, spec })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> SenderId {
        self.row.id
    }

    /// The stable handle.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.row.name
    }

    /// Counts the writes of administrators.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.row.version
    }

    /// How it stands.
    #[must_use]
    pub fn state(&self) -> State {
        self.row.state
    }

    /// Since when it is passed over, if it is.
    #[must_use]
    pub fn failing_since(&self) -> Option<DateTime<Utc>> {
        self.row.failing_since
    }

    /// Why it last did not take a message.
    #[must_use]
    pub fn last_error(&self) -> Option<&str> {
        self.row.last_error.as_deref()
    }

    /// When it is tried next, if it is failing.
    #[must_use]
    pub fn probe_at(&self) -> Option<DateTime<Utc>> {
        self.row.probe_at
    }

    /// Whether a password is kept.
    #[must_use]
    pub fn has_password(&self) -> bool {
        self.row.password_sealed.is_some()
    }

    /// The password.
    ///
    /// # Errors
    /// It was sealed with another master key.
    pub fn password(&self, tenant: TenantId, master: &MasterKey) -> Result<Option<Zeroizing<String>>> {
        let Some(sealed) = &self.row.password_sealed else {
            return Ok(None);
        };
        let mut plain = master
            .open(&sealing_context(tenant, self.row.id), sealed)
            .context("opening the password of a sender")?;
        let plain = String::from_utf8(std::mem::take(&mut *plain)).context("reading the password of a sender")?;
        Ok(Some(Zeroizing::new(plain)))
    }

    fn audit_view(&self) -> Value {
        json!({ "spec": self.spec, "passwordSetAt": self.row.password_set_at, "position": self.row.position })
    }
}

fn sealing_context(tenant: TenantId, id: SenderId) -> String {
    format!("sender/{tenant}/{id}")
}

/// The senders in their order.
pub async fn all(tx: &Tx) -> Result<Vec<Sender>> {
    let rows = Entity::find().order_by_asc(Column::Position).all(tx).await?;
    rows.into_iter().map(Sender::new).collect()
}

/// Whether mail leaves by a sender of the tenant's own.
pub async fn is_any_on(tx: &Tx) -> Result<bool> {
    let on = Entity::find().filter(Column::Enabled.eq(true)).limit(1);
    Ok(on.one(tx).await?.is_some())
}

/// The sender of this id.
pub async fn find(tx: &Tx, id: SenderId) -> Result<Option<Sender>> {
    let row = Entity::find_by_id(id).one(tx).await?;
    row.map(Sender::new).transpose()
}

/// The sender of this name.
///
/// # Errors
/// [`Code::SenderNotFound`].
pub async fn get(tx: &Tx, name: &SenderName) -> Result<Sender> {
    let named = Entity::find().filter(Column::Name.eq(name.to_string()));
    let row = named.one(tx).await?.ok_or(Code::SenderNotFound)?;
    Sender::new(row)
}

/// The sender of this name, to be written to.
///
/// # Errors
/// [`Code::SenderNotFound`]; those of the conditions of the request.
pub async fn get_for_update(tx: &Tx, name: &SenderName) -> Result<Sender> {
    // The order is one for all.
    tx.lock("sender").await?;
    let found = get(tx, name).await?;
    tx.check_preconditions(Some(found.row.version), Some(found.row.updated_at))?;
    Ok(found)
}

fn check(spec: &Spec, has_password: bool, bounds: &Bounds) -> Result<()> {
    let wrong = spec.problems(&bounds.ports, bounds.instance.as_deref());
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    if spec.host != bounds.host {
        return Err(Code::VersionConflict.into());
    }
    if has_password && spec.username.is_none() {
        return Err(Error::field("username", "required", "is needed with a password"));
    }
    if spec.username.is_some() && !has_password {
        return Err(Error::of_field(Code::SecretRequired, "password"));
    }
    if bounds.is == Host::Refused {
        return Err(Error::of_field(Code::SenderHostRefused, "host"));
    }
    if spec.encryption == Encryption::None && (has_password || bounds.is != Host::Inside) {
        return Err(Error::of_field(Code::EncryptionRequired, "encryption"));
    }
    Ok(())
}

/// What was never asked for a password, as a spec to be tried.
///
/// # Errors
/// As [`create`].
pub fn draft(tx: &Tx, spec: Spec, has_password: bool, bounds: &Bounds) -> Result<Sender> {
    check(&spec, has_password, bounds)?;
    let name = "draft".to_owned();
    Ok(Sender {
        row: row_of(tx, name, &spec, 0),
        spec,
    })
}

fn row_of(tx: &Tx, name: String, spec: &Spec, position: i32) -> Model {
    let mut row = Model {
        id: SenderId::new(tx.now),
        name,
        display_name: String::new(),
        position,
        enabled: spec.enabled,
        host: String::new(),
        port: 0,
        encryption: spec.encryption,
        username: None,
        password_sealed: None,
        password_set_at: None,
        from_address: String::new(),
        from_name: None,
        reply_to: None,
        envelope_domain: None,
        per_minute: 0,
        per_day: None,
        state: State::Active,
        failing_since: None,
        failures: 0,
        probe_at: None,
        last_used_at: None,
        last_error: None,
        verified_at: None,
        dkim_look_at: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    fill(&mut row, spec);
    row
}

fn fill(row: &mut Model, spec: &Spec) {
    let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    row.display_name = spec.display_name.to_string();
    row.enabled = spec.enabled;
    row.host.clone_from(&spec.host);
    row.port = spec.port.into();
    row.encryption = spec.encryption;
    row.username.clone_from(&spec.username);
    row.from_address = spec.from_address.to_string();
    row.from_name = spec.from_name.as_ref().map(ToString::to_string);
    row.reply_to = spec.reply_to.text();
    row.envelope_domain.clone_from(&spec.envelope_domain);
    row.per_minute = number(spec.per_minute);
    row.per_day = spec.per_day.map(number);
}

fn seal(tx: &Tx, master: &MasterKey, row: &mut Model, password: &Password) {
    match password {
        Password::Keep => {}
        Password::Remove => (row.password_sealed, row.password_set_at) = (None, None),
        Password::Set(plain) => {
            let context = sealing_context(tx.tenant(), row.id);
            row.password_sealed = Some(master.seal(&context, plain.as_bytes()));
            row.password_set_at = Some(tx.now);
        }
    }
}

/// How many there are.
pub async fn count(tx: &Tx) -> Result<u64> {
    Ok(Entity::find().count(tx).await?)
}

/// Makes a sender, the last in the order.
///
/// # Errors
/// [`Code::SenderNameTaken`], [`Code::SenderHostRefused`], [`Code::EncryptionRequired`], [`Code::SecretRequired`],
/// [`Error::Invalid`]; those of the conditions of the request.
pub async fn create(
    tx: &Tx,
    master: &MasterKey,
    (name, spec, password): (&SenderName, Spec, Password),
    bounds: &Bounds,
) -> Result<Sender> {
    tx.check_preconditions(None, None)?;
    check(&spec, matches!(password, Password::Set(_)), bounds)?;
    tx.lock("sender").await?;
    let there = all(tx).await?;
    if there.len() >= MOST {
        let why = format!("is one too many: a tenant has up to {MOST} senders");
        return Err(Error::field("name", "value", why));
    }
    quota::check(tx, Quota::Senders, there.len() as u64).await?;
    let position = there.last().map_or(0, |last| last.row.position + 1);
    let mut row = row_of(tx, name.to_string(), &spec, position);
    seal(tx, master, &mut row, &password);
    db::insert(tx, row.clone())
        .await
        .on_conflict("sender_name_key", "sender.name", Code::SenderNameTaken)?;
    let made = Sender { row, spec };
    tx.changed("sender", &made.row.name, Value::Null, made.audit_view());
    Ok(made)
}

/// Changes a sender. It is given another chance if how it is reached changes.
///
/// # Errors
/// As [`create`], and those of [`check_version`].
pub async fn update(
    tx: &Tx,
    master: &MasterKey,
    (old, expected): (Sender, Option<i64>),
    (spec, password): (Spec, Password),
    bounds: &Bounds,
) -> Result<Sender> {
    check_version(expected, old.row.version)?;
    // Whoever may change the host would be sent the password otherwise.
    let keeps = matches!(password, Password::Keep);
    if keeps && old.has_password() && !spec.has_same_relay(&old.spec) {
        return Err(Error::of_field(Code::SecretRequired, "password"));
    }
    if spec == old.spec && keeps {
        tx.unchanged();
        return Ok(old);
    }
    let has_password = match &password {
        Password::Keep => old.has_password(),
        Password::Remove => false,
        Password::Set(_) => true,
    };
    check(&spec, has_password, bounds)?;
    let mut row = old.row.clone();
    let is_reached_otherwise = !keeps || !spec.has_same_relay(&old.spec) || (spec.encryption != old.spec.encryption);
    if is_reached_otherwise || spec.enabled != old.spec.enabled {
        (row.state, row.failing_since, row.failures, row.probe_at) = (State::Active, None, 0, None);
    }
    if is_reached_otherwise || spec.from_address != old.spec.from_address {
        row.verified_at = None;
    }
    fill(&mut row, &spec);
    seal(tx, master, &mut row, &password);
    row.version += 1;
    row.updated_at = tx.now;
    write(tx, &old.row, &row).await?;
    let new = Sender { row, spec };
    tx.changed("sender", &new.row.name, old.audit_view(), new.audit_view());
    Ok(new)
}

async fn write(tx: &Tx, old: &Model, new: &Model) -> Result<()> {
    let differs = db::difference(old, new);
    let this = Entity::update_many().filter(Column::Id.eq(new.id));
    this.set(differs).exec(tx).await?;
    Ok(())
}

/// Deletes a sender. What it sent stays in the log.
pub async fn remove(tx: &Tx, old: Sender) -> Result<()> {
    Entity::delete_by_id(old.row.id).exec(tx).await?;
    tx.changed("sender", &old.row.name, old.audit_view(), Value::Null);
    Ok(())
}

/// Puts the senders into this order, and answers them in it.
///
/// # Errors
/// [`Error::Invalid`] unless each of them is named once.
pub async fn reorder(tx: &Tx, names: &[SenderName]) -> Result<Vec<Sender>> {
    tx.check_preconditions(None, None)?;
    tx.lock("sender").await?;
    let mut before = all(tx).await?;
    let old: Vec<String> = before.iter().map(|sender| sender.row.name.clone()).collect();
    let mut after = vec![];
    for name in names {
        let name = name.to_string();
        let Some(at) = before.iter().position(|sender| sender.row.name == name) else {
            return Err(Error::field(
                "names",
                "value",
                format!("{name} is no sender, or named twice"),
            ));
        };
        after.push(before.remove(at));
    }
    if let Some(missing) = before.first() {
        let why = format!("must have every sender: {} is missing", missing.row.name);
        return Err(Error::field("names", "value", why));
    }
    let new: Vec<&str> = after.iter().map(|sender| sender.row.name.as_str()).collect();
    if new == old {
        tx.unchanged();
        return Ok(after);
    }
    tx.changed("sender-order", &"-", json!(old), json!(new));
    // Two have no place at one time, not even in between.
    Entity::update_many()
        .col_expr(Column::Position, Expr::val(-1).sub(Expr::col(Column::Position)))
        .exec(tx)
        .await?;
    for (position, sender) in (0..).zip(&mut after) {
        sender.row.position = position;
        Entity::update_many()
            .col_expr(Column::Position, Expr::value(position))
            .filter(Column::Id.eq(sender.row.id))
            .exec(tx)
            .await?;
    }
    Ok(after)
}
