//! Users as they sign in.

use super::{
    Detailed, detail,
    entity::{Column, Entity, Model},
};
use crate::{
    email,
    kit::{
        db::Tx,
        error::{Code, Result},
        http::Peer,
        id::UserId,
        text::{Email, UserName},
    },
    session,
};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QueryTrait,
    sea_query::{Expr, IntoCondition},
};

/// A user who wants to sign in.
#[derive(Debug)]
pub struct Login {
    /// The row.
    pub user: Model,
    /// When they last signed in from this network, if it is known here.
    pub seen: Option<DateTime<Utc>>,
}

/// The user that this name or address means at sign-in.
pub async fn find_by_login(tx: &Tx, peer: &Peer, login: &str) -> Result<Option<Login>> {
    if let Ok(email) = login.parse::<Email>() {
        // Also asked for nobody, so that it costs the same.
        let holder = email::holder(tx, &email).await?;
        let id = holder.unwrap_or(UserId::NOBODY);
        return find(tx, peer, Column::Id.eq(id).into_condition()).await;
    }
    let Ok(name) = login.parse::<UserName>() else {
        return Ok(None);
    };
    find(tx, peer, Column::Name.eq(name.to_string()).into_condition()).await
}

/// The user of this id.
///
/// # Errors
/// [`Code::UserNotFound`].
pub async fn get_login(tx: &Tx, peer: &Peer, id: UserId) -> Result<Login> {
    let found = find(tx, peer, Column::Id.eq(id).into_condition()).await?;
    found.ok_or(Code::UserNotFound.into())
}

/// Who signed up last with this address, not proven since, and this display name, within a day: perhaps
/// the same person, who got no answer.
pub async fn last_newcomer(tx: &Tx, email: &Email, display_name: &str) -> Result<Option<Model>> {
    let found = Entity::find()
        .filter(Column::Id.in_subquery(email::unproven_claims(email)))
        .filter(Column::DisplayName.eq(display_name))
        .filter(Column::Disabled.eq(false))
        .filter(Column::CreatedAt.gt(tx.now - TimeDelta::days(1)))
        .order_by_desc(Column::CreatedAt)
        .one(tx);
    Ok(found.await?)
}

async fn find(tx: &Tx, peer: &Peer, which: Condition) -> Result<Option<Login>> {
    let mut query = Entity::find().filter(which).into_query();
    query.expr_as(session::seen(tx, peer, (Entity, Column::Id)), "seen");
    let Some(row) = tx.query_one(&query).await? else {
        return Ok(None);
    };
    Ok(Some(Login {
        user: Model::from_query_result(&row, "")?,
        seen: row.try_get("", "seen")?,
    }))
}

/// Writes down that a user signs in; `None` if they may not, or if they gave a password and theirs is not the one
/// of this hash any more.
pub async fn signed_in(tx: &Tx, id: UserId, hash: Option<&str>) -> Result<Option<Detailed>> {
    let mut update = Entity::update_many()
        .col_expr(Column::LastSignInAt, Expr::value(tx.now))
        .filter(Column::Id.eq(id))
        .filter(Column::Disabled.eq(false));
    if let Some(hash) = hash {
        update = update.filter(Column::PasswordHash.eq(hash));
    }
    let signed_in = update.exec(tx).await?;
    match signed_in.rows_affected {
        0 => Ok(None),
        _ => detail::find(tx, Column::Id.eq(id)).await,
    }
}
