//! Pictures of users: uploaded, or found somewhere else.

use super::{Detailed, entity::avatar, save};
use crate::{
    access::Managed,
    kit::{
        db::{self, Tx},
        error::{Code, Error, Result},
        id::AvatarId,
        picture,
        upload::Upload,
    },
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// Gives a user a picture; `address` says where the picture of an id is to be seen.
pub async fn set_avatar(
    tx: &Tx,
    old: Managed<Detailed>,
    png: Vec<u8>,
    address: impl FnOnce(AvatarId) -> String,
) -> Result<Detailed> {
    let id = AvatarId::new(tx.now);
    delete(tx, &old).await?;
    let row = avatar::Model {
        id,
        user_id: old.user.id,
        png,
        created_at: tx.now,
    };
    db::insert(tx, row).await?;
    let mut new = Detailed::clone(&old);
    new.user.avatar = Some(address(id));
    save(tx, &old, new).await
}

/// Takes a user's picture away. Doing it twice is doing it once.
pub async fn remove_avatar(tx: &Tx, old: Managed<Detailed>) -> Result<Detailed> {
    if old.user.avatar.is_none() {
        tx.unchanged();
        return Ok(old.into_inner());
    }
    delete(tx, &old).await?;
    let mut new = Detailed::clone(&old);
    new.user.avatar = None;
    save(tx, &old, new).await
}

async fn delete(tx: &Tx, user: &Detailed) -> Result<()> {
    avatar::Entity::delete_many()
        .filter(avatar::Column::UserId.eq(user.user.id))
        .exec(tx)
        .await?;
    Ok(())
}

/// The picture of this id, as PNG.
///
/// # Errors
/// [`Code::AvatarNotFound`].
pub async fn picture(tx: &Tx, id: AvatarId) -> Result<Vec<u8>> {
    let row = avatar::Entity::find_by_id(id).one(tx).await?;
    Ok(row.ok_or(Code::AvatarNotFound)?.png)
}

/// The picture of an upload, drawn anew: nothing else of the file is kept.
///
/// # Errors
/// [`Error::Invalid`] if it is not a picture, or a larger one than any.
pub async fn draw(file: Upload) -> Result<Vec<u8>> {
    let drawn = picture::in_turn(move || picture::reencode(&file.bytes, file.content_type.as_deref())).await?;
    drawn.map_err(|why| Error::field("file", "value", why))
}
