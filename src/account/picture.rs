//! Pictures of users, on their way into the store and out of it.

use super::content::Reservation;
use crate::{
    attachment::AttachmentPolicy,
    content::Arrived,
    context::{RequestContext, Signed},
    kit::{
        blob::Key,
        db::Tx,
        error::{Error, Result},
        id::AvatarId,
        picture,
        upload::Upload,
    },
    server::Server,
    setting,
    user::{self, Picture},
};
use bytes::{Bytes, BytesMut};
use futures_util::{TryStreamExt, future::BoxFuture};

/// A picture that has arrived in the store, and is to become somebody's.
pub struct KeptPicture {
    reservation: Reservation,
    arrived: Arrived,
}

impl KeptPicture {
    /// What has arrived.
    #[must_use]
    pub fn arrived(&self) -> &Arrived {
        &self.arrived
    }

    /// Ends it, as what was to have it ended.
    pub fn end<'a, T: Send + 'a>(self, done: Result<T>) -> BoxFuture<'a, Result<T>> {
        Box::pin(self.reservation.end(done))
    }
}

/// Keeps the picture of an upload, drawn anew as a PNG without anything else of the file.
///
/// # Errors
/// [`Error::Invalid`] if it is not a picture, or a larger one than any;
/// [`crate::kit::error::Code::QuotaExceeded`], [`crate::kit::error::Code::FilesUnavailable`].
pub fn keep_picture<'a>(caller: &'a Signed, server: &'a Server, file: Upload) -> BoxFuture<'a, Result<KeptPicture>> {
    Box::pin(keep(caller, server, file))
}

async fn keep(caller: &Signed, server: &Server, file: Upload) -> Result<KeptPicture> {
    let drawn = picture::in_turn(move || picture::reencode(&file.bytes, file.content_type.as_deref())).await?;
    let png = drawn.map_err(|why| Error::field("file", "value", why))?;
    let read = async |tx: &Tx| setting::read::<AttachmentPolicy>(tx).await;
    let limit = caller.read(read).await?.0.max_total_bytes;
    let reservation = Reservation::new(caller, server, png.len() as u64, limit).await?;
    match reservation
        .put((caller, server), png, "image/png".to_owned(), None)
        .await
    {
        Ok(content) => {
            let arrived = reservation.arrived(server, content);
            Ok(KeptPicture { reservation, arrived })
        }
        Err(error) => {
            reservation.give_back().await;
            Err(error)
        }
    }
}

/// The picture of this id, as PNG.
///
/// # Errors
/// [`crate::kit::error::Code::AvatarNotFound`], [`crate::kit::error::Code::FilesUnavailable`].
pub async fn picture(context: &RequestContext, server: &Server, id: AvatarId) -> Result<Bytes> {
    let find = async |tx: &Tx| user::picture(tx, id).await;
    let (sha256, size) = match context.run(find).await? {
        Picture::Here(png) => return Ok(png.into()),
        Picture::Stored { sha256, size } => (sha256, size),
    };
    let place = (context.tenant.id, sha256, picture::SIDE);
    if let Some((kept, _)) = server.thumbnails.get(&place) {
        return Ok(kept);
    }
    let key = Key::of_content(context.tenant.id, &place.1);
    let read = server.files.get(&key, 0..size).await?;
    let png: BytesMut = read.try_collect().await.map_err(anyhow::Error::from)?;
    let png = png.freeze();
    server.thumbnails.keep(place, (png.clone(), "image/png"));
    Ok(png)
}
