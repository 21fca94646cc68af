//! What a tenant keeps in the store: contents, named by their hash, and the room that they take together. Room is reserved
//! before a byte is read, and given back however that ends.

pub mod entity;
mod sweep;

pub use sweep::SweepJob;

use crate::{
    kit::{
        db::{self, Tx},
        error::{Code, Error, Result},
        id::UploadId,
        total::{self, ATTACHMENT_BYTES},
    },
    quota::{self, Quota},
};
use entity::{blob, removal, upload};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, ModelTrait, PaginatorTrait, QueryFilter, QuerySelect,
    QueryTrait, sea_query::Expr,
};

/// Rows that are written at once.
const AT_ONCE: usize = 500;

/// Content that is in the store already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Its hash.
    pub sha256: String,
    /// How many bytes it has.
    pub size: u64,
    /// The type it is of.
    pub media_type: String,
    /// In pixels, of a picture that was drawn anew.
    pub pixels: Option<(u32, u32)>,
}

/// Content that came into the store, and that no row names yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// As what its room is reserved.
    pub upload: UploadId,
    /// What it is.
    pub content: Content,
    /// The kind of the store that has it.
    pub store: &'static str,
    /// Bytes that the tenant lets itself keep.
    pub limit: u64,
}

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// Bytes of all contents, those that are on their way included.
pub async fn used(tx: &Tx) -> Result<u64> {
    let used = total::read(tx, ATTACHMENT_BYTES).await?;
    Ok(used.try_into().unwrap_or_default())
}

/// Takes room within what the tenant lets itself have, and the operator lets it.
async fn take(tx: &Tx, bytes: i64, limit: u64) -> Result<()> {
    let quota = quota::limit(tx, Quota::AttachmentBytes).await?;
    let limit = quota.map_or(limit, |quota| Ord::min(quota, limit));
    match total::take(tx, ATTACHMENT_BYTES, bytes, signed(limit)).await? {
        Some(used) => quota::note(tx, Quota::AttachmentBytes, limit, used.try_into().unwrap_or_default()).await,
        None => Err(quota::exceeded(limit, used(tx).await?)),
    }
}

/// Reserves so many bytes for content that is to come.
///
/// # Errors
/// [`Code::QuotaExceeded`].
pub async fn reserve(tx: &Tx, bytes: u64, limit: u64) -> Result<UploadId> {
    take(tx, signed(bytes), limit).await?;
    expect(tx, bytes).await
}

/// Has room for content that the tenant keeps elsewhere until now, and says that it is about to come.
///
/// # Errors
/// [`Code::Busy`] as for [`announce`].
pub async fn admit(tx: &Tx, sha256: &str, bytes: u64) -> Result<UploadId> {
    total::add(tx, ATTACHMENT_BYTES, signed(bytes)).await?;
    let id = expect(tx, bytes).await?;
    announce(tx, id, sha256).await?;
    Ok(id)
}

async fn expect(tx: &Tx, bytes: u64) -> Result<UploadId> {
    let row = upload::Model {
        id: UploadId::new(tx.now),
        sha256: None,
        bytes: signed(bytes),
        started_at: tx.now,
    };
    let id = row.id;
    db::insert(tx, row).await?;
    sweep::schedule(tx, tx.now + sweep::STALE, None).await?;
    Ok(id)
}

/// Says that content of this hash is about to be kept: from now on it is not removed.
///
/// # Errors
/// [`Code::Busy`] if it is just being removed; [`Code::RequestTimeout`] if the upload was given up.
pub async fn announce(tx: &Tx, id: UploadId, sha256: &str) -> Result<()> {
    tx.lock("blob").await?;
    match removal::Entity::find_by_id(sha256).one(tx).await? {
        Some(going) if going.begun => return Err(Error::later(Code::Busy)),
        Some(going) => {
            going.delete(tx).await?;
        }
        None => {}
    }
    let told = upload::Entity::update_many()
        .col_expr(upload::Column::Sha256, Expr::value(sha256))
        .filter(upload::Column::Id.eq(id))
        .exec(tx)
        .await?;
    match told.rows_affected {
        1 => Ok(()),
        _ => Err(Code::RequestTimeout.into()),
    }
}

