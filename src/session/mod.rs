//! Sessions: signing in, staying signed in, signing out.

pub mod api;
mod begin;
mod child;
pub mod entity;
mod policy;
mod refreshable;
mod token;

pub use begin::{NewSession, begin, remember, seen};
pub use child::{NewChild, adopt, begin_child, end_of_application, of_applications};
pub use entity::Model as Session;
pub use policy::Sessions;
pub use refreshable::{Refreshable, end_all_refreshable, end_refreshable, refreshable};
pub use token::{Granted, Presented, access_token, first_refresh, grant, keep, of_refresh_token, refresh, rotate};

use crate::{
    access::principal::{self, Lifetime},
    application::{self, EndedSession},
    kit::{
        db::Tx,
        error::{Code, Result},
        headers::SetCookie,
        id::{SessionId, UserId},
        page::{Listed, Timeline},
        selector::{FieldSelector, Values},
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use cookie::SameSite;
use entity::{Column, Entity, Model};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{CaseStatement, Expr, IntoCondition, Query},
};
use serde_json::{Value, json};
use tenantry_core::tenant::{Tenant, Urls};
use uuid::Uuid;

/// How long a session that has run out can still be looked at.
const REMEMBERED: TimeDelta = TimeDelta::days(30);
/// Sessions of one user that are listed, and named when they end.
const MOST_LISTED: u64 = 200;
impl Model {
    /// Whether it can be used: it was not ended, and lay neither too long nor too long unused.
    fn lives(&self, tx: &Tx) -> bool {
        let lifetime = Lifetime {
            ended_at: self.ended_at,
            expires_at: self.expires_at,
            last_used_at: self.last_used_at,
            idle_seconds: self.idle_seconds,
        };
        lifetime.lives(tx.now)
    }
}

/// The sessions of a user that live, newest first, up to 200.
pub async fn list(tx: &Tx, user: UserId) -> Result<Vec<Model>> {
    Ok(living(tx, user)
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(MOST_LISTED)
        .all(tx)
        .await?)
}

/// One page of the sessions of a user that live and have these fields.
pub async fn page(
    tx: &Tx,
    user: UserId,
    fields: &[FieldSelector<Column>],
    timeline: &Timeline,
) -> Result<Listed<Model>> {
    let query = fields.iter().fold(living(tx, user), |query, given| {
        let is_absent = matches!(given.values, Values::NotIn(_)).then(|| given.field.is_null());
        query.filter(Condition::any().add(given.values.of(given.field)).add_option(is_absent))
    });
    let place = |session: &Model| (session.created_at, session.id);
    timeline
        .read(tx, "sessions", query, (Column::CreatedAt, Column::Id), place)
        .await
}

fn living(tx: &Tx, user: UserId) -> Select<Entity> {
    Entity::find()
        .filter(Column::UserId.eq(user))
        .filter(Column::EndedAt.is_null())
        .filter(Column::ExpiresAt.gt(tx.now))
}

/// The session of this id, if it lives.
pub async fn find_living(tx: &Tx, id: SessionId) -> Result<Option<Model>> {
    let found = Entity::find_by_id(id).one(tx).await?;
    Ok(found.filter(|session| session.lives(tx)))
}

/// The networks that a user signed in from, and when they last did, the latest first.
pub async fn networks(tx: &Tx, user: UserId) -> Result<Vec<(String, DateTime<Utc>)>> {
    let seen = entity::network::Entity::find()
        .select_only()
        .columns([entity::network::Column::Network, entity::network::Column::SeenAt])
        .filter(entity::network::Column::UserId.eq(user))
        .order_by_desc(entity::network::Column::SeenAt)
        .limit(MOST_LISTED);
    Ok(seen.into_tuple().all(tx).await?)
}

/// How many live, of all users, as far as their latest end tells.
pub async fn count(tx: &Tx) -> Result<u64> {
    let live = Entity::find()
        .filter(Column::ExpiresAt.gt(tx.now))
        .filter(Column::EndedAt.is_null());
    Ok(live.count(tx).await?)
}

/// A session as the audit trail keeps it.
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
pub async fn end(tx: &Tx, session: SessionId) -> Result<()> {
    end_where(tx, Column::Id.eq(session)).await
}

/// Ends a session if a browser holds it; one of an application lives on.
pub async fn end_of_browser(tx: &Tx, session: SessionId) -> Result<()> {
    let of_browser = Condition::all().add(Column::Id.eq(session));
    end_where(tx, of_browser.add(Column::CookieHash.is_not_null())).await
}

/// Ends these sessions.
pub async fn end_these(tx: &Tx, sessions: &[SessionId]) -> Result<()> {
    end_where(tx, Column::Id.is_in(sessions.iter().copied())).await
}

/// The device of a session in words: the program and the system that a `User-Agent` names.
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
pub async fn end_all(tx: &Tx, user: UserId) -> Result<()> {
    end_where(tx, Column::UserId.eq(user)).await
}

/// Ends every session of the tenant, and tells how many that were.
pub async fn end_of_everybody(tx: &Tx) -> Result<u64> {
    let of_applications = Entity::find().filter(Column::ApplicationId.is_not_null());
    let of_applications = of_applications.filter(Column::EndedAt.is_null()).all(tx).await?;
    tell(tx, &of_applications).await?;
    let ended = Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(tx.now))
        .filter(Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    if ended.rows_affected > 0 {
        tx.changed("session", &"*", json!({ "count": ended.rows_affected }), Value::Null);
    }
    Ok(ended.rows_affected)
}

/// Ends every session of a user but this one.
pub async fn end_others(tx: &Tx, user: UserId, but: Option<SessionId>) -> Result<()> {
    let all = Column::UserId.eq(user);
    match but {
        Some(but) => end_where(tx, Condition::all().add(all).add(Column::Id.ne(but))).await,
        None => end_where(tx, all).await,
    }
}

/// Has applications told that these sessions of theirs ended, or that of the browser above them.
async fn tell(tx: &Tx, sessions: &[Model]) -> Result<()> {
    let ended = sessions.iter().filter_map(|session| {
        Some(EndedSession {
            application: session.application_id?,
            session: session.id,
            user: session.user_id,
        })
    });
    let ended: Vec<_> = ended.collect();
    application::tell_ended(tx, &ended).await
}

/// Ends sessions of one user, and those of applications below them. One that outlives that of the browser loses it and
/// lives on; its application is told all the same, as whoever was signed in there is not any more.
async fn end_where(tx: &Tx, which: impl IntoCondition) -> Result<()> {
    let which = which.into_condition();
    let lives_on = Condition::all().add(Column::Offline.eq(true)).add(which.clone().not());
    let these = Query::select()
        .column(Column::Id)
        .from(Entity)
        .cond_where(which.clone())
        .to_owned();
    let below = Column::ParentId.in_subquery(these);
    let ended_at = CaseStatement::new()
        .case(lives_on.clone(), Expr::value(None::<DateTime<Utc>>))
        .finally(tx.now);
    let parent_id = CaseStatement::new()
        .case(lives_on, Expr::value(None::<Uuid>))
        .finally(Expr::col(Column::ParentId));
    let concerned = Entity::update_many()
        .col_expr(Column::EndedAt, ended_at.into())
        .col_expr(Column::ParentId, parent_id.into())
        .filter(Condition::any().add(which).add(below))
        .filter(Column::EndedAt.is_null())
        .exec_with_returning(tx)
        .await?;
    tell(tx, &concerned).await?;
    let ended: Vec<_> = concerned.iter().filter(|session| session.ended_at.is_some()).collect();
    let Some(first) = ended.first() else { return Ok(()) };
    let name = principal::name_of(tx, first.user_id).await?.unwrap_or_default();
    for session in ended.iter().take(usize::try_from(MOST_LISTED).unwrap_or(usize::MAX)) {
        tx.changed("session", &name, snapshot(session), Value::Null);
    }
    Ok(())
}

/// The session cookie of a browser with this value, for so many seconds; none to clear it.
#[must_use]
pub fn set_cookie(urls: &Urls, tenant: &Tenant, value: &str, lasts: u32) -> String {
    let cookie = SetCookie {
        name: &urls.cookie_name(tenant),
        value,
        // It stays with its tenant.
        path: tenant.path() + "/",
        lasts,
        same_site: SameSite::Lax,
        secure: urls.is_secure(),
    };
    cookie.header()
}
