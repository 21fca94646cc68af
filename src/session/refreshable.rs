//! Sessions that an application renews by a refresh token.

use super::{
    MOST_LISTED, Model,
    entity::{Column, Entity, refresh},
};
use crate::kit::{
    db::Tx,
    error::{Code, Result},
    id::{SessionId, UserId},
};
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};

/// A session that lives, and whose refresh token is good.
#[derive(Clone, Debug)]
pub struct Refreshable {
    /// The session.
    pub session: Model,
    /// Until when the token is good.
    pub good_until: DateTime<Utc>,
}

/// The sessions of a user that can be renewed, newest first, up to 200.
pub async fn refreshable(tx: &Tx, user: UserId) -> Result<Vec<Refreshable>> {
    let its_tokens = Entity::belongs_to(refresh::Entity)
        .from(Column::Id)
        .to(refresh::Column::SessionId);
    let found = super::living(tx, user)
        .join(JoinType::InnerJoin, its_tokens.into())
        .select_also(refresh::Entity)
        .filter(refresh::Column::UsedAt.is_null())
        .filter(refresh::Column::ExpiresAt.gt(tx.now))
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(MOST_LISTED)
        .all(tx)
        .await?;
    let found = found.into_iter().filter(|(session, _)| session.lives(tx));
    let of = |(session, token): (Model, Option<refresh::Model>)| {
        Some(Refreshable {
            session,
            good_until: token?.expires_at,
        })
    };
    Ok(found.filter_map(of).collect())
}

/// Ends a session of a user that can be renewed, and answers it as it was.
///
/// # Errors
/// [`Code::SessionNotFound`] if they have none of this id.
pub async fn end_refreshable(tx: &Tx, user: UserId, session: SessionId) -> Result<Model> {
    let mut all = refreshable(tx, user).await?.into_iter();
    let found = all.find(|of| of.session.id == session).ok_or(Code::SessionNotFound)?;
    super::end(tx, session).await?;
    Ok(found.session)
}

/// Ends every session of a user that can be renewed.
pub async fn end_all_refreshable(tx: &Tx, user: UserId) -> Result<()> {
    let all = refreshable(tx, user).await?;
    let ids: Vec<_> = all.iter().map(|of| of.session.id).collect();
    super::end_these(tx, &ids).await
}
