//! Restores that were done or tried: by whom, from which file, and what became of them. What there was before the last one
//! is kept for a while as a backup of its own, by which it is undone.

pub mod entity;

use super::{
    Made, UNDO,
    check::Checked,
    entity::{Column as BackupColumn, Entity as BackupEntity, Model as BackupModel, State as BackupState},
    filename, job as backup_job,
};
use crate::{
    job as jobs,
    kit::{
        db::{self, Tx},
        error::{Code, Result},
        id::{BackupId, RestorationId},
        page::{Listed, Timeline},
        selector::Values,
    },
};
use anyhow::Context;
use chrono::{DateTime, Utc};
use entity::{ActiveModel, Column, Entity, Model, State};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Restores that are listed.
const KEPT: u64 = 50;

/// A restore that was done or tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restoration(pub(super) Model);

/// What a file says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// The name of the backup.
    pub backup: String,
    /// When the tenant was as it says (RFC 3339).
    pub snapshot_at: String,
    /// Where it was made.
    pub url: String,
    /// The version of the server there.
    pub version: String,
    /// `sqlite` or `postgres`.
    pub database: String,
    /// The fingerprint of the instance that made it.
    pub signer: String,
}

impl Source {
    /// Of a file that is whole.
    #[must_use]
    pub fn of(checked: &Checked) -> Self {
        let header = &checked.opened.header;
        Self {
            backup: header.id.clone(),
            snapshot_at: checked.begin.snapshot_at.clone(),
            url: header.instance.public_url.clone(),
            version: header.server.clone(),
            database: header.database.clone(),
            signer: header.signer.fingerprint.clone(),
        }
    }
}

/// A restore that is done.
#[derive(Clone, Debug)]
pub struct NewRestoration<'a> {
    /// What the file is called, as far as whoever sent it said.
    pub filename: &'a str,
    /// What the file says of itself.
    pub source: Source,
    /// The name of whoever does it, if it is not the operator.
    pub actor: Option<&'a str>,
    /// Rows that were put back.
    pub rows: u64,
    /// Files that were put back into the store.
    pub files: u64,
    /// What there was before.
    pub before: Option<&'a Before>,
}

/// What a tenant had before a restore: a file in the store, and no backup that anybody sees yet.
#[derive(Clone, Debug)]
pub struct Before {
    /// Its id.
    pub id: BackupId,
    /// What the tenant is called.
    pub tenant: String,
    /// When the tenant was as it says.
    pub at: DateTime<Utc>,
    /// What was made.
    pub made: Made,
}

impl Restoration {
    /// The backup of what there was before.
    ///
    /// # Errors
    /// [`Code::RestorationNotUndoable`].
    pub fn before(&self, now: DateTime<Utc>) -> Result<BackupId> {
        let is_kept = self.0.undo_until.is_some_and(|until| until > now);
        match (self.0.state, self.0.before_id) {
            (State::Succeeded, Some(before)) if is_kept => Ok(before),
            _ => Err(Code::RestorationNotUndoable.into()),
        }
    }

    /// What its file said of itself.
    ///
    /// # Errors
    /// The row is not as it was written.
    pub fn source(&self) -> Result<Option<Source>> {
        let source = self.0.source.clone().map(serde_json::from_value).transpose();
        Ok(source.context("what the file of a restore said")?)
    }

    fn audit_view(&self) -> Value {
        let Model {
            filename,
            state,
            before_id,
            ..
        } = &self.0;
        let is_undone = *state == State::Undone;
        json!({ "filename": filename, "before": before_id, "undone": is_undone })
    }
}

/// One page of the restores whose state is among these.
pub async fn list(tx: &Tx, states: &[Values], timeline: &Timeline) -> Result<Listed<Restoration>> {
    let query = states
        .iter()
        .fold(Entity::find(), |query, values| query.filter(values.of(Column::State)));
    let place = |row: &Model| (row.created_at, row.id);
    let listed = timeline.read(tx, "restorations", query, (Column::CreatedAt, Column::Id), place);
    Ok(listed.await?.map(Restoration))
}

/// The restore of this id.
///
/// # Errors
/// [`Code::RestorationNotFound`].
pub async fn get(tx: &Tx, id: RestorationId) -> Result<Restoration> {
    let found = Entity::find_by_id(id).one(tx).await?;
    Ok(Restoration(found.ok_or(Code::RestorationNotFound)?))
}

