//! The caller: one query for the session, the user, their roles and the revision of the tenant's roles.

use super::permission::PermissionDef;
use crate::kit::{
    db::Tx,
    error::{Code, Result},
    id::{ApplicationId, SessionId, UserId},
    secret, total,
};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ConnectionTrait, DbBackend, QueryResult, Statement, Value,
    sea_query::{Expr, ExprTrait, IntoColumnRef, Query},
};
use std::sync::Arc;

/// `last_used_at` is written no more often than this.
pub const TOUCH: TimeDelta = TimeDelta::minutes(5);

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// A person.
    User(UserId),
    /// A program that calls for itself.
    Application(ApplicationId),
}

impl Who {
    /// The person, if it is one.
    #[must_use]
    pub fn user(self) -> Option<UserId> {
        match self {
            Self::User(id) => Some(id),
            Self::Application(_) => None,
        }
    }

    /// The id of either.
    #[must_use]
    pub fn uuid(self) -> uuid::Uuid {
        match self {
            Self::User(UserId(id)) | Self::Application(ApplicationId(id)) => id,
        }
    }
}

/// Who calls: a signed-in user and their session, or an application.
#[derive(Clone, Debug)]
pub struct Principal {
    /// Who it is.
    pub who: Who,
    /// Their name; that of an application begins with `client:`, as no user's does.
    pub name: String,
    /// The session; none if the request brought the password itself, and of an application.
    pub session: Option<SessionId>,
    /// The hash that this password is of.
    password_hash: Option<String>,
    /// Their roles, sorted.
    pub roles: Vec<String>,
    /// Whether they must choose another password before anything else.
    pub must_change_password: bool,
    /// Whether `last_used_at` is due to be written.
    pub stale: bool,
    /// What their access token grants, if they called by one.
    grant: Option<Grant>,
}

impl Principal {
    /// An application that proved who it is at an endpoint of the protocol. A write looks again whether it may.
    #[must_use]
    pub fn of_client(id: ApplicationId, client_id: &str) -> Self {
        Self {
            who: Who::Application(id),
            name: name_of_client(client_id),
            session: None,
            password_hash: None,
            roles: vec![],
            must_change_password: false,
            stale: false,
            grant: None,
        }
    }

    /// Whether what they called by is for this permission.
    #[must_use]
    pub fn is_granted(&self, permission: &PermissionDef) -> bool {
        let grant = self.grant.as_ref();
        grant.is_none_or(|grant| grant.scope.permits(permission))
    }

    /// The person, for what only people have.
    ///
    /// # Errors
    /// [`Code::PersonRequired`] if it is a program.
    pub fn person(&self) -> Result<UserId> {
        self.who.user().ok_or(Code::PersonRequired.into())
    }
}

/// How an application is called where users are named as well.
fn name_of_client(client_id: &str) -> String {
    format!("client:{client_id}")
}

