//! The beginning of a session, and the networks that users sign in from.

use super::{
    Model, REMEMBERED, Sessions,
    entity::{Column, network},
    living, snapshot,
};
use crate::kit::{
    db::{self, Tx},
    error::Result,
    http::Peer,
    id::{SessionId, UserId},
    limiter, sweep,
};
use chrono::TimeDelta;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, IntoColumnRef, OnConflict, Query},
};
use serde_json::Value;

/// How long a network is known after somebody signed in from it: 90 days, and the one in which that
/// need not be written down again.
const KNOWN: TimeDelta = TimeDelta::days(91);

/// A session that is to begin.
pub struct NewSession<'a> {
    /// Its user, with their name.
    pub user: (UserId, &'a str),
    /// From where.
    pub peer: &'a Peer,
    /// The application that holds it, as it names itself.
    pub client_id: Option<String>,
    /// The hash of the cookie of the browser that holds it.
    pub cookie_hash: Option<Vec<u8>>,
    /// How long it lasts, and how many there may be.
    pub policy: Sessions,
    /// Whether it was written down a short while ago that they sign in from this network.
    pub is_regular: bool,
    /// The session of the same user that the browser had. It ends, and those of applications below it go on below
    /// this one.
    pub replaces: Option<SessionId>,
    /// How they signed in, as `amr` has it (RFC 8176), if not by a password.
    pub method: Option<&'static str>,
}

/// Begins a session.
pub async fn begin(tx: &Tx, new: NewSession<'_>) -> Result<Model> {
    let (user, name) = new.user;
    if !new.is_regular {
        remember(tx, user, new.peer).await?;
    }
    let id = SessionId::new(tx.now);
    if let Some(before) = new.replaces {
        super::adopt(tx, before, id).await?;
        super::end_of_browser(tx, before).await?;
    }
    make_room(tx, user, new.policy).await?;
    if !new.is_regular || sweep::is_due(1) {
        sweep::sweep(tx, "session", "id", "expires_at", tx.now - REMEMBERED).await?;
        sweep::sweep(tx, "user_network", "user_id, network", "seen_at", tx.now - KNOWN).await?;
    }
    let session = Model {
        id,
        user_id: user,
        cookie_hash: new.cookie_hash,
        client_id: new.client_id,
        ip_address: new.peer.ip.to_string(),
        user_agent: new.peer.user_agent.clone(),
        created_at: tx.now,
        last_used_at: tx.now,
        expires_at: tx.now + new.policy.absolute(),
        idle_seconds: new.policy.idle_seconds.into(),
        ended_at: None,
        parent_id: None,
        application_id: None,
        offline: false,
        authenticated_at: None,
        scope: None,
        resource: None,
        claims: None,
        method: new.method.map(str::to_owned),
    };
    db::insert(tx, session.clone()).await?;
    tx.changed("session", &name, Value::Null, snapshot(&session));
    Ok(session)
}

/// When the user of this column last signed in from this network, if it is known here: an expression of
/// a query for them.
#[must_use]
pub fn seen(tx: &Tx, peer: &Peer, user: impl IntoColumnRef) -> Expr {
    let mut seen = Query::select();
    seen.column((network::Entity, network::Column::SeenAt))
        .from(network::Entity)
        .and_where(network::Column::Network.eq(limiter::network(peer.ip)))
        .and_where(network::Column::SeenAt.gt(tx.now - KNOWN))
        .and_where(Expr::col((network::Entity, network::Column::UserId)).eq(Expr::col(user)));
    Expr::SubQuery(None, Box::new(seen.into()))
}

/// Ends the oldest sessions of a user who has too many.
async fn make_room(tx: &Tx, user: UserId, policy: Sessions) -> Result<()> {
    // Those of applications have room of their own.
    let living = living(tx, user).filter(Column::ApplicationId.is_null());
    let over = (living.clone().count(tx).await? + 1).saturating_sub(policy.most_per_user.into());
    if over == 0 {
        return Ok(());
    }
    let oldest = living.order_by_asc(Column::CreatedAt).limit(over).all(tx).await?;
    let oldest: Vec<_> = oldest.into_iter().map(|session| session.id).collect();
    super::end_these(tx, &oldest).await
}

/// Writes down from where they sign in.
pub async fn remember(tx: &Tx, user: UserId, peer: &Peer) -> Result<()> {
    let network = limiter::network(peer.ip);
    let seen = network::Entity::update_many()
        .col_expr(network::Column::SeenAt, Expr::value(tx.now))
        .filter(network::Column::UserId.eq(user))
        .filter(network::Column::Network.eq(network.as_str()))
        .exec(tx)
        .await?;
    if seen.rows_affected > 0 {
        return Ok(());
    }
    let row = network::ActiveModel {
        user_id: Set(user),
        network: Set(network),
        seen_at: Set(tx.now),
    };
    // Another sign-in from there may have come first.
    network::Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}
