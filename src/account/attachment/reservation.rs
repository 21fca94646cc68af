//! The room of one upload, and what it writes.

use crate::{
    attachment,
    context::{Operator, RequestContext, Services},
    kit::{
        blob::{Key, Store},
        db::Tx,
        error::Result,
        id::{TenantId, UploadId},
    },
    server::Server,
};
use std::sync::Arc;

/// The room of one upload. It is given back unless the upload becomes a file: also when its client goes, or its
/// handler panics.
pub(super) struct Reservation {
    pub(super) id: UploadId,
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
        let reserve = async |tx: &Tx| attachment::reserve(tx, bytes, limit).await;
        Ok(Self {
            id: context.write_unaudited(reserve).await?,
            room: Some(Room {
                services: context.services.clone(),
                files: server.files.clone(),
                tenant: context.tenant.id,
            }),
            has_written: false,
        })
    }

    /// Says that it became a file.
    pub(super) fn settled(mut self) {
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

impl Room {
    async fn give_back(self, id: UploadId, has_written: bool) {
        let key = Key::of_upload(self.tenant, id);
        // What cannot be removed now is left to the sweep, the room is not.
        let is_clean = !has_written || self.files.delete(&key).await.is_ok();
        let give_back = async |tx: &Tx| attachment::give_back(tx, id, is_clean).await;
        let given = Operator::new(&self.services, self.tenant)
            .write("", "", give_back)
            .await;
        if let Err(error) = given {
            tracing::error!(%error, "the room of an upload is given back by the sweep");
        }
    }
}
