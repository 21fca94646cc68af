//! Pictures of users: uploaded, or found somewhere else.

mod moving;

pub use moving::{PictureJob, move_pictures};

use super::{
    Detailed,
    entity::{avatar, picture},
    save,
};
use crate::{
    access::Managed,
    content::{self, Arrived},
    kit::{
        db::{self, Tx},
        error::{Code, Result},
        id::{AvatarId, UserId},
    },
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// Where a picture is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Picture {
    /// In the store, under its hash.
    Stored {
        /// Its hash.
        sha256: String,
        /// How many bytes it has.
        size: u64,
    },
    /// In the database still: its bytes.
    Here(Vec<u8>),
}

/// Gives a user the picture that has arrived; `address` says where the picture of an id is to be seen.
pub async fn set_avatar(
    tx: &Tx,
    old: Managed<Detailed>,
    arrived: &Arrived,
    address: impl FnOnce(AvatarId) -> String,
) -> Result<Detailed> {
    let id = AvatarId::new(tx.now);
    // Before the old one goes: it may be the same.
    content::settle(tx, arrived).await?;
    forget_picture(tx, old.user.id).await?;
    let row = picture::Model {
        id,
        user_id: old.user.id,
        sha256: arrived.content.sha256.clone(),
        size: arrived.content.size.try_into().unwrap_or(i64::MAX),
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
    forget_picture(tx, old.user.id).await?;
    let mut new = Detailed::clone(&old);
    new.user.avatar = None;
    save(tx, &old, new).await
}

/// Keeps the picture of a user no more, if there is one.
pub async fn forget_picture(tx: &Tx, user: UserId) -> Result<()> {
    avatar::Entity::delete_many()
        .filter(avatar::Column::UserId.eq(user))
        .exec(tx)
        .await?;
    let gone = picture::Entity::delete_many()
        .filter(picture::Column::UserId.eq(user))
        .exec_with_returning(tx)
        .await?;
    for row in gone {
        content::leave(tx, &row.sha256).await?;
    }
    Ok(())
}

/// Where the picture of this id is.
///
/// # Errors
/// [`Code::AvatarNotFound`].
pub async fn picture(tx: &Tx, id: AvatarId) -> Result<Picture> {
    if let Some(row) = picture::Entity::find_by_id(id).one(tx).await? {
        let size = row.size.try_into().unwrap_or_default();
        let sha256 = row.sha256;
        return Ok(Picture::Stored { sha256, size });
    }
    let row = avatar::Entity::find_by_id(id).one(tx).await?;
    Ok(Picture::Here(row.ok_or(Code::AvatarNotFound)?.png))
}
