//! Sessions: signing in, staying signed in, signing out.

pub mod api;
pub mod entity;

use crate::{
    access::{Client, Door},
    kit::{
        db::Tx,
        error::{Code, Result},
        id::{RefreshTokenId, SessionId, UserId},
        secret,
        text::GivenPassword,
    },
    tenant::key::{ACCESS_TOKEN_LIFE, Claims},
    user,
};
use chrono::TimeDelta;
use entity::{ActiveModel, Column, Entity, Model, refresh};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, IntoCondition},
};
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// How long a session lasts at most, however busy.
const LIFE: TimeDelta = TimeDelta::days(30);
/// How long a refresh token waits to be used.
const IDLE: TimeDelta = TimeDelta::days(14);
/// How long a session that has run out can still be looked at.
const REMEMBERED: TimeDelta = TimeDelta::days(30);
/// Sessions of one user that are listed, and named when they end.
const MOST_LISTED: u64 = 200;
/// `last_used_at` is written no more often than this.
const TOUCH: TimeDelta = TimeDelta::minutes(5);

/// Who is signed in, through which session.
#[derive(Clone, Debug)]
pub struct Principal {
    /// The user.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// The session; none if the request brought the password itself.
    pub session: Option<SessionId>,
    /// Their roles, sorted.
    pub roles: Vec<String>,
    /// Whether they must choose another password before anything else.
    pub must_change_password: bool,
    /// Whether `last_used_at` is due to be written.
    pub stale: bool,
}

/// What a request may show to say who sends it.
#[derive(Clone, Debug)]
pub enum Credential {
    /// An access token whose signature and time are right.
    Token(Claims),
    /// The value of the session cookie.
    Cookie(String),
    /// A user whose password came with the request and is right.
    Password(UserId),
}

/// What an application gets when somebody signs in through it.
#[derive(Debug)]
pub struct Tokens {
    /// A signed access token.
    pub access: String,
    /// The refresh token, once.
    pub refresh: Zeroizing<String>,
}

/// Who a credential stands for, if their session lives and they may sign in.
///
/// # Errors
/// The database's.
pub async fn authenticate(tx: &Tx, credential: &Credential) -> Result<Option<Principal>> {
    let found = match credential {
        Credential::Token(claims) => Entity::find_by_id(claims.sid).filter(Column::UserId.eq(claims.sub)),
        Credential::Cookie(cookie) => Entity::find().filter(Column::CookieHash.eq(secret::token_hash(cookie))),
        Credential::Password(user) => return present(tx, *user).await,
    };
    let session = found.one(tx).await?;
    let Some(session) = session.filter(|s| s.ended_at.is_none() && tx.now < s.expires_at) else {
        return Ok(None);
    };
    principal(tx, session.user_id, Some(session)).await
}

/// The user as they are now, if they may sign in.
///
/// # Errors
/// The database's.
pub async fn present(tx: &Tx, user: UserId) -> Result<Option<Principal>> {
    principal(tx, user, None).await
}

async fn principal(tx: &Tx, user: UserId, session: Option<Model>) -> Result<Option<Principal>> {
    let row = user::entity::Entity::find_by_id(user).one(tx).await?;
    let Some(user) = row.filter(|user| !user.disabled) else {
        return Ok(None);
    };
    let mut roles = user::roles_of(tx, &[user.id]).await?;
    Ok(Some(Principal {
        roles: roles.remove(&user.id).unwrap_or_default(),
        user: user.id,
        name: user.name,
        session: session.as_ref().map(|session| session.id),
        must_change_password: user.must_change_password,
        stale: session.is_some_and(|session| session.last_used_at + TOUCH < tx.now),
    }))
}

/// Remembers that the session is in use.
///
/// # Errors
/// The database's.
pub async fn touch(tx: &Tx, session: SessionId) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::LastUsedAt, Expr::value(tx.now))
        .filter(Column::Id.eq(session))
        .exec(tx)
        .await?;
    Ok(())
}

/// The user of this name or address whose password this is.
///
/// Takes as long for somebody who does not exist, is disabled, or has no password, and answers
/// the same.
///
/// # Errors
/// [`Code::CredentialsInvalid`], [`Code::Busy`].
pub async fn check_password(door: &Door, login: &str, password: &GivenPassword) -> Result<UserId> {
    let found = door.look(async |tx| user::find_by_login(tx, login).await).await?;
    let hash = found.as_ref().and_then(|user| user.password_hash.as_deref());
    let right = door.app.passwords.verify(password.expose(), hash).await?;
    match found {
        Some(user) if right && !user.disabled => Ok(user.id),
        _ => Err(Code::CredentialsInvalid.into()),
    }
}

/// Whether this is the password of the user who is signed in already.
///
/// # Errors
/// [`Code::PasswordWrong`], [`Code::Busy`].
pub async fn confirm_password(door: &Door, user: UserId, password: &GivenPassword) -> Result<()> {
    let detailed = door.look(async |tx| user::get_by_id(tx, user).await).await?;
    let hash = detailed.user.password_hash.as_deref();
    if door.app.passwords.verify(password.expose(), hash).await? {
        Ok(())
    } else {
        Err(Code::PasswordWrong.into())
    }
}

