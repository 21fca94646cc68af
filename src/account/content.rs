//! Content on its way into the store. What a step leaves there has a row before it: see the sweep of `content`.

use crate::{
    content::{self, Arrived, Content},
    context::{Operator, RequestContext, Services},
    kit::{
        blob::{Hash, Key, Store},
        db::Tx,
        error::{Code, Error, Result},
        id::{TenantId, UploadId},
    },
    server::Server,
};
use bytes::Bytes;
use std::sync::Arc;

/// The room of one content. It is given back unless a row names that: also when its client goes, or its handler panics.
pub(super) struct Reservation {
    pub(super) id: UploadId,
    limit: u64,
    room: Option<Room>,
    /// Whether something of it may be in the store under its own id.
    pub(super) has_written: bool,
}

/// What gives it back.
struct Room {
    services: Services,
    files: Arc<dyn Store>,
    tenant: TenantId,
}

impl Reservation {
    /// Reserves so many bytes.
    pub(super) async fn new(context: &RequestContext, server: &Server, bytes: u64, limit: u64) -> Result<Self> {
        let reserve = async |tx: &Tx| content::reserve(tx, bytes, limit).await;
        Ok(Self {
            id: context.write_unaudited(reserve).await?,
            limit,
            room: Some(Room {
                services: context.services.clone(),
                files: server.files.clone(),
                tenant: context.tenant.id,
            }),
            has_written: false,
        })
    }

    /// Says which content is about to be kept, before it is.
    pub(super) async fn announce(&self, context: &RequestContext, sha256: &str) -> Result<()> {
        let announce = async |tx: &Tx| content::announce(tx, self.id, sha256).await;
        context.write_unaudited(announce).await
    }

    /// Keeps content that is in memory.
    pub(super) async fn put(
        &self,
        (context, server): (&RequestContext, &Server),
        bytes: Vec<u8>,
        media_type: String,
        pixels: Option<(u32, u32)>,
    ) -> Result<Content> {
        let bytes = Bytes::from(bytes);
        let (sha256, size) = (Hash::of(&bytes), bytes.len() as u64);
        self.announce(context, &sha256).await?;
        let key = Key::of_content(context.tenant.id, &sha256);
        server.files.put_new(&key, bytes).await?;
        look(server, &key, size).await?;
        Ok(Content {
            sha256,
            size,
            media_type,
            pixels,
        })
    }

    /// Its content, which has arrived.
    pub(super) fn arrived(&self, server: &Server, content: Content) -> Arrived {
        Arrived {
            upload: self.id,
            content,
            store: server.files.kind(),
            limit: self.limit,
        }
    }

    /// Ends it, as whatever was to name its content ended.
    pub(super) async fn end<T>(self, done: Result<T>) -> Result<T> {
        match done {
            Ok(_) => self.settled(),
            Err(_) => self.give_back().await,
        }
        done
    }

    /// Says that a row names its content.
    fn settled(mut self) {
        self.room = None;
    }

    /// Gives it back now, so that whoever is told of the failure can try again.
    pub(super) async fn give_back(mut self) {
        if let Some(room) = self.room.take() {
            room.give_back(self.id, self.has_written).await;
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let (id, has_written) = (self.id, self.has_written);
        if let Some(room) = self.room.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(async move { room.give_back(id, has_written).await });
        }
    }
}

/// A store may say that it keeps something, and not do so.
pub(super) async fn look(server: &Server, key: &Key, size: u64) -> Result<()> {
    match server.files.head(key).await? {
        Some(kept) if kept == size => Ok(()),
        kept => {
            tracing::error!(%key, size, ?kept, "the store of files has not what it said it keeps");
            Err(Error::later(Code::FilesUnavailable))
        }
    }
}

impl Room {
    async fn give_back(self, id: UploadId, has_written: bool) {
        let key = Key::of_upload(self.tenant, id);
        // What cannot be removed now is left to the sweep, the room is not.
        let is_clean = !has_written || self.files.delete(&key).await.is_ok();
        let give_back = async |tx: &Tx| content::give_back(tx, id, is_clean).await;
        let given = Operator::new(&self.services, self.tenant)
            .write("", "", give_back)
            .await;
        if let Err(error) = given {
            tracing::error!(%error, "the room of an upload is given back by the sweep");
        }
    }
}
