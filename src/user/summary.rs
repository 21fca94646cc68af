//! Users as lists show them: of each only what is shown, by one statement.

use super::{
    Detailed,
    detail::{map_of_labels, roles},
    entity::{Column, Entity},
};
use crate::{
    access::principal::read_roles,
    email::{self, Addresses},
    kit::{db::Tx, error::Result, id::UserId},
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, DbErr, QueryResult, TryGetable,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};
use std::collections::BTreeMap;

/// What is shown of a user.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact by itself")]
pub struct Summary {
    /// Their id.
    pub id: UserId,
    /// What they sign in with.
    pub name: String,
    /// What people see.
    pub display_name: String,
    /// The same in lower case, which lists are sorted by.
    pub display_key: String,
    /// A telephone number.
    pub phone: Option<String>,
    /// A few words about themselves.
    pub bio: Option<String>,
    /// The address of a picture.
    pub avatar: Option<String>,
    /// Free data of the tenant.
    pub annotations: BTreeMap<String, String>,
    /// Whether they have a password.
    pub has_password: bool,
    /// Whether they may not sign in.
    pub disabled: bool,
    /// When they last signed in with their password.
    pub last_sign_in_at: Option<DateTime<Utc>>,
    /// Whether they must choose another password before anything else.
    pub must_change_password: bool,
    /// Counts the writes.
    pub version: i64,
    /// When they were made.
    pub created_at: DateTime<Utc>,
    /// The address in force.
    pub email: String,
    /// Whether they have proven it.
    pub email_verified: bool,
    /// The address that takes its place when it is proven.
    pub pending_email: Option<String>,
    /// Names of their roles, sorted.
    pub roles: Vec<String>,
    /// Their labels.
    pub labels: BTreeMap<String, String>,
}

/// Columns of a user that are shown as they are.
const PLAIN: [Column; 12] = [
    Column::Id,
    Column::Name,
    Column::DisplayName,
    Column::DisplayKey,
    Column::Phone,
    Column::Bio,
    Column::Avatar,
    Column::Disabled,
    Column::LastSignInAt,
    Column::MustChangePassword,
    Column::Version,
    Column::CreatedAt,
];

/// The users of a statement, as they are shown. `order` is that of the answer.
pub(super) async fn summaries(
    tx: &Tx,
    users: SelectStatement,
    order: impl FnOnce(&mut SelectStatement),
) -> Result<Vec<Summary>> {
    let backend = tx.get_database_backend();
    let mut query = Query::select();
    query
        .columns(PLAIN.map(|column| (Entity, column)))
        .expr(Expr::col((Entity, Column::Annotations)).cast_as("text"))
        .expr(Expr::col((Entity, Column::PasswordHash)).is_not_null())
        .expr(roles(backend))
        .expr(map_of_labels(backend))
        .from_subquery(users, Entity);
    email::join_shown(&mut query, &Expr::col((Entity, Column::Id)));
    order(&mut query);
    let rows = tx.query_all(&query).await?;
    let read: std::result::Result<Vec<Summary>, DbErr> = rows.iter().map(read).collect();
    Ok(read?)
}

/// The columns of a row, one after the other.
struct Columns<'a> {
    row: &'a QueryResult,
    next: usize,
}

impl Columns<'_> {
    fn next<T: TryGetable>(&mut self) -> std::result::Result<T, DbErr> {
        self.next += 1;
        self.row.try_get_by_index(self.next - 1)
    }

    /// A map of text to text.
    fn map(&mut self) -> std::result::Result<BTreeMap<String, String>, DbErr> {
        match self.next::<Option<String>>()?.as_deref() {
            None | Some("{}") => Ok(BTreeMap::new()),
            Some(json) => serde_json::from_str(json).map_err(|why| DbErr::Json(why.to_string())),
        }
    }
}

fn read(row: &QueryResult) -> std::result::Result<Summary, DbErr> {
    let mut columns = Columns { row, next: 0 };
    // In the order of the statement.
    Ok(Summary {
        id: columns.next()?,
        name: columns.next()?,
        display_name: columns.next()?,
        display_key: columns.next()?,
        phone: columns.next()?,
        bio: columns.next()?,
        avatar: columns.next()?,
        disabled: columns.next()?,
        last_sign_in_at: columns.next()?,
        must_change_password: columns.next()?,
        version: columns.next()?,
        created_at: columns.next()?,
        annotations: columns.map().unwrap_or_default(),
        has_password: columns.next()?,
        roles: read_roles(columns.next::<Option<String>>()?.as_deref()),
        labels: columns.map()?,
        email: columns.next()?,
        email_verified: columns.next()?,
        pending_email: columns.next()?,
    })
}

impl From<Detailed> for Summary {
    fn from(from: Detailed) -> Self {
        let Detailed {
            user,
            addresses: Addresses { primary, pending },
            roles,
            labels,
        } = from;
        Self {
            id: user.id,
            name: user.name,
            display_name: user.display_name,
            display_key: user.display_key,
            phone: user.phone,
            bio: user.bio,
            avatar: user.avatar,
            annotations: serde_json::from_value(user.annotations).unwrap_or_default(),
            has_password: user.password_hash.is_some(),
            disabled: user.disabled,
            last_sign_in_at: user.last_sign_in_at,
            must_change_password: user.must_change_password,
            version: user.version,
            created_at: user.created_at,
            email: primary.address,
            email_verified: primary.verified_at.is_some(),
            pending_email: pending.map(|pending| pending.address),
            roles,
            labels,
        }
    }
}
