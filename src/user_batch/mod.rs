//! Acts on many users, some at a time. Who they are is fixed when one is wanted, and the rules of the act on one hold
//! for each: see `account::user_batch`, which does them.

pub mod api;
pub mod entity;
pub mod wire;

pub use entity::UserAct;

use crate::{
    access::{
        Authority, Who,
        permission::{
            Permission, PermissionDef, UsersDelete, UsersDisable, UsersEnable, UsersPermissionsCreate,
            UsersSessionsDelete,
        },
    },
    job as jobs,
    kit::{
        db::{self, Tx},
        error::{Code, Error, Result},
        id::{UserBatchId, UserId},
        page::{Listed, Timeline},
        selector::Values,
    },
    user::{self, UserFilter, UserQuery},
};
use anyhow::Context;
use entity::{Column, Entity, Model, State, item, rejection};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Query},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The kind of jobs that do some of an act on many users.
pub const BATCH: &str = "act-on-users";
/// The turn of whoever begins one, does some of it or stops it; after that of acts on others.
const TURN: &str = "user-batch";
/// Users that one job is about.
const STEP: u64 = 100;
/// Acts that are kept to be read; older ones go when another comes.
const KEPT: u64 = 50;
/// Of those whom it was refused for, so many are kept.
const REJECTIONS: i64 = 10_000;

/// An act on many users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserBatch(Model);

/// A user whom it was refused for.
pub type Rejection = rejection::Model;

/// An act on many users that is wanted.
#[derive(Debug)]
pub struct NewUserBatch {
    /// What is to be done to each.
    pub act: UserAct,
    /// The role to give or to take.
    pub role: Option<String>,
    /// Whether nothing is to be done but to look.
    pub dry_run: bool,
    /// To whom.
    pub whom: Whom,
}

/// Whom something is to be done to.
#[derive(Debug)]
pub enum Whom {
    /// The users of these names.
    Names(BTreeSet<String>),
    /// The users that the list has who is asked this; the same as it is shown.
    Listed(UserQuery, Value),
}

/// What came of some users' turns.
#[derive(Debug, Default)]
pub struct Step {
    /// The last one whose turn it was.
    pub last: Option<UserId>,
    /// To so many it was done.
    pub done: i64,
    /// So many were as it would have them.
    pub unchanged: i64,
    /// Names of those whom it was refused for, and why.
    pub refused: Vec<(String, Error)>,
}

impl UserAct {
    /// The permission that it needs for each.
    #[must_use]
    pub fn permission(self) -> &'static PermissionDef {
        match self {
            Self::Disable => UsersDisable::DEF,
            Self::Enable => UsersEnable::DEF,
            Self::Delete => UsersDelete::DEF,
            Self::GrantRole | Self::RevokeRole => UsersPermissionsCreate::DEF,
            Self::EndSessions => UsersSessionsDelete::DEF,
        }
    }

    /// Whether it is about a role.
    #[must_use]
    pub fn has_role(self) -> bool {
        matches!(self, Self::GrantRole | Self::RevokeRole)
    }
}

impl UserBatch {
    /// What is done to each.
    #[must_use]
    pub fn act(&self) -> UserAct {
        self.0.act
    }

    /// The role that is given or taken.
    #[must_use]
    pub fn role(&self) -> Option<&str> {
        self.0.role.as_deref()
    }

    /// Whether nothing is done but to look.
    #[must_use]
    pub fn is_dry_run(&self) -> bool {
        self.0.dry_run
    }

    /// Whether it goes on.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.0.state.is_open()
    }

    /// Who wanted it.
    #[must_use]
    pub fn asker(&self) -> Option<Who> {
        let application = self.0.application_id.map(Who::Application);
        self.0.user_id.map(Who::User).or(application)
    }

    /// Users whose turn did not come yet.
    #[must_use]
    pub fn left(&self) -> i64 {
        let Model {
            users,
            done,
            unchanged,
            rejected,
            ..
        } = &self.0;
        users - done - unchanged - rejected
    }

    fn audit_view(&self) -> Value {
        let Model {
            act,
            role,
            filter,
            dry_run,
            users,
            ..
        } = &self.0;
        json!({ "act": act, "role": role, "filter": filter, "dryRun": dry_run, "users": users })
    }

    fn audit_counts(&self) -> Value {
        let Model {
            done,
            unchanged,
            rejected,
            ..
        } = &self.0;
        json!({ "done": done, "unchanged": unchanged, "rejected": rejected })
    }
}

/// One page of the acts on many users whose state is among these.
pub async fn list(tx: &Tx, states: &[Values], timeline: &Timeline) -> Result<Listed<UserBatch>> {
    let query = states
        .iter()
        .fold(Entity::find(), |query, values| query.filter(values.of(Column::State)));
    let place = |row: &Model| (row.created_at, row.id);
    let listed = timeline.read(tx, "user-batches", query, (Column::CreatedAt, Column::Id), place);
    Ok(listed.await?.map(UserBatch))
}