/// Makes the reservation of content the room that it takes: none if the tenant has it already.
///
/// # Errors
/// [`Code::RequestTimeout`] if the upload was given up; [`Code::QuotaExceeded`] if it takes more than was reserved.
pub async fn settle(tx: &Tx, arrived: &Arrived) -> Result<()> {
    let (id, sha256) = (arrived.upload, &arrived.content.sha256);
    let size = signed(arrived.content.size);
    tx.lock("blob").await?;
    let found = upload::Entity::find_by_id(id).one(tx).await?;
    let reserved = found.ok_or(Code::RequestTimeout)?.bytes;
    let more = if blob::Entity::find_by_id(sha256).one(tx).await?.is_some() {
        use_once_more(tx, sha256).await?;
        -reserved
    } else {
        let row = blob::Model {
            sha256: sha256.clone(),
            size,
            store: arrived.store.to_owned(),
            uses: 1,
            unused_since: None,
            created_at: tx.now,
        };
        db::insert(tx, row).await?;
        size - reserved
    };
    match more > 0 {
        true => take(tx, more, arrived.limit).await?,
        false => total::add(tx, ATTACHMENT_BYTES, more).await?,
    }
    upload::Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

async fn use_once_more(tx: &Tx, sha256: &str) -> Result<()> {
    blob::Entity::update_many()
        .col_expr(blob::Column::Uses, Expr::col(blob::Column::Uses).add(1))
        .col_expr(
            blob::Column::UnusedSince,
            Expr::value(None::<sea_orm::prelude::DateTimeUtc>),
        )
        .filter(blob::Column::Sha256.eq(sha256))
        .exec(tx)
        .await?;
    Ok(())
}

/// Says that one row fewer names this content.
pub async fn leave(tx: &Tx, sha256: &str) -> Result<()> {
    tx.lock("blob").await?;
    blob::Entity::update_many()
        .col_expr(blob::Column::Uses, Expr::col(blob::Column::Uses).sub(1))
        .filter(blob::Column::Sha256.eq(sha256))
        .exec(tx)
        .await?;
    let unused = blob::Entity::update_many()
        .col_expr(blob::Column::UnusedSince, Expr::value(tx.now))
        .filter(blob::Column::Sha256.eq(sha256))
        .filter(blob::Column::Uses.eq(0))
        .exec(tx)
        .await?;
    if unused.rows_affected == 1 {
        sweep::schedule(tx, tx.now + sweep::STALE, None).await?;
    }
    Ok(())
}

/// Gives back what was reserved for an upload that came to nothing. `is_clean` is whether the store has nothing of
/// it under its own id; if not, the sweep looks after that.
pub async fn give_back(tx: &Tx, id: UploadId, is_clean: bool) -> Result<()> {
    tx.lock("blob").await?;
    let Some(row) = upload::Entity::find_by_id(id).one(tx).await? else {
        return Ok(());
    };
    total::add(tx, ATTACHMENT_BYTES, -row.bytes).await?;
    if is_clean {
        upload::Entity::delete_by_id(id).exec(tx).await?;
    } else {
        upload::Entity::update_many()
            .col_expr(upload::Column::Bytes, Expr::value(0_i64))
            .filter(upload::Column::Id.eq(id))
            .exec(tx)
            .await?;
    }
    match row.sha256.filter(|_| is_clean) {
        Some(sha256) => abandon(tx, &sha256).await,
        None => Ok(()),
    }
}

/// Has content removed from the store that an upload may have left there, unless it is somebody's.
async fn abandon(tx: &Tx, sha256: &str) -> Result<()> {
    let others = upload::Entity::find().filter(upload::Column::Sha256.eq(sha256));
    let is_kept = blob::Entity::find_by_id(sha256).one(tx).await?.is_some();
    let is_gone = removal::Entity::find_by_id(sha256).one(tx).await?.is_some();
    if is_kept || is_gone || others.count(tx).await? > 0 {
        return Ok(());
    }
    remove(tx, sha256).await?;
    sweep::schedule(tx, tx.now, None).await
}

async fn remove(tx: &Tx, sha256: &str) -> Result<()> {
    let row = removal::Model {
        sha256: sha256.to_owned(),
        since: tx.now,
        begun: false,
    };
    Ok(db::insert(tx, row).await?)
}

/// Has contents removed that no row names any more, unless they are on their way again.
pub async fn remove_contents(tx: &Tx, gone: &[String]) -> Result<()> {
    if gone.is_empty() {
        return Ok(());
    }
    for some in gone.chunks(AT_ONCE) {
        let coming = upload::Entity::find().select_only().column(upload::Column::Sha256);
        let coming = coming.filter(upload::Column::Sha256.is_in(some));
        let coming: Vec<String> = coming.into_tuple().all(tx).await?;
        let rows = some
            .iter()
            .filter(|sha256| !coming.contains(sha256))
            .map(|sha256| removal::ActiveModel {
                sha256: Set(sha256.clone()),
                since: Set(tx.now),
                begun: Set(false),
            });
        let rows: Vec<_> = rows.collect();
        if !rows.is_empty() {
            removal::Entity::insert_many(rows).exec_without_returning(tx).await?;
        }
    }
    sweep::schedule(tx, tx.now, None).await
}

/// Says that contents are about to be kept, or are kept, which rows are to name: until then they are not removed, and if it
/// never comes to that, the sweep looks after them. No room is reserved for them.
///
/// # Errors
/// [`Code::Busy`] if one is just being removed.
pub async fn announce_all(tx: &Tx, contents: &[String]) -> Result<Vec<UploadId>> {
    let mut ids = vec![];
    if contents.is_empty() {
        return Ok(ids);
    }
    tx.lock("blob").await?;
    for some in contents.chunks(AT_ONCE) {
        let rows = some.iter().map(|sha256| {
            let id = UploadId::new(tx.now);
            ids.push(id);
            upload::ActiveModel {
                id: Set(id),
                sha256: Set(Some(sha256.clone())),
                bytes: Set(0),
                started_at: Set(tx.now),
            }
        });
        let rows: Vec<_> = rows.collect();
        upload::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    let coming = upload::Entity::find().select_only().column(upload::Column::Sha256);
    let coming = coming.filter(upload::Column::Sha256.is_not_null()).into_query();
    let going = removal::Column::Sha256.in_subquery(coming);
    let begun = removal::Entity::find().filter(going.clone());
    if begun
        .filter(removal::Column::Begun.eq(true))
        .limit(1)
        .one(tx)
        .await?
        .is_some()
    {
        return Err(Error::later(Code::Busy));
    }
    removal::Entity::delete_many().filter(going).exec(tx).await?;
    sweep::schedule(tx, tx.now + sweep::STALE, None).await?;
    Ok(ids)
}

/// Says that rows name what was announced.
///
/// # Errors
/// [`Code::RequestTimeout`] if it was given up.
pub async fn settle_all(tx: &Tx, ids: &[UploadId]) -> Result<()> {
    for some in ids.chunks(AT_ONCE) {
        let these = upload::Column::Id.is_in(some.iter().copied());
        let settled = upload::Entity::delete_many().filter(these).exec(tx).await?;
        if settled.rows_affected != some.len() as u64 {
            return Err(Code::RequestTimeout.into());
        }
    }
    Ok(())
}

/// Bytes that are reserved for what is on its way.
pub async fn coming_bytes(tx: &Tx) -> Result<i64> {
    let coming = upload::Entity::find().all(tx).await?;
    Ok(coming.iter().map(|row| row.bytes).sum())
}
