//! Imports of users: a file of this server or of another system, read row by row. A row whose user is there already
//! changes nothing, and so the same file may come again.

pub mod api;
mod apply;
pub mod entity;
mod format;
mod job;
mod reading;
mod row;
mod source;
pub mod wire;

pub use format::{
    Format, HashConfig,
    csv::{cells, columns_of, line},
};
pub use job::{ImportJob, RemovalJob};
pub use reading::{Chunk, Position, read};
pub use row::Row;
pub use source::{PIECE, Source, seal};

use crate::{
    access::{Authority, Who},
    job as jobs,
    kit::{
        db::{self, Tx},
        error::{Code, Result},
        id::UserImportId,
        page::{Listed, Timeline},
        secret::MasterKey,
        selector::Values,
    },
};
use anyhow::Context;
use chrono::TimeDelta;
use entity::{Column, Entity, Model, State, key, rejection};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};

/// The longest file.
pub const LONGEST: u64 = 1 << 30;
/// Imports that are kept to be read; older ones go when another comes.
const KEPT: u64 = 50;
/// Of what is wrong with a file, so much is kept.
const REJECTIONS: i64 = 10_000;
/// After so long, the file of an import that came to nothing is removed.
const STALE: TimeDelta = TimeDelta::days(1);

/// An import of users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserImport(Model);

/// Something that is wrong with a row.
pub type Rejection = rejection::Model;

/// An import that is wanted.
#[derive(Debug)]
pub struct NewUserImport {
    /// Its id, under which the store has the file.
    pub id: UserImportId,
    /// What the file is called.
    pub filename: String,
    /// What the file is like.
    pub format: Format,
    /// Whether nothing is to be done but to look.
    pub dry_run: bool,
    /// The parameters of the hashes in the file.
    pub hash_config: Option<String>,
    /// Bytes of the file.
    pub size: u64,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
}

impl UserImport {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> UserImportId {
        self.0.id
    }

    /// How far its file is read.
    ///
    /// # Errors
    /// The row is not as it was written.
    pub fn position(&self) -> Result<Position> {
        Ok(serde_json::from_value(self.0.position.clone()).context("how far an import is")?)
    }

    /// Users who were added or would be, rows that changed nothing, and rows that were rejected.
    #[must_use]
    pub fn counts(&self) -> (i64, i64, i64) {
        (self.0.created, self.0.unchanged, self.0.rejected)
    }

    fn audit_view(&self) -> Value {
        let Model {
            filename,
            format,
            dry_run,
            sha256,
            ..
        } = &self.0;
        json!({ "filename": filename, "format": format, "dryRun": dry_run, "sha256": sha256 })
    }

    fn audit_counts(&self) -> Value {
        let (created, unchanged, rejected) = self.counts();
        json!({ "rows": self.0.rows, "created": created, "unchanged": unchanged, "rejected": rejected })
    }
}

/// One page of the imports whose state is among these.
pub async fn list(tx: &Tx, states: &[Values], timeline: &Timeline) -> Result<Listed<UserImport>> {
    let query = states
        .iter()
        .fold(Entity::find(), |query, values| query.filter(values.of(Column::State)));
    let place = |row: &Model| (row.created_at, row.id);
    let listed = timeline.read(tx, "user-imports", query, (Column::CreatedAt, Column::Id), place);
    Ok(listed.await?.map(UserImport))
}

/// The import of this id.
///
/// # Errors
/// [`Code::UserImportNotFound`].
pub async fn get(tx: &Tx, id: UserImportId) -> Result<UserImport> {
    let found = Entity::find_by_id(id).one(tx).await?;
    Ok(UserImport(found.ok_or(Code::UserImportNotFound)?))
}

/// One page of what is wrong with the file of an import.
///
/// # Errors
/// [`Code::UserImportNotFound`].
pub async fn rejections(tx: &Tx, id: UserImportId, codes: &[Values], timeline: &Timeline) -> Result<Listed<Rejection>> {
    get(tx, id).await?;
    let all = rejection::Entity::find().filter(rejection::Column::ImportId.eq(id));
    let query = codes
        .iter()
        .fold(all, |query, values| query.filter(values.of(rejection::Column::Code)));
    let number = (rejection::Column::Number, |row: &Rejection| row.number);
    let count = async |query: sea_orm::Select<rejection::Entity>| Ok((query.count(tx).await?, true));
    let list = format!("user-imports/{id}/rejections");
    timeline.read_numbered(tx, &list, query, number, count).await
}

/// Says that a file is about to be kept under this id, so that it goes if nothing comes of it.
pub async fn expect(tx: &Tx) -> Result<UserImportId> {
    let id = UserImportId::new(tx.now);
    jobs::add_at(tx, job::REMOVE, json!({ "import": id }), tx.now + STALE).await?;
    Ok(id)
}

/// Has users imported from a file that is in the store.
///
/// # Errors
/// [`Code::UserImportRunning`].
pub async fn create(tx: &Tx, master: &MasterKey, authority: &Authority, new: NewUserImport) -> Result<UserImport> {
    let made = begin(tx, master, authority, new).await?;
    jobs::add(tx, job::IMPORT, json!({ "import": made.id() })).await?;
    Ok(made)
}

