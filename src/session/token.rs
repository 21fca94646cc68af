//! The tokens of applications: access tokens that are signed, refresh tokens that work once.

use super::{
    Model, Sessions,
    entity::{Column, Entity, refresh},
};
use crate::{
    access::principal,
    key::{Algorithm, Audiences, Claims, KeyRing, TokenType},
    kit::{
        db::{self, Tx},
        error::{Code, Result},
        id::{ApplicationId, RefreshTokenId},
        secret::{self, MasterKey},
        sweep,
    },
    setting,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, Query},
};
use serde_json::Map;
use zeroize::Zeroizing;

/// How long a refresh token that was used answers the same once more: to a twin that raced it,
/// or to an application that did not get the answer.
const GRACE: TimeDelta = TimeDelta::seconds(10);

/// The tokens an application is granted when somebody signs in through it, and again for each refresh
/// token.
#[derive(Debug)]
pub struct Granted {
    /// The session.
    pub session: Model,
    /// The refresh token, once.
    pub refresh: Zeroizing<String>,
    /// Seconds for which an access token is valid.
    pub lasts: u32,
}

/// The refresh token that follows this one, as its holder can make the server say it again: a
/// keyed hash, of which no database knows either end.
fn successor(tx: &Tx, master: &MasterKey, session: &Model, token: &str) -> Zeroizing<String> {
    let context = format!("refresh/{}/{}", tx.tenant(), session.id);
    Zeroizing::new(URL_SAFE_NO_PAD.encode(master.hash(&context, token)))
}

/// The first refresh token of a session that just began.
pub async fn grant(tx: &Tx, session: Model, policy: Sessions) -> Result<Granted> {
    let refresh = first_refresh(tx, &session).await?;
    Ok(Granted {
        session,
        refresh,
        lasts: policy.access_token_seconds,
    })
}

/// The first refresh token of a session that just began.
pub async fn first_refresh(tx: &Tx, session: &Model) -> Result<Zeroizing<String>> {
    let (refresh, _) = secret::new_token();
    add_refresh(tx, session, &refresh).await?;
    Ok(refresh)
}

async fn add_refresh(tx: &Tx, session: &Model, token: &str) -> Result<()> {
    let idle = TimeDelta::seconds(session.idle_seconds);
    let row = refresh::Model {
        id: RefreshTokenId::new(tx.now),
        session_id: session.id,
        hash: secret::token_hash(token),
        created_at: tx.now,
        expires_at: session.expires_at.min(tx.now + idle),
        used_at: None,
    };
    db::insert(tx, row).await?;
    Ok(())
}

/// Uses a refresh token for the next one. The inner result is the verdict and must be committed
/// either way: a token that comes again was stolen from somebody, so its session ends
/// (RFC 9700 §4.14.2).
///
/// Within ten seconds it may come again and is answered with the same next one, as long as that
/// was not used: two windows of a browser, or an answer that was lost, end no session.
///
/// # Errors
/// Inner: [`Code::RefreshTokenInvalid`].
pub async fn refresh(tx: &Tx, master: &MasterKey, token: &str) -> Result<Result<Granted>> {
    let Some((session, refresh)) = rotate(tx, master, token, None).await? else {
        return Ok(Err(Code::RefreshTokenInvalid.into()));
    };
    let (policy, _) = setting::read::<Sessions>(tx).await?;
    Ok(Ok(Granted {
        session,
        refresh,
        lasts: policy.access_token_seconds,
    }))
}

/// A condition: the token is of a session of this application, or of none.
fn held_by(of: Option<ApplicationId>) -> Expr {
    let held = match of {
        Some(application) => Column::ApplicationId.eq(application),
        None => Column::ApplicationId.is_null(),
    };
    let sessions = Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(held)
        .to_owned();
    refresh::Column::SessionId.in_subquery(sessions)
}

/// The session of this refresh token and the next one, if it is good for that. Whoever it is not of uses
/// nothing up.
pub async fn rotate(
    tx: &Tx,
    master: &MasterKey,
    token: &str,
    of: Option<ApplicationId>,
) -> Result<Option<(Model, Zeroizing<String>)>> {
    let hash = secret::token_hash(token);
    let used = refresh::Entity::update_many()
        .col_expr(refresh::Column::UsedAt, Expr::value(tx.now))
        .filter(refresh::Column::Hash.eq(hash.clone()))
        .filter(refresh::Column::UsedAt.is_null())
        .filter(refresh::Column::ExpiresAt.gt(tx.now))
        .filter(held_by(of))
        .exec_with_returning(tx)
        .await?;
    let Some(used) = used.into_iter().next() else {
        return replay(tx, master, token, of).await;
    };
    let Some(session) = usable(tx, &used).await? else {
        return Ok(None);
    };
    if session.last_used_at + principal::TOUCH < tx.now {
        principal::touch(tx, session.id).await?;
    }
    if sweep::is_due(1) {
        // A used one is kept as long as it could still come a second time.
        sweep::sweep(tx, "refresh_token", "id", "expires_at", tx.now).await?;
    }
    let next = successor(tx, master, &session, token);
    add_refresh(tx, &session, &next).await?;
    Ok(Some((session, next)))
}

