//! Sessions of applications, which people let begin from one of a browser.

use super::{
    Model,
    entity::{Column, Entity},
    snapshot,
};
use crate::kit::{
    db::{self, Tx},
    error::Result,
    http::Peer,
    id::{ApplicationId, SessionId, UserId},
};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use serde_json::Value;

/// Sessions of one user that one application may have.
const MOST: u64 = 20;

/// A session of an application that is to begin.
pub struct NewChild<'a> {
    /// Its user, with their name.
    pub user: (UserId, &'a str),
    /// The browser's.
    pub parent: &'a Model,
    /// The application, with its `client_id`.
    pub application: (ApplicationId, &'a str),
    /// Where the application is.
    pub peer: &'a Peer,
    /// Whether it outlives the browser's.
    pub offline: bool,
    /// Seconds it may lie unused, and after which it ends.
    pub seconds: (u32, u32),
    /// When the user gave their password.
    pub authenticated_at: DateTime<Utc>,
    /// What it may ask for.
    pub scope: String,
    /// At whom.
    pub resource: Option<String>,
    /// Single claims that it asked for.
    pub claims: Option<String>,
}

/// Begins a session of an application. The oldest ends if the user has too many there.
pub async fn begin_child(tx: &Tx, new: NewChild<'_>) -> Result<Model> {
    let (user_id, name) = new.user;
    let (application, client_id) = new.application;
    let over: Vec<SessionId> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::ApplicationId.eq(application))
        .filter(Column::UserId.eq(user_id))
        .filter(Column::EndedAt.is_null())
        .order_by_desc(Column::CreatedAt)
        .offset(MOST - 1)
        .limit(MOST)
        .into_tuple()
        .all(tx)
        .await?;
    if !over.is_empty() {
        super::end_these(tx, &over).await?;
    }
    let (idle, absolute) = new.seconds;
    let expires_at = tx.now + TimeDelta::seconds(absolute.into());
    let session = Model {
        id: SessionId::new(tx.now),
        user_id,
        cookie_hash: None,
        client_id: Some(client_id.to_owned()),
        ip_address: new.peer.ip.to_string(),
        user_agent: new.peer.user_agent.clone(),
        created_at: tx.now,
        last_used_at: tx.now,
        expires_at: match new.offline {
            true => expires_at,
            false => expires_at.min(new.parent.expires_at),
        },
        idle_seconds: idle.into(),
        ended_at: None,
        parent_id: Some(new.parent.id),
        application_id: Some(application),
        offline: new.offline,
        authenticated_at: Some(new.authenticated_at),
        scope: Some(new.scope),
        resource: new.resource,
        claims: new.claims,
        method: new.parent.method.clone(),
    };
    db::insert(tx, session.clone()).await?;
    tx.changed("session", &name, Value::Null, snapshot(&session));
    Ok(session)
}

/// The sessions of applications of a user that live, newest first.
pub async fn of_applications(tx: &Tx, user: UserId) -> Result<Vec<Model>> {
    let living = super::living(tx, user).filter(Column::ApplicationId.is_not_null());
    let found = living.order_by_desc(Column::CreatedAt).all(tx).await?;
    Ok(found.into_iter().filter(|session| session.lives(tx)).collect())
}

/// Ends every session that a user has of an application.
pub async fn end_of_application(tx: &Tx, user: UserId, application: ApplicationId) -> Result<()> {
    let of_user = Condition::all().add(Column::UserId.eq(user));
    super::end_where(tx, of_user.add(Column::ApplicationId.eq(application))).await
}

/// Has the sessions of applications go on below another session of the same user and browser.
pub async fn adopt(tx: &Tx, before: SessionId, now: SessionId) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::ParentId, Expr::value(now.0))
        .filter(Column::ParentId.eq(before))
        .filter(Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}