/// Begins an import whose file is somewhere else: whoever does reads it as well.
///
/// # Errors
/// [`Code::UserImportRunning`].
pub async fn begin(tx: &Tx, master: &MasterKey, authority: &Authority, new: NewUserImport) -> Result<UserImport> {
    tx.check_preconditions(None, None)?;
    tx.lock("user-import").await?;
    let open = || Entity::find().filter(Column::State.is_in([State::Pending, State::Running]));
    if authority.me.is_none() {
        // No worker goes on with one that the operator broke off.
        let theirs = open().filter(Column::UserId.is_null());
        for old in theirs.filter(Column::ApplicationId.is_null()).all(tx).await? {
            fail(tx, UserImport(old), "It was broken off.".to_owned()).await?;
        }
    }
    if open().count(tx).await? > 0 {
        return Err(Code::UserImportRunning.into());
    }
    forget_oldest(tx).await?;
    let seal = |config: String| master.seal(&hash_config_of(tx, new.id), config.as_bytes());
    let row = Model {
        id: new.id,
        filename: new.filename,
        format: new.format.name().to_owned(),
        dry_run: new.dry_run,
        user_id: authority.me.and_then(Who::user),
        application_id: match authority.me {
            Some(Who::Application(id)) => Some(id),
            _ => None,
        },
        size: i64::try_from(new.size).unwrap_or(i64::MAX),
        sha256: new.sha256,
        hash_config_sealed: new.hash_config.map(seal),
        state: State::Pending,
        position: json!(Position::default()),
        rows: 0,
        created: 0,
        unchanged: 0,
        rejected: 0,
        created_at: tx.now,
        started_at: None,
        completed_at: None,
        failure_message: None,
    };
    db::insert(tx, row.clone()).await?;
    let made = UserImport(row);
    tx.changed("user-import", &made.id(), Value::Null, made.audit_view());
    Ok(made)
}

async fn forget_oldest(tx: &Tx) -> Result<()> {
    let newest = Entity::find().select_only().column(Column::Id);
    let newest = newest.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id);
    let old: Vec<UserImportId> = newest.offset(KEPT).limit(KEPT).into_tuple().all(tx).await?;
    Entity::delete_many().filter(Column::Id.is_in(old)).exec(tx).await?;
    Ok(())
}

fn hash_config_of(tx: &Tx, id: UserImportId) -> String {
    format!("user-import/{}/{id}/hash-config", tx.tenant())
}

/// Deletes an import, and its file. One that goes on is given up: who was added stays.
///
/// # Errors
/// [`Code::UserImportNotFound`].
pub async fn remove(tx: &Tx, id: UserImportId) -> Result<()> {
    let old = get(tx, id).await?;
    tx.check_preconditions(Some(1), None)?;
    Entity::delete_by_id(id).exec(tx).await?;
    jobs::add(tx, job::REMOVE, json!({ "import": id })).await?;
    tx.changed("user-import", &id, old.audit_view(), Value::Null);
    Ok(())
}

/// Does what the rows that were read ask for, and notes how far the file is read, in one transaction. Answers the import as
/// it is now.
///
/// # Errors
/// The database's; a row that cannot be added is none.
pub async fn advance(
    tx: &Tx,
    master: &MasterKey,
    authority: &Authority,
    old: UserImport,
    chunk: Chunk,
) -> Result<UserImport> {
    let done = apply::apply(tx, master, authority, (old.id(), old.0.dry_run), chunk.rows).await?;
    let mut new = old.clone();
    let row = &mut new.0;
    keep(tx, row, done.rejections).await?;
    row.rows += done.rows;
    row.created += done.created;
    row.unchanged += done.unchanged;
    row.rejected += done.rejected;
    row.position = json!(chunk.position);
    row.state = State::Running;
    row.started_at = row.started_at.or(Some(tx.now));
    if chunk.is_last {
        row.state = State::Succeeded;
    }
    write(tx, &old, new).await
}

/// Ends an import before its file ends: who was added stays.
pub async fn fail(tx: &Tx, old: UserImport, why: String) -> Result<UserImport> {
    let mut new = old.clone();
    new.0.state = State::Failed;
    new.0.failure_message = Some(why);
    write(tx, &old, new).await
}

async fn write(tx: &Tx, old: &UserImport, mut new: UserImport) -> Result<UserImport> {
    if !new.0.state.is_open() {
        new.0.completed_at = Some(tx.now);
        key::Entity::delete_many()
            .filter(key::Column::ImportId.eq(new.0.id))
            .exec(tx)
            .await?;
        jobs::add(tx, job::REMOVE, json!({ "import": new.0.id })).await?;
    }
    let differs = db::difference(&old.0, &new.0);
    Entity::update_many()
        .set(differs)
        .filter(Column::Id.eq(new.0.id))
        .exec(tx)
        .await?;
    // What a dry run counts is no change before it ends.
    if !new.0.dry_run || !new.0.state.is_open() {
        tx.changed("user-import", &new.0.id, old.audit_counts(), new.audit_counts());
    }
    Ok(new)
}

/// Keeps what is wrong with rows, as far as anybody would read it.
async fn keep(tx: &Tx, row: &Model, mut rejections: Vec<Rejection>) -> Result<()> {
    if rejections.is_empty() {
        return Ok(());
    }
    let all = rejection::Entity::find().filter(rejection::Column::ImportId.eq(row.id));
    let kept = i64::try_from(all.count(tx).await?).unwrap_or(i64::MAX);
    rejections.truncate(usize::try_from(REJECTIONS - kept).unwrap_or_default());
    let rows = rejections
        .into_iter()
        .zip(kept + 1..)
        .map(|(rejection, number)| rejection::ActiveModel {
            import_id: Set(row.id),
            number: Set(number),
            place: Set(rejection.place),
            name: Set(rejection.name),
            field: Set(rejection.field),
            code: Set(rejection.code),
            message: Set(rejection.message),
        });
    let rows: Vec<_> = rows.collect();
    for some in rows.chunks(500) {
        rejection::Entity::insert_many(some.iter().cloned())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}