/// The act on many users of this id, if it is there.
pub async fn find(tx: &Tx, id: UserBatchId) -> Result<Option<UserBatch>> {
    Ok(Entity::find_by_id(id).one(tx).await?.map(UserBatch))
}

/// The act on many users of this id, if it goes on: nobody stops it before the end of the transaction.
pub async fn find_open(tx: &Tx, id: UserBatchId) -> Result<Option<UserBatch>> {
    tx.lock(TURN).await?;
    Ok(find(tx, id).await?.filter(UserBatch::is_open))
}

/// The act on many users of this id.
///
/// # Errors
/// [`Code::UserBatchNotFound`].
pub async fn get(tx: &Tx, id: UserBatchId) -> Result<UserBatch> {
    find(tx, id).await?.ok_or(Code::UserBatchNotFound.into())
}

/// One page of those whom it was refused for.
///
/// # Errors
/// [`Code::UserBatchNotFound`].
pub async fn rejections(tx: &Tx, id: UserBatchId, codes: &[Values], timeline: &Timeline) -> Result<Listed<Rejection>> {
    get(tx, id).await?;
    let all = rejection::Entity::find().filter(rejection::Column::BatchId.eq(id));
    let query = codes
        .iter()
        .fold(all, |query, values| query.filter(values.of(rejection::Column::Code)));
    let number = (rejection::Column::Number, |row: &Rejection| row.number);
    let count = async |query: sea_orm::Select<rejection::Entity>| Ok((query.count(tx).await?, true));
    let list = format!("user-batches/{id}/rejections");
    timeline.read_numbered(tx, &list, query, number, count).await
}

/// Has something done to many users: those who are there now. Whoever comes later, or is met by the filter only then,
/// is not touched.
///
/// # Errors
/// [`Code::UserBatchRunning`], [`Code::RoleUnknown`].
pub async fn create(tx: &Tx, authority: &Authority, new: NewUserBatch) -> Result<UserBatch> {
    authority.policy.check_known(new.role.as_slice())?;
    tx.check_preconditions(None, None)?;
    tx.lock(TURN).await?;
    let open = Entity::find().filter(Column::State.is_in([State::Pending, State::Running]));
    if open.count(tx).await? > 0 {
        return Err(Code::UserBatchRunning.into());
    }
    forget_oldest(tx).await?;
    let id = UserBatchId::new(tx.now);
    let mut row = Model {
        id,
        act: new.act,
        role: new.role,
        filter: match &new.whom {
            Whom::Names(_) => None,
            Whom::Listed(_, shown) => Some(shown.clone()),
        },
        dry_run: new.dry_run,
        user_id: authority.me.and_then(Who::user),
        application_id: match authority.me {
            Some(Who::Application(id)) => Some(id),
            _ => None,
        },
        state: State::Pending,
        users: 0,
        done: 0,
        unchanged: 0,
        rejected: 0,
        created_at: tx.now,
        started_at: None,
        completed_at: None,
        failure_message: None,
    };
    db::insert(tx, row.clone()).await?;
    let before = row.clone();
    fix(tx, authority, &mut row, new.whom).await?;
    store(tx, &before, &row).await?;
    jobs::add(tx, BATCH, json!({ "batch": id })).await?;
    let made = UserBatch(row);
    tx.changed("user-batch", &id, Value::Null, made.audit_view());
    Ok(made)
}

/// Writes down whom it is to be done to, and refuses the names of those whom the caller may not do it to, and that nobody
/// has.
async fn fix(tx: &Tx, authority: &Authority, row: &mut Model, whom: Whom) -> Result<()> {
    let (query, refused) = match whom {
        Whom::Listed(query, _) => (query, vec![]),
        Whom::Names(names) => {
            // Whoever may not act on somebody is not told whether there is such a user.
            let may = |name: &String| authority.permits(row.act.permission(), name);
            let (names, denied): (BTreeSet<_>, BTreeSet<_>) = names.into_iter().partition(may);
            let texts: Vec<&str> = names.iter().map(String::as_str).collect();
            let known = user::known(tx, &texts, &[]).await?;
            let known: BTreeSet<String> = known.into_iter().map(|user| user.name).collect();
            let unknown = names.difference(&known).cloned();
            let unknown = unknown.map(|name| (name, Error::from(Code::UserNotFound)));
            let denied = denied.into_iter().map(|name| (name, Error::from(Code::Forbidden)));
            let refused: Vec<(String, Error)> = denied.chain(unknown).collect();
            let filters = vec![UserFilter::Name(Values::In(names.into_iter().collect()))];
            let query = UserQuery {
                filters,
                ..UserQuery::default()
            };
            (query, refused)
        }
    };
    let mut whom = user::select_ids(&query);
    whom.expr(Expr::value(row.id));
    let mut insert = Query::insert();
    insert
        .into_table(item::Entity)
        .columns([item::Column::UserId, item::Column::BatchId])
        .select_from(whom)
        .context("the users of a batch")?;
    let fixed = tx.execute(&insert).await?.rows_affected();
    row.rejected = count(refused.len());
    row.users = i64::try_from(fixed).unwrap_or(i64::MAX) + row.rejected;
    keep(tx, row.id, refused).await
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

async fn forget_oldest(tx: &Tx) -> Result<()> {
    let newest = Entity::find().select_only().column(Column::Id);
    let newest = newest.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id);
    // With the one that comes there are as many as are kept.
    let old: Vec<UserBatchId> = newest.offset(KEPT - 1).limit(KEPT).into_tuple().all(tx).await?;
    Entity::delete_many().filter(Column::Id.is_in(old)).exec(tx).await?;
    Ok(())
}