/// Says that what there is is about to be kept under this id: it goes when its time is over, whatever comes of it.
pub async fn expect(tx: &Tx) -> Result<BackupId> {
    let id = BackupId::new(tx.now);
    jobs::add_at(tx, backup_job::REMOVE, json!({ "backup": id }), tx.now + UNDO).await?;
    Ok(id)
}

/// Notes a restore, in the transaction that does it.
pub async fn record(tx: &Tx, new: NewRestoration<'_>) -> Result<Restoration> {
    // What undoes one that was before it would undo this one as well, unseen.
    let earlier = BackupEntity::find().filter(BackupColumn::BeforeRestore.eq(true));
    for row in earlier.all(tx).await? {
        super::discard(tx, &super::Backup(row)).await?;
    }
    if let Some(before) = new.before {
        db::insert(tx, backup_of(before, tx.now)).await?;
    }
    let number = |n: u64| Some(i64::try_from(n).unwrap_or(i64::MAX));
    let row = Model {
        source: Some(json!(new.source)),
        rows: number(new.rows),
        files: number(new.files),
        before_id: new.before.map(|before| before.id),
        undo_until: new.before.map(|before| before.at + UNDO),
        ..row(tx, new.filename, new.actor, State::Succeeded)
    };
    let made = insert(tx, row).await?;
    tx.changed("restoration", &made.0.id, Value::Null, made.audit_view());
    Ok(made)
}

/// Notes that a restore was refused.
pub async fn fail(tx: &Tx, filename: &str, actor: &str, code: Code) -> Result<()> {
    let row = Model {
        failure_code: Some(code.as_str().to_owned()),
        ..row(tx, filename, Some(actor), State::Failed)
    };
    insert(tx, row).await?;
    Ok(())
}

/// Notes that a restore is undone, in the transaction that does it.
///
/// # Errors
/// [`Code::RestorationNotFound`], [`Code::RestorationNotUndoable`].
pub async fn undo(tx: &Tx, id: RestorationId, actor: &str) -> Result<Restoration> {
    let old = get(tx, id).await?;
    tx.check_preconditions(Some(1), None)?;
    old.before(tx.now)?;
    let mut row: ActiveModel = old.0.clone().into();
    row.state = Set(State::Undone);
    row.undone_at = Set(Some(tx.now));
    row.undone_by = Set(Some(actor.to_owned()));
    let new = Restoration(row.update(tx).await?);
    tx.changed("restoration", &id, old.audit_view(), new.audit_view());
    Ok(new)
}

/// Notes that this backup is gone: what it undid cannot be undone any more.
pub(super) async fn forget_before(tx: &Tx, id: BackupId) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::BeforeId, Expr::value(None::<BackupId>))
        .filter(Column::BeforeId.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

fn row(tx: &Tx, filename: &str, actor: Option<&str>, state: State) -> Model {
    Model {
        id: RestorationId::new(tx.now),
        filename: filename.to_owned(),
        source: None,
        state,
        actor: actor.map(str::to_owned),
        created_at: tx.now,
        rows: None,
        files: None,
        failure_code: None,
        before_id: None,
        undo_until: None,
        undone_at: None,
        undone_by: None,
    }
}

async fn insert(tx: &Tx, row: Model) -> Result<Restoration> {
    let newest = Entity::find().select_only().column(Column::Id);
    let newest = newest.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id);
    let old: Vec<RestorationId> = newest.offset(KEPT - 1).limit(KEPT).into_tuple().all(tx).await?;
    Entity::delete_many().filter(Column::Id.is_in(old)).exec(tx).await?;
    db::insert(tx, row.clone()).await?;
    Ok(Restoration(row))
}

/// The backup that it is from now on.
fn backup_of(before: &Before, now: DateTime<Utc>) -> BackupModel {
    let Before { id, tenant, at, made } = before;
    let number = |n: u64| Some(i64::try_from(n).unwrap_or(i64::MAX));
    BackupModel {
        id: *id,
        filename: format!("before-{}", filename(tenant, *at)),
        state: BackupState::Succeeded,
        // Those who may open it are named in its file: nothing is made of this row.
        recipients: json!([]),
        include_files: true,
        scheduled: false,
        before_restore: true,
        created_at: *at,
        started_at: Some(*at),
        completed_at: Some(now),
        expires_at: Some(*at + UNDO),
        step: None,
        done: i64::try_from(made.rows + made.files).unwrap_or(i64::MAX),
        size: number(made.size),
        sha256: Some(made.sha256.clone()),
        rows: number(made.rows),
        files: number(made.files),
        audit_head: Some(made.audit_head.clone()),
        read_at: None,
        damage: None,
        failure_reason: None,
        failure_message: None,
    }
}
