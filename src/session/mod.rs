//! Sessions: signing in, staying signed in, signing out.

pub mod api;
mod begin;
pub mod entity;
mod policy;
mod token;

pub use begin::{NewSession, begin, seen};
pub use entity::Model as Session;
pub use policy::Sessions;
pub use token::{Granted, access_token, grant, of_refresh_token, refresh};

use crate::{
    access::Door,
    app,
    kit::{
        db::Tx,
        error::{Code, Result},
        headers::SetCookie,
        id::{SessionId, UserId},
        secret,
    },
    tenant::key::Claims,
    user,
};
use chrono::TimeDelta;
use cookie::SameSite;
use entity::{Column, Entity, Model};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, IntoCondition},
};
use serde_json::{Value, json};

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
    /// The hash that this password is of.
    password_hash: Option<String>,
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
    /// A user whose password came with the request, and the hash that it is of.
    Password(UserId, String),
}

/// Who a credential stands for, if their session lives and they may sign in.
///
/// # Errors
/// The database's.
pub async fn authenticate(tx: &Tx, credential: &Credential) -> Result<Option<Principal>> {
    let found = match credential {
        Credential::Token(claims) => Entity::find_by_id(claims.sid).filter(Column::UserId.eq(claims.sub)),
        Credential::Cookie(cookie) => Entity::find().filter(Column::CookieHash.eq(secret::token_hash(cookie))),
        Credential::Password(user, hash) => return principal(tx, *user, None, Some(hash)).await,
    };
    by_session(tx, found).await
}

async fn by_session(tx: &Tx, session: Select<Entity>) -> Result<Option<Principal>> {
    let session = session.one(tx).await?;
    match session.filter(|session| session.lives(tx)) {
        Some(session) => principal(tx, session.user_id, Some(session), None).await,
        None => Ok(None),
    }
}

impl Model {
    /// Whether it can be used: it was not ended, and lay neither too long nor too long unused.
    fn lives(&self, tx: &Tx) -> bool {
        let idle = self.last_used_at + TimeDelta::seconds(self.idle_seconds);
        self.ended_at.is_none() && tx.now < self.expires_at && tx.now < idle + TOUCH
    }
}

/// Who it is as they are now, if their session still lives, or the password is still theirs, and they
/// may sign in.
///
/// # Errors
/// The database's.
pub async fn again(tx: &Tx, who: &Principal) -> Result<Option<Principal>> {
    match who.session {
        Some(id) => by_session(tx, Entity::find_by_id(id)).await,
        None => principal(tx, who.user, None, who.password_hash.as_deref()).await,
    }
}

/// The user as they are now, if they may sign in.
///
/// # Errors
/// The database's.
pub async fn present(tx: &Tx, user: UserId) -> Result<Option<Principal>> {
    principal(tx, user, None, None).await
}

async fn principal(tx: &Tx, user: UserId, session: Option<Model>, hash: Option<&str>) -> Result<Option<Principal>> {
    let row = user::entity::Entity::find_by_id(user).one(tx).await?;
    let is_theirs = |user: &user::entity::Model| hash.is_none() || user.password_hash.as_deref() == hash;
    let Some(user) = row.filter(|user| !user.disabled && is_theirs(user)) else {
        return Ok(None);
    };
    let mut roles = user::roles_of(tx, &[user.id]).await?;
    Ok(Some(Principal {
        roles: roles.remove(&user.id).unwrap_or_default(),
        user: user.id,
        name: user.name,
        session: session.as_ref().map(|session| session.id),
        password_hash: hash.map(str::to_owned),
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

/// What the audit trail keeps of a session.
fn snapshot(session: &Model) -> Value {
    json!({ "id": session.id, "clientId": session.client_id })
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

/// Ends a session if a browser holds it; one of an application lives on.
///
/// # Errors
/// The database's.
pub async fn end_of_browser(tx: &Tx, session: SessionId) -> Result<()> {
    let of_browser = Condition::all().add(Column::Id.eq(session));
    end_where(tx, of_browser.add(Column::CookieHash.is_not_null())).await
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

/// The session cookie of a browser with this value, for so many seconds; none to clear it.
#[must_use]
pub fn set_cookie(door: &Door, value: &str, lasts: u32) -> String {
    let cookie = SetCookie {
        name: &door.app.cookie_name(&door.tenant),
        value,
        // It stays with its tenant.
        path: app::tenant_path(&door.tenant) + "/",
        lasts,
        same_site: SameSite::Lax,
        secure: door.app.is_secure(),
    };
    cookie.header()
}
