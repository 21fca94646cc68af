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
        id::RefreshTokenId,
        secret::{self, MasterKey},
        sweep,
    },
    setting,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QuerySelect, sea_query::Expr};
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

/// A refresh token that somebody came with, and the session it belongs to.
#[derive(Debug)]
pub struct Presented {
    /// The session.
    pub session: Model,
    token: refresh::Model,
}

impl Presented {
    /// Until when the token is good for another one, if it is now. A used one only says which session to end.
    #[must_use]
    pub fn good_until(&self, tx: &Tx) -> Option<DateTime<Utc>> {
        let is_good = self.token.used_at.is_none() && self.token.expires_at > tx.now && self.session.lives(tx);
        is_good.then_some(self.token.expires_at)
    }
}

/// The session a refresh token belongs to.
pub async fn of_refresh_token(tx: &Tx, token: &str) -> Result<Option<Presented>> {
    find(tx, token, Condition::all()).await
}

async fn find(tx: &Tx, token: &str, also: Condition) -> Result<Option<Presented>> {
    let its_session = refresh::Entity::belongs_to(Entity)
        .from(refresh::Column::SessionId)
        .to(Column::Id);
    let found = refresh::Entity::find()
        .join(JoinType::InnerJoin, its_session.into())
        .select_also(Entity)
        .filter(refresh::Column::Hash.eq(secret::token_hash(token)))
        .filter(also)
        .one(tx)
        .await?;
    Ok(found.and_then(|(token, session)| {
        Some(Presented {
            session: session?,
            token,
        })
    }))
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
    let of_nobodys = Condition::all()
        .add(Column::ApplicationId.is_null())
        .add(principal::may_sign_in((Entity, Column::UserId)));
    let renewed = match find(tx, token, of_nobodys).await? {
        Some(found) => rotate(tx, master, found, token).await?,
        None => None,
    };
    let Some((session, refresh)) = renewed else {
        return Ok(Err(Code::RefreshTokenInvalid.into()));
    };
    let (policy, _) = setting::read::<Sessions>(tx).await?;
    Ok(Ok(Granted {
        session,
        refresh,
        lasts: policy.access_token_seconds,
    }))
}

/// The session of this refresh token and the next one, if it is good for that. Its user may sign in, which was looked
/// at in this transaction.
pub async fn rotate(
    tx: &Tx,
    master: &MasterKey,
    found: Presented,
    token: &str,
) -> Result<Option<(Model, Zeroizing<String>)>> {
    if found.token.used_at.is_some() {
        return replay(tx, master, found, token).await;
    }
    if found.good_until(tx).is_none() {
        return Ok(None);
    }
    if !use_up(tx, &found.token).await? {
        // A twin was quicker.
        return match of_refresh_token(tx, token).await? {
            Some(used) => replay(tx, master, used, token).await,
            None => Ok(None),
        };
    }
    let Presented { session, .. } = found;
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

/// Whether it was this one that used the token.
async fn use_up(tx: &Tx, token: &refresh::Model) -> Result<bool> {
    let used = refresh::Entity::update_many()
        .col_expr(refresh::Column::UsedAt, Expr::value(tx.now))
        .filter(refresh::Column::Id.eq(token.id))
        .filter(refresh::Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    Ok(used.rows_affected > 0)
}

/// A refresh token that was used.
async fn replay(
    tx: &Tx,
    master: &MasterKey,
    found: Presented,
    token: &str,
) -> Result<Option<(Model, Zeroizing<String>)>> {
    let Presented { session, token: known } = found;
    let Some(used_at) = known.used_at.filter(|_| session.lives(tx)) else {
        return Ok(None);
    };
    if used_at + GRACE < tx.now {
        tracing::warn!(session = %session.id, "a refresh token came again: its session ends");
        super::end(tx, session.id).await?;
        return Ok(None);
    }
    let next = successor(tx, master, &session, token);
    let row = refresh::Entity::find().filter(refresh::Column::Hash.eq(secret::token_hash(&next)));
    let row = row.one(tx).await?;
    Ok(row.filter(|row| row.used_at.is_none()).map(|_| (session, next)))
}

/// The session of this refresh token, which stays good: its holder proved who they are by something else.
pub async fn keep(tx: &Tx, found: Presented, token: &str) -> Result<Option<(Model, Zeroizing<String>)>> {
    if found.good_until(tx).is_none() {
        return Ok(None);
    }
    let Presented { session, token: known } = found;
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