/// Of what its holder may do, what an access token is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All of it.
    All,
    /// These permissions alone.
    Only(Arc<[&'static PermissionDef]>),
}

impl Scope {
    /// Whether it is for this permission.
    #[must_use]
    pub fn permits(&self, permission: &PermissionDef) -> bool {
        match self {
            Self::All => true,
            Self::Only(permissions) => permissions.iter().any(|known| known.number == permission.number),
        }
    }
}

/// What an access token grants, whose signature is right.
#[derive(Clone, Debug)]
pub struct Grant {
    /// When it expires.
    pub expires_at: DateTime<Utc>,
    /// What it is for.
    pub scope: Scope,
    /// The hash of its `jti`, if it may have been revoked by itself.
    pub revocable: Option<Vec<u8>>,
}

/// What a request may show to prove its sender.
#[derive(Clone, Debug)]
pub enum Credential {
    /// An access token of this session, and of this user unless the application knows them by another name.
    Token(SessionId, Option<UserId>, Grant),
    /// The value of the session cookie.
    Cookie(String),
    /// A user whose password came with the request, and the hash that it is of.
    Password(UserId, String),
    /// An access token of the application of this `client_id` for itself.
    Application(String, Grant),
}

impl Credential {
    /// When it is good no more, as far as it says so itself.
    pub(crate) fn expires_at(&self) -> DateTime<Utc> {
        self.grant().map_or(DateTime::<Utc>::MAX_UTC, |grant| grant.expires_at)
    }

    fn grant(&self) -> Option<&Grant> {
        match self {
            Self::Token(_, _, grant) | Self::Application(_, grant) => Some(grant),
            Self::Cookie(_) | Self::Password(..) => None,
        }
    }
}

/// How long a session can be used.
#[derive(Clone, Copy, Debug)]
pub struct Lifetime {
    /// When it was ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// When it ends at the latest.
    pub expires_at: DateTime<Utc>,
    /// When it was last used, to within [`TOUCH`].
    pub last_used_at: DateTime<Utc>,
    /// Seconds it may lie unused.
    pub idle_seconds: i64,
}

impl Lifetime {
    /// Whether it can be used: it was not ended, and lay neither too long nor too long unused.
    #[must_use]
    pub fn lives(&self, now: DateTime<Utc>) -> bool {
        let idle = self.last_used_at + TimeDelta::seconds(self.idle_seconds);
        self.ended_at.is_none() && now < self.expires_at && now < idle + TOUCH
    }
}

/// A principal, and the revision of the tenant's roles in the same state of the database.
pub struct Found {
    /// Who it is.
    pub who: Principal,
    /// See [`super::Policy::revision`].
    pub revision: i64,
    /// How long their session can be used; none without a session.
    pub lifetime: Option<Lifetime>,
}

/// The user of a credential, if their session lives and they may sign in.
pub async fn authenticate(tx: &Tx, credential: &Credential) -> Result<Option<Found>> {
    let grant = credential.grant();
    match credential {
        Credential::Token(session, user, _) => {
            let (which, values) = match user {
                Some(user) => ("s.id = $1 and s.user_id = $2", vec![session.0.into(), user.0.into()]),
                None => ("s.id = $1", vec![session.0.into()]),
            };
            by_session(tx, which, values, grant).await
        }
        Credential::Cookie(cookie) => {
            let values = vec![secret::token_hash(cookie).into()];
            by_session(tx, "s.cookie_hash = $1", values, grant).await
        }
        Credential::Password(user, hash) => by_user(tx, *user, Some(hash)).await,
        Credential::Application(name, _) => by_application(tx, "a.name = $1", name.as_str().into(), grant).await,
    }
}

/// The caller as they are now, if their session still lives, or the password is still theirs, and they
/// may sign in.
pub async fn reload(tx: &Tx, who: &Principal) -> Result<Option<Found>> {
    let grant = who.grant.as_ref();
    match (who.session, who.who) {
        (Some(id), _) => by_session(tx, "s.id = $1", vec![id.0.into()], grant).await,
        (None, Who::User(user)) => by_user(tx, user, who.password_hash.as_deref()).await,
        (None, Who::Application(id)) => by_application(tx, "a.id = $1", id.0.into(), grant).await,
    }
}

/// Whoever asked for something that is done later, as they are now, if they may still sign in.
pub(crate) async fn find(tx: &Tx, who: Who) -> Result<Option<Found>> {
    match who {
        Who::User(user) => by_user(tx, user, None).await,
        Who::Application(id) => by_application(tx, "a.id = $1", id.0.into(), None).await,
    }
}

/// The condition that what somebody calls by was not revoked by itself, with the value it compares.
fn unless_revoked(values: &mut Vec<Value>, grant: Option<&Grant>) -> String {
    let Some(hash) = grant.and_then(|grant| grant.revocable.clone()) else {
        return String::new();
    };
    values.push(hash.into());
    format!(
        " and not exists (select 1 from revoked_token t where t.hash = ${})",
        values.len()
    )
}

/// Remembers that a session is in use.
pub async fn touch(tx: &Tx, SessionId(session): SessionId) -> Result<()> {
    let sql = "update session set last_used_at = $1 where id = $2";
    let values = [tx.now.into(), session.into()];
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values))
        .await?;
    Ok(())
}

/// The name of the user of this id.
pub async fn name_of(tx: &Tx, id: UserId) -> Result<Option<String>> {
    let sql = "select name from \"user\" where id = $1";
    let query = Statement::from_sql_and_values(tx.get_database_backend(), sql, [id.0.into()]);
    Ok(tx
        .query_one_raw(query)
        .await?
        .map(|row| row.try_get("", "name"))
        .transpose()?)
}

/// A condition of a query: the user of this id may sign in.
#[must_use]
pub fn may_sign_in(user: impl IntoColumnRef) -> Expr {
    let mut found = Query::select();
    found
        .expr(Expr::val(1))
        .from("user")
        .and_where(Expr::col(("user", "id")).eq(Expr::col(user)))
        .and_where(Expr::col(("user", "disabled")).not());
    Expr::exists(found)
}

const USER: &str = "u.id as user_id, u.name, u.password_hash, u.must_change_password, u.disabled";
const SESSION: &str = "s.id as session_id, s.ended_at, s.expires_at, s.last_used_at, s.idle_seconds";

/// The session is of no application, or of one that is there and enabled.
const ENABLED: &str = " and (s.application_id is null or exists (select 1 from application a \
                       where a.id = s.application_id and not a.disabled))";

