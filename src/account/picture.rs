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
use futures_util::TryStreamExt;

/// Keeps the picture of an upload, drawn anew as a PNG without anything else of the file, and has it become somebody's.
///
/// # Errors
/// [`Error::Invalid`] if it is not a picture, or a larger one than any;
/// [`crate::kit::error::Code::QuotaExceeded`], [`crate::kit::error::Code::FilesUnavailable`]; what `then` returns.
pub async fn with_picture<T>(
    caller: &Signed,
    server: &Server,
    file: Upload,
    then: impl AsyncFnOnce(&Arrived) -> Result<T>,
) -> Result<T> {
    let drawn = picture::in_turn(move || picture::reencode(&file.bytes, file.content_type.as_deref())).await?;
    let png = drawn.map_err(|why| Error::field("file", "value", why))?;
    let read = async |tx: &Tx| setting::read::<AttachmentPolicy>(tx).await;
    let limit = caller.read(read).await?.0.max_total_bytes;
    let reservation = Reservation::new(caller, server, png.len() as u64, limit).await?;
    let put = reservation
        .put((caller, server), png, "image/png".to_owned(), None)
        .await;
    let done = match put {
        Ok(content) => then(&reservation.arrived(server, content)).await,
        Err(error) => Err(error),
    };
    reservation.end(done).await
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
