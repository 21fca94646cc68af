//! People who can sign in to a tenant.

pub mod api;
pub mod entity;

use crate::{
    access::enforcer,
    email,
    kit::{
        db::Tx,
        error::{Code, OnConflict, Result},
        id::UserId,
        page::{Listed, Page},
        text::{DisplayName, Email, Keyword, UserName},
    },
};
use entity::{ActiveModel, Column, Entity, Model, role};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, LikeExpr},
};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// A user who is to be.
#[derive(Debug)]
pub struct NewUser {
    /// The handle they sign in with.
    pub name: UserName,
    /// Their address.
    pub email: Email,
    /// Whether they have proven it.
    pub proven: bool,
    /// What people see; the name if there is none.
    pub display_name: Option<DisplayName>,
    /// A telephone number.
    pub phone: Option<String>,
    /// A few words.
    pub bio: Option<String>,
    /// The address of a picture.
    pub avatar: Option<String>,
    /// Free data of the tenant.
    pub annotations: HashMap<String, String>,
    /// PHC string of the password, if they have one.
    pub password_hash: Option<String>,
    /// Roles besides [`enforcer::USER`].
    pub roles: Vec<String>,
}

/// A user with what is shown beside them.
#[derive(Clone, Debug)]
pub struct Detailed {
    /// The row.
    pub user: Model,
    /// Their addresses.
    pub addresses: email::Addresses,
    /// Names of their roles, sorted.
    pub roles: Vec<String>,
}

/// Adds a user.
///
/// # Errors
/// [`Code::UserNameTaken`]; [`Code::EmailTaken`] if a proven address is somebody else's.
pub async fn create(tx: &Tx, new: NewUser) -> Result<Detailed> {
    let id = UserId::new(tx.now);
    let name = new.name.to_string();
    let display_name = new.display_name.map_or_else(|| name.clone(), |name| name.to_string());
    let annotations: Map<String, Value> = new.annotations.into_iter().map(|(k, v)| (k, v.into())).collect();
    let user = ActiveModel {
        id: Set(id),
        search: Set(searchable(&name, &display_name, new.email.key())),
        name: Set(name),
        display_name: Set(display_name),
        phone: Set(new.phone),
        bio: Set(new.bio),
        avatar: Set(new.avatar),
        annotations: Set(annotations.into()),
        password_hash: Set(new.password_hash),
        disabled: Set(false),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
    }
    .insert(tx)
    .await
    .on_conflict("user_name_key", "user.name", Code::UserNameTaken)?;
    let mut roles = new.roles;
    roles.push(enforcer::USER.to_owned());
    roles.sort_unstable();
    roles.dedup();
    let rows = roles.iter().map(|role| role::ActiveModel {
        user_id: Set(id),
        role: Set(role.clone()),
    });
    role::Entity::insert_many(rows).exec_without_returning(tx).await?;
    let primary = email::add_first(tx, id, &new.email, new.proven).await?;
    let addresses = email::Addresses { primary, pending: None };
    Ok(Detailed { user, addresses, roles })
}

/// Adds a user whom somebody else names: their address must not be in use, proven or not.
///
/// # Errors
/// [`Code::UserNameTaken`], [`Code::EmailTaken`].
pub async fn invite(tx: &Tx, new: NewUser) -> Result<Detailed> {
    tx.lock(&format!("email/{}", new.email.key())).await?;
    if email::is_claimed(tx, &new.email).await? {
        return Err(Code::EmailTaken.into());
    }
    create(tx, new).await
}

/// The text a keyword is looked up in.
fn searchable(name: &str, display_name: &str, address_key: &str) -> String {
    format!("{name}\n{}\n{address_key}", display_name.to_lowercase())
}

/// The user of this name.
///
/// # Errors
/// [`Code::UserNotFound`].
pub async fn get(tx: &Tx, name: &UserName) -> Result<Detailed> {
    let user = Entity::find().filter(Column::Name.eq(name.to_string())).one(tx).await?;
    detail_one(tx, user.ok_or(Code::UserNotFound)?).await
}

/// The user of this id.
///
/// # Errors
/// [`Code::UserNotFound`].
pub async fn get_by_id(tx: &Tx, id: UserId) -> Result<Detailed> {
    let user = Entity::find_by_id(id).one(tx).await?;
    detail_one(tx, user.ok_or(Code::UserNotFound)?).await
}

/// The user somebody means who signs in with this name or address.
///
/// # Errors
/// The database's.
pub async fn find_by_login(tx: &Tx, login: &str) -> Result<Option<Model>> {
    if let Ok(email) = login.parse::<Email>() {
        let Some(id) = email::holder(tx, &email).await? else {
            return Ok(None);
        };
        return Ok(Entity::find_by_id(id).one(tx).await?);
    }
    let Ok(name) = login.parse::<UserName>() else {
        return Ok(None);
    };
    Ok(Entity::find().filter(Column::Name.eq(name.to_string())).one(tx).await?)
}

/// One page of the users whose name, display name or address contains `keyword`, newest first.
///
/// # Errors
/// The database's.
pub async fn list(tx: &Tx, keyword: &Keyword, page: Page) -> Result<Listed<Detailed>> {
    let keyword = keyword.to_string().to_lowercase();
    let mut query = Entity::find();
    if !keyword.is_empty() {
        let literal = keyword.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let contains = LikeExpr::new(format!("%{literal}%")).escape('\\');
        query = query.filter(Expr::col(Column::Search).like(contains));
    }
    let total = query.clone().count(tx).await?;
    let rows = query
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .offset(page.offset())
        .limit(u64::from(page.size))
        .all(tx)
        .await?;
    let items = detail(tx, rows).await?;
    Ok(Listed { items, total, page })
}

async fn detail_one(tx: &Tx, user: Model) -> Result<Detailed> {
    let mut one = detail(tx, vec![user]).await?;
    one.pop().ok_or(Code::UserNotFound.into())
}

async fn detail(tx: &Tx, users: Vec<Model>) -> Result<Vec<Detailed>> {
    let ids: Vec<_> = users.iter().map(|user| user.id).collect();
    let mut addresses = email::of_users(tx, &ids).await?;
    let mut roles = roles_of(tx, &ids).await?;
    Ok(users
        .into_iter()
        .filter_map(|user| {
            Some(Detailed {
                addresses: addresses.remove(&user.id)?,
                roles: roles.remove(&user.id).unwrap_or_default(),
                user,
            })
        })
        .collect())
}

/// Names of the roles of these users, sorted.
///
/// # Errors
/// The database's.
pub async fn roles_of(tx: &Tx, users: &[UserId]) -> Result<HashMap<UserId, Vec<String>>> {
    let rows = role::Entity::find()
        .filter(role::Column::UserId.is_in(users.iter().copied()))
        .order_by_asc(role::Column::Role)
        .all(tx)
        .await?;
    let mut roles: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        roles.entry(row.user_id).or_default().push(row.role);
    }
    Ok(roles)
}

/// Counts a write to something that is shown as part of the user, and renews what is searched.
///
/// # Errors
/// [`Code::UserNotFound`].
pub async fn touch(tx: &Tx, id: UserId) -> Result<()> {
    let user = Entity::find_by_id(id).one(tx).await?.ok_or(Code::UserNotFound)?;
    let addresses = email::of_user(tx, id).await?;
    Entity::update_many()
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .col_expr(Column::UpdatedAt, Expr::value(tx.now))
        .col_expr(
            Column::Search,
            Expr::value(searchable(
                &user.name,
                &user.display_name,
                &addresses.primary.address_key,
            )),
        )
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}