async fn by_session(tx: &Tx, which: &str, mut values: Vec<Value>, grant: Option<&Grant>) -> Result<Option<Found>> {
    let unrevoked = unless_revoked(&mut values, grant);
    let from =
        format!("{SESSION} from session s join \"user\" u on u.id = s.user_id where {which}{unrevoked}{ENABLED}");
    let Some(row) = ask(tx, &from, values).await? else {
        return Ok(None);
    };
    let lifetime = Lifetime {
        ended_at: row.try_get("", "ended_at")?,
        expires_at: row.try_get("", "expires_at")?,
        last_used_at: row.try_get("", "last_used_at")?,
        idle_seconds: row.try_get("", "idle_seconds")?,
    };
    if !lifetime.lives(tx.now) {
        return Ok(None);
    }
    let found = found(&row, None)?;
    Ok(found.map(|mut found| {
        found.who.stale = lifetime.last_used_at + TOUCH < tx.now;
        found.who.grant = grant.cloned();
        found.lifetime = Some(lifetime);
        found
    }))
}

async fn by_user(tx: &Tx, user: UserId, hash: Option<&str>) -> Result<Option<Found>> {
    let from = "null as session_id from \"user\" u where u.id = $1";
    match ask(tx, from, vec![user.0.into()]).await? {
        Some(row) => found(&row, hash),
        None => Ok(None),
    }
}

/// An application that calls for itself, if it may.
async fn by_application(tx: &Tx, which: &str, value: Value, grant: Option<&Grant>) -> Result<Option<Found>> {
    let backend = tx.get_database_backend();
    let mut values = vec![value];
    let unrevoked = unless_revoked(&mut values, grant);
    let list = list_of_roles(backend);
    let sql = format!(
        "select (select {list} from application_role r where r.application_id = a.id) as roles, \
         (select value from counter where name = '{}') as revision, a.id, a.name from application a \
         where not a.disabled and {which}{unrevoked}",
        total::POLICY
    );
    let query = Statement::from_sql_and_values(backend, sql, values);
    let Some(row) = tx.query_one_raw(query).await? else {
        return Ok(None);
    };
    let (roles, name): (Option<String>, String) = (row.try_get("", "roles")?, row.try_get("", "name")?);
    let who = Principal {
        roles: read_roles(roles.as_deref()),
        grant: grant.cloned(),
        ..Principal::of_client(ApplicationId(row.try_get("", "id")?), &name)
    };
    // It is no session, and ends with its token.
    let lifetime = Lifetime {
        ended_at: None,
        expires_at: DateTime::<Utc>::MAX_UTC,
        last_used_at: tx.now,
        idle_seconds: TimeDelta::days(1).num_seconds(),
    };
    Ok(Some(Found {
        who,
        revision: row.try_get::<Option<i64>>("", "revision")?.unwrap_or_default(),
        lifetime: Some(lifetime),
    }))
}

/// The aggregate that makes one text of the names in `role`; none has a comma.
#[must_use]
pub fn list_of_roles(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "string_agg(role, ',')",
        _ => "group_concat(role, ',')",
    }
}

/// The names in such a text, sorted.
#[must_use]
pub fn read_roles(list: Option<&str>) -> Vec<String> {
    let mut roles: Vec<String> = list
        .iter()
        .flat_map(|list| list.split(','))
        .map(str::to_owned)
        .collect();
    roles.sort_unstable();
    roles
}

async fn ask(tx: &Tx, from: &str, values: Vec<Value>) -> Result<Option<QueryResult>> {
    let backend = tx.get_database_backend();
    let list = list_of_roles(backend);
    let sql = format!(
        "select (select {list} from user_role r where r.user_id = u.id) as roles, \
         (select value from counter where name = '{}') as revision, {USER}, {from}",
        total::POLICY
    );
    Ok(tx
        .query_one_raw(Statement::from_sql_and_values(backend, sql, values))
        .await?)
}

fn found(row: &QueryResult, hash: Option<&str>) -> Result<Option<Found>> {
    let kept: Option<String> = row.try_get("", "password_hash")?;
    let is_theirs = hash.is_none() || kept.as_deref() == hash;
    if row.try_get("", "disabled")? || !is_theirs {
        return Ok(None);
    }
    let roles: Option<String> = row.try_get("", "roles")?;
    let session: Option<uuid::Uuid> = match hash {
        Some(_) => None,
        None => row.try_get("", "session_id")?,
    };
    Ok(Some(Found {
        who: Principal {
            who: Who::User(UserId(row.try_get("", "user_id")?)),
            name: row.try_get("", "name")?,
            session: session.map(SessionId),
            password_hash: hash.map(str::to_owned),
            roles: read_roles(roles.as_deref()),
            must_change_password: row.try_get("", "must_change_password")?,
            stale: false,
            grant: None,
        },
        revision: row.try_get::<Option<i64>>("", "revision")?.unwrap_or_default(),
        lifetime: None,
    }))
}