/// Begins a session in a browser and returns its cookie, once.
///
/// # Errors
/// [`Code::CredentialsInvalid`] if the user was disabled meanwhile.
pub async fn begin_browser(tx: &Tx, user: UserId, client: &Client) -> Result<Zeroizing<String>> {
    let (cookie, hash) = secret::new_token();
    insert(tx, user, client, None, Some(hash)).await?;
    Ok(cookie)
}

/// Begins a session of an application and returns its first refresh token, once.
///
/// # Errors
/// [`Code::CredentialsInvalid`] if the user was disabled meanwhile.
pub async fn begin_application(
    tx: &Tx,
    user: UserId,
    client: &Client,
    client_id: Option<String>,
) -> Result<(Model, Zeroizing<String>)> {
    let session = insert(tx, user, client, client_id, None).await?;
    let refresh = add_refresh(tx, &session).await?;
    Ok((session, refresh))
}

async fn insert(
    tx: &Tx,
    user: UserId,
    client: &Client,
    client_id: Option<String>,
    cookie_hash: Option<Vec<u8>>,
) -> Result<Model> {
    // The password was checked before this transaction began.
    let row = user::entity::Entity::find_by_id(user).one(tx).await?;
    let Some(row) = row.filter(|row| !row.disabled) else {
        return Err(Code::CredentialsInvalid.into());
    };
    Entity::delete_many()
        .filter(Column::UserId.eq(user))
        .filter(Column::ExpiresAt.lt(tx.now - REMEMBERED))
        .exec(tx)
        .await?;
    let session = ActiveModel {
        id: Set(SessionId::new(tx.now)),
        user_id: Set(user),
        cookie_hash: Set(cookie_hash),
        client_id: Set(client_id),
        ip_address: Set(client.ip.to_string()),
        user_agent: Set(client.user_agent.clone()),
        created_at: Set(tx.now),
        last_used_at: Set(tx.now),
        expires_at: Set(tx.now + LIFE),
        ended_at: Set(None),
    };
    let session = session.insert(tx).await?;
    tx.changed("session", &row.name, Value::Null, snapshot(&session));
    Ok(session)
}

/// What the audit trail keeps of a session.
fn snapshot(session: &Model) -> Value {
    json!({ "id": session.id, "clientId": session.client_id })
}

async fn add_refresh(tx: &Tx, session: &Model) -> Result<Zeroizing<String>> {
    // A used one is kept as long as it could still come a second time.
    refresh::Entity::delete_many()
        .filter(refresh::Column::SessionId.eq(session.id))
        .filter(refresh::Column::ExpiresAt.lt(tx.now))
        .exec(tx)
        .await?;
    let (token, hash) = secret::new_token();
    refresh::ActiveModel {
        id: Set(RefreshTokenId::new(tx.now)),
        session_id: Set(session.id),
        hash: Set(hash),
        created_at: Set(tx.now),
        expires_at: Set(session.expires_at.min(tx.now + IDLE)),
        used_at: Set(None),
    }
    .insert(tx)
    .await?;
    Ok(token)
}

/// Uses a refresh token for the next one. The inner result is the verdict and must be committed
/// either way: a token that comes twice was stolen from somebody, so its session ends
/// (RFC 9700 §4.14.2).
///
/// # Errors
/// Inner: [`Code::RefreshTokenInvalid`].
pub async fn refresh(tx: &Tx, token: &str) -> Result<Result<(Model, Zeroizing<String>)>> {
    let refused = Ok(Err(Code::RefreshTokenInvalid.into()));
    let hash = secret::token_hash(token);
    let used = refresh::Entity::update_many()
        .col_expr(refresh::Column::UsedAt, Expr::value(tx.now))
        .filter(refresh::Column::Hash.eq(hash.clone()))
        .filter(refresh::Column::UsedAt.is_null())
        .filter(refresh::Column::ExpiresAt.gt(tx.now))
        .exec_with_returning(tx)
        .await?;
    let Some(used) = used.into_iter().next() else {
        let known = refresh::Entity::find()
            .filter(refresh::Column::Hash.eq(hash))
            .one(tx)
            .await?;
        if let Some(replayed) = known.filter(|row| row.used_at.is_some()) {
            tracing::warn!(session = %replayed.session_id, "a refresh token came twice: its session ends");
            end(tx, replayed.session_id).await?;
        }
        return refused;
    };
    let session = Entity::find_by_id(used.session_id).one(tx).await?;
    let Some(session) = session.filter(|s| s.ended_at.is_none() && tx.now < s.expires_at) else {
        return refused;
    };
    let user = user::entity::Entity::find_by_id(session.user_id).one(tx).await?;
    if user.is_none_or(|user| user.disabled) {
        return refused;
    }
    touch(tx, session.id).await?;
    let next = add_refresh(tx, &session).await?;
    Ok(Ok((session, next)))
}

