//! Pictures that are in the database still, on their way into the store.

use super::super::entity::{avatar, picture};
use crate::{
    content::{self, Arrived, Content},
    job::{self, Attempt, End, Job, Prepared},
    kit::{
        blob::{Hash, Key, Store},
        db::{self, Tx},
        error::{Error, Result},
        failure::Failure,
        id::{JobId, TenantId, UploadId},
    },
};
use anyhow::anyhow;
use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{EntityTrait, ModelTrait, QueryOrder, QuerySelect};
use std::sync::Arc;

/// The kind of these jobs, as the step of the schema has it too.
const KIND: &str = "move-pictures";
/// When it is tried again after all attempts failed.
const LATER: TimeDelta = TimeDelta::hours(1);
/// As many are moved at once: each may have a MiB.
const AT_ONCE: u64 = 20;

/// Moves pictures into the store.
pub struct PictureJob(pub Arc<dyn Store>);

/// Has the pictures moved that are in the database, if there are any.
pub async fn move_pictures(tx: &Tx) -> Result<()> {
    schedule(tx, tx.now, None).await
}

/// The same, by this time. `but` is the job that is about to end.
async fn schedule(tx: &Tx, at: DateTime<Utc>, but: Option<JobId>) -> Result<()> {
    let ids = avatar::Entity::find().select_only().column(avatar::Column::Id);
    let any: Option<uuid::Uuid> = ids.limit(1).into_tuple().one(tx).await?;
    match any {
        Some(_) => job::schedule(tx, KIND, at, but).await,
        None => Ok(()),
    }
}

#[async_trait]
impl Job for PictureJob {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn prepare(&self, tx: &Tx, job: &job::entity::Model) -> Result<Prepared> {
        let rows = avatar::Entity::find().order_by_asc(avatar::Column::Id).limit(AT_ONCE);
        let mut pictures = vec![];
        for row in rows.all(tx).await? {
            let sha256 = Hash::of(&row.png);
            let upload = content::admit(tx, &sha256, row.png.len() as u64).await?;
            pictures.push(Moving { row, sha256, upload });
        }
        if pictures.is_empty() {
            return Ok(Prepared::Nothing);
        }
        Ok(Prepared::attempt(Move {
            files: self.0.clone(),
            job: job.id,
            tenant: tx.tenant(),
            pictures,
        }))
    }
}

/// A picture on its way.
struct Moving {
    row: avatar::Model,
    sha256: String,
    upload: UploadId,
}

/// Some pictures of a tenant on their way.
struct Move {
    files: Arc<dyn Store>,
    job: JobId,
    tenant: TenantId,
    pictures: Vec<Moving>,
}

#[async_trait]
impl Attempt for Move {
    async fn perform(&mut self) -> Result<(), Failure> {
        for Moving { row, sha256, .. } in &self.pictures {
            let key = Key::of_content(self.tenant, sha256);
            let put = put(&*self.files, &key, &row.png).await;
            put.map_err(|error| Failure {
                error: format!("{error:#}"),
                permanent: false,
            })?;
        }
        Ok(())
    }

    async fn conclude(self: Box<Self>, tx: &Tx, end: End) -> Result<()> {
        let is_done = end == End::Done;
        for moving in self.pictures {
            match is_done {
                true => settle(tx, moving, self.files.kind()).await?,
                false => content::give_back(tx, moving.upload, true).await?,
            }
        }
        match end {
            End::Done => schedule(tx, tx.now, Some(self.job)).await,
            End::Retried(_) => Ok(()),
            End::Failed => schedule(tx, tx.now + LATER, Some(self.job)).await,
        }
    }
}

async fn put(files: &dyn Store, key: &Key, png: &[u8]) -> Result<()> {
    files.put_new(key, Bytes::copy_from_slice(png)).await?;
    match files.head(key).await? {
        Some(kept) if kept == png.len() as u64 => Ok(()),
        kept => Err(Error::from(anyhow!(
            "{key} has {kept:?} bytes instead of {}",
            png.len()
        ))),
    }
}

/// Names what was moved where it is now, unless its user has another one meanwhile, or none.
async fn settle(tx: &Tx, moving: Moving, store: &'static str) -> Result<()> {
    let Moving { row, sha256, upload } = moving;
    let new = picture::Model {
        id: row.id,
        user_id: row.user_id,
        sha256: sha256.clone(),
        size: row.png.len().try_into().unwrap_or(i64::MAX),
        created_at: row.created_at,
    };
    let content = Content {
        sha256,
        size: row.png.len() as u64,
        media_type: "image/png".to_owned(),
        pixels: None,
    };
    if row.delete(tx).await?.rows_affected == 0 {
        return content::give_back(tx, upload, true).await;
    }
    let arrived = Arrived {
        upload,
        content,
        store,
        limit: u64::MAX,
    };
    content::settle(tx, &arrived).await?;
    Ok(db::insert(tx, new).await?)
}