/// A refresh token that is unknown, has expired, or was used.
async fn replay(
    tx: &Tx,
    master: &MasterKey,
    token: &str,
    of: Option<ApplicationId>,
) -> Result<Option<(Model, Zeroizing<String>)>> {
    let Some(known) = by_hash(tx, token).await? else {
        return Ok(None);
    };
    let Some(used_at) = known.used_at else { return Ok(None) };
    let Some(session) = usable(tx, &known).await?.filter(|session| session.application_id == of) else {
        return Ok(None);
    };
    if used_at + GRACE < tx.now {
        tracing::warn!(session = %session.id, "a refresh token came again: its session ends");
        super::end(tx, session.id).await?;
        return Ok(None);
    }
    let next = successor(tx, master, &session, token);
    let row = by_hash(tx, &next).await?;
    Ok(row.filter(|row| row.used_at.is_none()).map(|_| (session, next)))
}

/// The session of this refresh token, which stays good: its holder proved who they are by something else.
pub async fn keep(tx: &Tx, token: &str, of: Option<ApplicationId>) -> Result<Option<(Model, Zeroizing<String>)>> {
    let known = by_hash(tx, token).await?;
    let Some(known) = known.filter(|row| row.used_at.is_none() && row.expires_at > tx.now) else {
        return Ok(None);
    };
    let Some(session) = usable(tx, &known).await?.filter(|session| session.application_id == of) else {
        return Ok(None);
    };
    if session.last_used_at + principal::TOUCH < tx.now {
        principal::touch(tx, session.id).await?;
        let idle = TimeDelta::seconds(session.idle_seconds);
        refresh::Entity::update_many()
            .col_expr(
                refresh::Column::ExpiresAt,
                Expr::value(session.expires_at.min(tx.now + idle)),
            )
            .filter(refresh::Column::Id.eq(known.id))
            .exec(tx)
            .await?;
    }
    Ok(Some((session, Zeroizing::new(token.to_owned()))))
}

async fn by_hash(tx: &Tx, token: &str) -> Result<Option<refresh::Model>> {
    let hash = secret::token_hash(token);
    Ok(refresh::Entity::find()
        .filter(refresh::Column::Hash.eq(hash))
        .one(tx)
        .await?)
}

/// The session of a refresh token, if it lives and its user may sign in.
async fn usable(tx: &Tx, token: &refresh::Model) -> Result<Option<Model>> {
    let session = Entity::find_by_id(token.session_id).filter(principal::may_sign_in((Entity, Column::UserId)));
    let session = session.one(tx).await?;
    Ok(session.filter(|session| session.lives(tx)))
}

/// The session a refresh token belongs to, and until when the token is good for another one, if it is now.
/// A used one only says which session to end.
pub async fn of_refresh_token(tx: &Tx, token: &str) -> Result<Option<(Model, Option<DateTime<Utc>>)>> {
    let Some(row) = by_hash(tx, token).await? else {
        return Ok(None);
    };
    let session = Entity::find_by_id(row.session_id).one(tx).await?;
    Ok(session.map(|session| {
        let is_good = row.used_at.is_none() && row.expires_at > tx.now && session.lives(tx);
        (session, is_good.then_some(row.expires_at))
    }))
}

/// An access token of a session, of this issuer.
///
/// # Errors
/// The tenant has no signing key.
pub fn access_token(keys: &KeyRing, issuer: String, now: DateTime<Utc>, granted: &Granted) -> Result<String> {
    let session = &granted.session;
    let claims = Claims {
        aud: Audiences::One(issuer.clone()),
        iss: issuer,
        sub: session.user_id.to_string(),
        sid: Some(session.id),
        client_id: session.client_id.clone().unwrap_or_default(),
        scope: None,
        iat: now.timestamp(),
        exp: now.timestamp() + i64::from(granted.lasts),
        jti: uuid::Uuid::from_bytes(secret::random()).simple().to_string(),
        told: Map::new(),
    };
    let claims = serde_json::to_vec(&claims).map_err(anyhow::Error::from)?;
    keys.sign(Algorithm::EdDsa, TokenType::Access, &claims)
}