/// The session a refresh token belongs to, used or not.
///
/// # Errors
/// The database's.
pub async fn of_refresh_token(tx: &Tx, token: &str) -> Result<Option<Model>> {
    let hash = secret::token_hash(token);
    let row = refresh::Entity::find()
        .filter(refresh::Column::Hash.eq(hash))
        .one(tx)
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Entity::find_by_id(row.session_id).one(tx).await?)
}

/// The sessions of a user that live, newest first, up to 200.
///
/// # Errors
/// The database's.
pub async fn list(tx: &Tx, user: UserId) -> Result<Vec<Model>> {
    Ok(living(tx, user)
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(MOST_LISTED)
        .all(tx)
        .await?)
}

fn living(tx: &Tx, user: UserId) -> Select<Entity> {
    Entity::find()
        .filter(Column::UserId.eq(user))
        .filter(Column::EndedAt.is_null())
        .filter(Column::ExpiresAt.gt(tx.now))
}

/// Ends one session of a user.
///
/// # Errors
/// [`Code::SessionNotFound`] if they have none of this id that lives.
pub async fn end_one(tx: &Tx, user: UserId, session: SessionId) -> Result<()> {
    let found = living(tx, user).filter(Column::Id.eq(session)).one(tx).await?;
    found.ok_or(Code::SessionNotFound)?;
    end(tx, session).await
}

/// Ends a session. Ending it twice is ending it once.
///
/// # Errors
/// The database's.
pub async fn end(tx: &Tx, session: SessionId) -> Result<()> {
    end_where(tx, Column::Id.eq(session)).await
}

/// Ends these sessions.
///
/// # Errors
/// The database's.
pub async fn end_these(tx: &Tx, sessions: &[SessionId]) -> Result<()> {
    end_where(tx, Column::Id.is_in(sessions.iter().copied())).await
}

/// What people call the device of a session: the program and the system that a `User-Agent` names.
#[must_use]
pub fn device_name(user_agent: &str) -> String {
    // Programs that say they are others as well come before those.
    const PROGRAMS: &[(&str, &str)] = &[
        ("Edg", "Edge"),
        ("OPR", "Opera"),
        ("Firefox", "Firefox"),
        ("FxiOS", "Firefox"),
        ("Chrome", "Chrome"),
        ("CriOS", "Chrome"),
        ("Safari", "Safari"),
    ];
    const SYSTEMS: &[(&str, &str)] = &[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    let named = |table: &[(&str, &'static str)]| {
        let known = table.iter().find(|(sign, _)| user_agent.contains(sign));
        known.map(|(_, name)| *name)
    };
    match (named(PROGRAMS), named(SYSTEMS)) {
        (Some(program), Some(system)) => format!("{program} on {system}"),
        (Some(program), None) => program.to_owned(),
        // `curl/8.5.0` and the like name themselves first.
        (None, _) => user_agent.split(['/', ' ']).next().unwrap_or_default().to_owned(),
    }
}

/// Ends every session of a user.
///
/// # Errors
/// The database's.
pub async fn end_all(tx: &Tx, user: UserId) -> Result<()> {
    end_where(tx, Column::UserId.eq(user)).await
}

/// Ends every session of a user but this one.
///
/// # Errors
/// The database's.
pub async fn end_others(tx: &Tx, user: UserId, but: Option<SessionId>) -> Result<()> {
    let all = Column::UserId.eq(user);
    match but {
        Some(but) => end_where(tx, Condition::all().add(all).add(Column::Id.ne(but))).await,
        None => end_where(tx, all).await,
    }
}

/// Ends sessions of one user.
async fn end_where(tx: &Tx, which: impl IntoCondition) -> Result<()> {
    let ended = Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(tx.now))
        .filter(which)
        .filter(Column::EndedAt.is_null())
        .exec_with_returning(tx)
        .await?;
    let Some(first) = ended.first() else { return Ok(()) };
    let user = user::entity::Entity::find_by_id(first.user_id).one(tx).await?;
    let name = user.map(|user| user.name).unwrap_or_default();
    for session in ended.iter().take(usize::try_from(MOST_LISTED).unwrap_or(usize::MAX)) {
        tx.changed("session", &name, snapshot(session), Value::Null);
    }
    Ok(())
}

/// The access token of a session.
///
/// # Errors
/// The tenant has no signing key.
pub async fn access_token(door: &Door, session: &Model) -> Result<String> {
    let now = door.app.clock.now();
    let issuer = door.tenant_url();
    let claims = Claims {
        aud: issuer.clone(),
        iss: issuer,
        sub: session.user_id,
        sid: session.id,
        client_id: session.client_id.clone().unwrap_or_default(),
        iat: now.timestamp(),
        exp: (now + ACCESS_TOKEN_LIFE).timestamp(),
        jti: uuid::Uuid::from_bytes(secret::random()).simple().to_string(),
    };
    door.keys().await?.sign(&claims)
}
