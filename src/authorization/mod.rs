//! What people let applications do: codes, which work once, and consent, which is remembered.

pub mod api;
pub mod entity;
pub mod wire;

pub use entity::{Model as Code, consent::Model as Consent};

use crate::kit::{
    db::{self, Tx},
    error::Result,
    id::{ApplicationId, SessionId, UserId},
    secret::{new_token, token_hash},
    sweep,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{Column, Entity, Model, consent};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use zeroize::Zeroizing;

/// How long an application has to come for its tokens (RFC 6749 §4.1.2).
const LIFE: TimeDelta = TimeDelta::seconds(60);
/// How long it is remembered that a code was used.
const REMEMBERED: TimeDelta = TimeDelta::minutes(10);

/// What somebody lets an application do.
pub struct NewCode<'a> {
    /// The application, with its `client_id`.
    pub application: (ApplicationId, &'a str),
    /// Who signed in, and in which browser.
    pub user: (UserId, SessionId),
    /// Where the browser is sent with it.
    pub redirect_uri: &'a str,
    /// See [`Model::challenge`].
    pub challenge: Option<&'a str>,
    /// See [`Model::nonce`].
    pub nonce: Option<&'a str>,
    /// See [`Model::scope`].
    pub scope: String,
    /// See [`Model::resource`].
    pub resource: Option<String>,
    /// See [`Model::claims`].
    pub claims: Option<&'a str>,
    /// See [`Model::authenticated_at`].
    pub authenticated_at: DateTime<Utc>,
}

/// Makes a code, and returns it once.
pub async fn issue(tx: &Tx, new: NewCode<'_>) -> Result<Zeroizing<String>> {
    let (code, hash) = new_token();
    let (user_id, session_id) = new.user;
    let (application_id, client_id) = new.application;
    tx.changed("authorization", &client_id, Value::Null, json!({ "scope": new.scope }));
    let row = Model {
        hash,
        application_id,
        user_id,
        session_id,
        redirect_uri: new.redirect_uri.to_owned(),
        challenge: new.challenge.map(str::to_owned),
        nonce: new.nonce.map(str::to_owned),
        scope: new.scope,
        resource: new.resource,
        claims: new.claims.map(str::to_owned),
        authenticated_at: new.authenticated_at,
        issued_session_id: None,
        created_at: tx.now,
        expires_at: tx.now + LIFE,
        used_at: None,
    };
    db::insert(tx, row).await?;
    if sweep::is_due(1) {
        sweep::sweep(tx, "authorization_code", "hash", "expires_at", tx.now - REMEMBERED).await?;
    }
    Ok(code)
}

/// What comes of a code that an application shows.
pub enum Shown {
    /// It is good, and used from now on.
    Good(Box<Model>),
    /// It was used before, by this application. What was begun by it is to end (RFC 6749 §4.1.2).
    Again(Option<SessionId>),
    /// There is none, not any more, or not for this application.
    Unknown,
}

/// Uses a code: one statement, so that of two who show it one wins. Another application uses nothing up.
pub async fn consume(tx: &Tx, application: ApplicationId, code: &str) -> Result<Shown> {
    let hash = token_hash(code);
    let used = Entity::update_many()
        .col_expr(Column::UsedAt, Expr::value(tx.now))
        .filter(Column::Hash.eq(hash.clone()))
        .filter(Column::ApplicationId.eq(application))
        .filter(Column::UsedAt.is_null())
        .filter(Column::ExpiresAt.gt(tx.now))
        .exec_with_returning(tx)
        .await?;
    if let Some(code) = used.into_iter().next() {
        return Ok(Shown::Good(Box::new(code)));
    }
    let known = Entity::find_by_id(hash).one(tx).await?;
    let before = known.filter(|code| code.application_id == application && code.used_at.is_some());
    Ok(before.map_or(Shown::Unknown, |code| Shown::Again(code.issued_session_id)))
}

/// Remembers what was begun by a code.
pub async fn note_issued(tx: &Tx, code: &Model, session: SessionId) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::IssuedSessionId, Expr::value(session.0))
        .filter(Column::Hash.eq(code.hash.clone()))
        .exec(tx)
        .await?;
    Ok(())
}

/// A scope, at whom; at nobody if it tells who somebody is.
pub type Granted = (String, String);

/// What somebody lets an application do.
pub async fn granted(tx: &Tx, user: UserId, application: ApplicationId) -> Result<BTreeSet<Granted>> {
    let rows = consent::Entity::find()
        .filter(consent::Column::UserId.eq(user))
        .filter(consent::Column::ApplicationId.eq(application));
    let rows = rows.all(tx).await?.into_iter();
    Ok(rows.map(|row| (row.audience, row.scope)).collect())
}

/// Lets an application do these from now on.
pub async fn grant(
    tx: &Tx,
    user: UserId,
    (application, client_id): (ApplicationId, &str),
    scopes: &BTreeSet<Granted>,
) -> Result<()> {
    let rows = scopes.iter().map(|(audience, scope)| consent::ActiveModel {
        user_id: Set(user),
        application_id: Set(application),
        audience: Set(audience.clone()),
        scope: Set(scope.clone()),
        granted_at: Set(tx.now),
    });
    if scopes.is_empty() {
        return Ok(());
    }
    consent::Entity::insert_many(rows)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    let names: BTreeSet<&str> = scopes.iter().map(|(_, scope)| scope.as_str()).collect();
    tx.changed("consent", &client_id, Value::Null, json!({ "scopes": names }));
    Ok(())
}

/// What somebody lets any application do.
pub async fn consents_of(tx: &Tx, user: UserId) -> Result<Vec<Consent>> {
    let rows = consent::Entity::find().filter(consent::Column::UserId.eq(user));
    Ok(rows.all(tx).await?)
}

/// Lets no application do anything for a user any more.
pub async fn forget_all(tx: &Tx, user: UserId) -> Result<()> {
    let theirs = consent::Column::UserId.eq(user);
    consent::Entity::delete_many().filter(theirs).exec(tx).await?;
    Entity::delete_many().filter(Column::UserId.eq(user)).exec(tx).await?;
    Ok(())
}

/// Lets an application do nothing any more, not by a code that it has yet to use either.
pub async fn withdraw(tx: &Tx, user: UserId, (application, client_id): (ApplicationId, &str)) -> Result<()> {
    Entity::delete_many()
        .filter(Column::UserId.eq(user))
        .filter(Column::ApplicationId.eq(application))
        .filter(Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    let withdrawn = consent::Entity::delete_many()
        .filter(consent::Column::UserId.eq(user))
        .filter(consent::Column::ApplicationId.eq(application))
        .exec_with_returning(tx)
        .await?;
    if !withdrawn.is_empty() {
        let names: BTreeSet<&str> = withdrawn.iter().map(|row| row.scope.as_str()).collect();
        tx.changed("consent", &client_id, json!({ "scopes": names }), Value::Null);
    }
    Ok(())
}