/// Stops an act on many users: what was done stays. Doing it twice is doing it once.
///
/// # Errors
/// [`Code::UserBatchNotFound`].
pub async fn cancel(tx: &Tx, id: UserBatchId) -> Result<UserBatch> {
    tx.lock(TURN).await?;
    let old = get(tx, id).await?;
    tx.check_preconditions(Some(1), None)?;
    if !old.is_open() {
        tx.unchanged();
        return Ok(old);
    }
    let mut new = old.clone();
    new.0.state = State::Cancelled;
    write(tx, &old, new).await
}

/// Deletes an act on many users. One that goes on is given up: what was done stays.
///
/// # Errors
/// [`Code::UserBatchNotFound`].
pub async fn remove(tx: &Tx, id: UserBatchId) -> Result<()> {
    tx.lock(TURN).await?;
    let old = get(tx, id).await?;
    tx.check_preconditions(Some(1), None)?;
    Entity::delete_by_id(id).exec(tx).await?;
    let mut before = old.audit_view();
    if let (Value::Object(view), Value::Object(counts)) = (&mut before, old.audit_counts()) {
        view.extend(counts);
    }
    tx.changed("user-batch", &id, before, Value::Null);
    Ok(())
}

/// The users whose turn is next: a step of them, or all that are left.
pub async fn next(tx: &Tx, id: UserBatchId) -> Result<Vec<UserId>> {
    let next = item::Entity::find()
        .select_only()
        .column(item::Column::UserId)
        .filter(item::Column::BatchId.eq(id))
        .order_by_asc(item::Column::UserId)
        .limit(STEP);
    Ok(next.into_tuple().all(tx).await?)
}

/// Notes what came of some users' turns; after the last one the act is done. `why` says why there are no more, if it is
/// broken off: what was done stays. Answers it as it is now.
pub async fn advance(tx: &Tx, old: UserBatch, step: Step, why: Option<&str>) -> Result<UserBatch> {
    let mut new = old.clone();
    let row = &mut new.0;
    row.done += step.done;
    row.unchanged += step.unchanged;
    row.rejected += count(step.refused.len());
    row.started_at = row.started_at.or(Some(tx.now));
    if let Some(last) = step.last {
        let turns = item::Entity::delete_many().filter(item::Column::BatchId.eq(row.id));
        turns.filter(item::Column::UserId.lte(last)).exec(tx).await?;
    }
    keep(tx, row.id, step.refused).await?;
    new.0.state = match (new.left(), why, step.last) {
        (0, ..) | (_, None, None) => State::Succeeded,
        (_, None, Some(_)) => State::Running,
        (_, Some(why), _) => {
            new.0.failure_message = Some(why.to_owned());
            State::Failed
        }
    };
    write(tx, &old, new).await
}

async fn write(tx: &Tx, old: &UserBatch, mut new: UserBatch) -> Result<UserBatch> {
    if !new.is_open() {
        new.0.completed_at = Some(tx.now);
        item::Entity::delete_many()
            .filter(item::Column::BatchId.eq(new.0.id))
            .exec(tx)
            .await?;
        // What was done to each is an event of its own.
        tx.changed("user-batch", &new.0.id, Value::Null, new.audit_counts());
    }
    store(tx, &old.0, &new.0).await?;
    Ok(new)
}

async fn store(tx: &Tx, old: &Model, new: &Model) -> Result<()> {
    if old == new {
        return Ok(());
    }
    Entity::update_many()
        .set(db::difference(old, new))
        .filter(Column::Id.eq(new.id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Keeps whom it was refused for, as far as anybody would read it.
async fn keep(tx: &Tx, id: UserBatchId, mut refused: Vec<(String, Error)>) -> Result<()> {
    if refused.is_empty() {
        return Ok(());
    }
    let all = rejection::Entity::find().filter(rejection::Column::BatchId.eq(id));
    let kept = i64::try_from(all.count(tx).await?).unwrap_or(i64::MAX);
    refused.truncate(usize::try_from(REJECTIONS - kept).unwrap_or_default());
    let rows = refused
        .into_iter()
        .zip(kept + 1..)
        .map(|((name, error), number)| rejection::ActiveModel {
            batch_id: Set(id),
            number: Set(number),
            name: Set(name),
            code: Set(error.code().as_str().to_owned()),
            message: Set(error.message()),
        });
    let rows: Vec<_> = rows.collect();
    for some in rows.chunks(500) {
        rejection::Entity::insert_many(some.iter().cloned())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}
