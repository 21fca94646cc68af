//! Lists of users: in which order, page by page.
//!
//! A page costs about the same in a tenant of a thousand users and of a million. A filter that few
//! users pass is answered from its own index; one that many pass is tried on the users in the
//! order of the list, where the next page is soon full.

use super::{
    entity::{Column, Entity},
    filter::{self, Filter, UserFilter},
    summary::{Summary, summaries},
};
use crate::kit::{
    db::Tx,
    error::{Error, Result},
    id::UserId,
    page::{Cursor, Listed, Page},
    selector::Direction,
    text::{Keyword, RoleName},
};
use chrono::DateTime;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait,
    Select,
    sea_query::{Expr, SelectStatement},
};
use serde_json::Value;
use std::collections::BTreeSet;

/// Up to so many users are gathered from the index of a filter, and counted beyond it.
const FEW: u64 = 1_000;

/// A question for users, in an order.
#[derive(Clone, Debug, Default)]
pub struct UserQuery {
    /// Words that words of their name, display name or address begin with.
    pub keyword: Keyword,
    /// A role they have.
    pub role: Option<RoleName>,
    /// Filters; a user has to pass all of them.
    pub filters: Vec<UserFilter>,
    /// The order. Newest first if there is none.
    pub sort: Vec<(UserOrder, Direction)>,
    /// Where the page before ended, instead of counting pages.
    pub cursor: Option<Cursor>,
}

/// A property that users are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserOrder {
    /// When they were made.
    CreatedAt,
    /// Their name.
    Name,
    /// Their display name, in any case.
    DisplayName,
}

/// One column of the order.
struct Key {
    column: Column,
    descending: bool,
}

/// One page of the users who are asked for.
///
/// # Errors
/// [`Error::Invalid`] if the cursor is of another list.
pub async fn list(tx: &Tx, wanted: &UserQuery, page: Page) -> Result<Listed<Summary>> {
    let filters = filter::all(wanted);
    let mut query = Entity::find();
    for filter in &filters {
        query = query.filter(filter.condition.clone());
    }
    let gathered = gather(tx, &filters).await?;
    if let Gathered::Few(ids) = &gathered {
        query = query.filter(Column::Id.is_in(ids.iter().copied()));
    }
    let (total, exact) = count(tx, &query, &filters, &gathered).await?;
    let keys = keys(&wanted.sort);
    let order = order(&keys);
    // Whom the words mean exactly comes first, whatever the order, and is not met again.
    let first = exactly(tx, &query, wanted).await?;
    if let Some(first) = &first {
        query = query.filter(Column::Id.ne(first.id));
    }
    query = match &wanted.cursor {
        Some(cursor) => match cursor.open::<Vec<Value>>(&order)?.as_slice() {
            // The page before had room for the first one only.
            [Value::Bool(true)] => query,
            end => query.filter(after(&keys, end)?),
        },
        None => query.offset(page.offset().saturating_sub(u64::from(first.is_some()))),
    };
    let first = first.filter(|_| wanted.cursor.is_none() && page.number == 1);
    let size = page.size as usize - usize::from(first.is_some());
    let sort = |select: &mut SelectStatement| {
        for key in &keys {
            let direction = if key.descending { Order::Desc } else { Order::Asc };
            select.order_by((Entity, key.column), direction);
        }
    };
    let mut users = query.limit(size as u64 + 1).into_query();
    sort(&mut users);
    let mut rows = summaries(tx, users, sort).await?;
    let more = rows.len() > size;
    rows.truncate(size);
    let end = |last: &Summary| keys.iter().map(|key| key.value(last)).collect::<Vec<_>>();
    let next = more.then(|| Cursor::new(&order, &rows.last().map_or_else(|| vec![true.into()], end)));
    Ok(Listed {
        items: first.into_iter().chain(rows).collect(),
        total,
        exact,
        page,
        more,
        next,
    })
}

/// The query for the ids of all users who are asked for.
#[must_use]
pub fn select_ids(wanted: &UserQuery) -> SelectStatement {
    let ids = Entity::find().select_only().column(Column::Id);
    let filters = filter::all(wanted).into_iter();
    let ids = filters.fold(ids, |ids, filter| ids.filter(filter.condition));
    ids.into_query()
}

/// The user whose name or address the words are, if they pass the filters.
async fn exactly(tx: &Tx, query: &Select<Entity>, wanted: &UserQuery) -> Result<Option<Summary>> {
    let Some(is_meant) = filter::exactly(&wanted.keyword.to_string()) else {
        return Ok(None);
    };
    let found = query.clone().filter(is_meant).limit(1).into_query();
    Ok(summaries(tx, found, |_| {}).await?.pop())
}

/// The users that the indexes of the filters leave.
enum Gathered {
    /// Few users meet one of them: these.
    Few(BTreeSet<UserId>),
    /// Many users meet each that has an index.
    Many,
    /// None has one.
    Unknown,
}

async fn gather(tx: &Tx, filters: &[Filter]) -> Result<Gathered> {
    let mut gathered = Gathered::Unknown;
    for ids in filters.iter().filter_map(|filter| filter.ids.as_ref()) {
        let found = tx.query_all(ids.clone().distinct().limit(FEW + 1)).await?;
        if found.len() as u64 <= FEW {
            let ids: std::result::Result<_, _> = found.iter().map(|row| row.try_get_by_index(0)).collect();
            return Ok(Gathered::Few(ids?));
        }
        gathered = Gathered::Many;
    }
    Ok(gathered)
}

/// How many there are, and whether that is all.
async fn count(tx: &Tx, query: &Select<Entity>, filters: &[Filter], gathered: &Gathered) -> Result<(u64, bool)> {
    match (filters.len(), gathered) {
        (0, _) => {
            return Ok((super::count(tx).await?, true));
        }
        (1, Gathered::Many) => return Ok((FEW, false)),
        (_, Gathered::Few(_)) => return Ok((query.clone().count(tx).await?, true)),
        _ => {}
    }
    let some = query.clone().select_only().column(Column::Id).limit(FEW + 1);
    let found = some.into_tuple::<UserId>().all(tx).await?.len() as u64;
    Ok((std::cmp::min(found, FEW), found <= FEW))
}

fn keys(sort: &[(UserOrder, Direction)]) -> Vec<Key> {
    let mut keys: Vec<Key> = sort
        .iter()
        .map(|(order, direction)| Key {
            column: match order {
                UserOrder::CreatedAt => Column::CreatedAt,
                UserOrder::Name => Column::Name,
                UserOrder::DisplayName => Column::DisplayKey,
            },
            descending: *direction == Direction::Descending,
        })
        .collect();
    if keys.is_empty() {
        keys.push(Key {
            column: Column::CreatedAt,
            descending: true,
        });
    }
    let descending = keys[0].descending;
    keys.push(Key {
        column: Column::Id,
        descending,
    });
    keys
}

/// The name of this order in cursors.
fn order(keys: &[Key]) -> String {
    let words = keys
        .iter()
        .map(|key| format!("{:?}{}", key.column, if key.descending { "-" } else { "+" }));
    words.fold("users".to_owned(), |order, word| order + "/" + word.as_str())
}

impl Key {
    fn value(&self, row: &Summary) -> Value {
        match self.column {
            Column::Name => row.name.clone().into(),
            Column::DisplayKey => row.display_key.clone().into(),
            Column::Id => row.id.to_string().into(),
            _ => row.created_at.timestamp_micros().into(),
        }
    }

    /// The value of a cursor for this column.
    fn read(&self, value: &Value) -> Option<sea_orm::Value> {
        match self.column {
            Column::Name | Column::DisplayKey => Some(value.as_str()?.into()),
            Column::Id => Some(value.as_str()?.parse::<UserId>().ok()?.into()),
            _ => Some(DateTime::from_timestamp_micros(value.as_i64()?)?.into()),
        }
    }

    fn beyond(&self, value: sea_orm::Value) -> Expr {
        if self.descending {
            self.column.lt(value)
        } else {
            self.column.gt(value)
        }
    }
}

/// The rows after this one, in the order of the keys.
fn after(keys: &[Key], end: &[Value]) -> Result<Condition> {
    let wrong = || Error::field("cursor", "value", "is not a cursor of this list in this order");
    let values: Option<Vec<_>> = keys.iter().zip(end).map(|(key, value)| key.read(value)).collect();
    let values = values.filter(|_| end.len() == keys.len()).ok_or_else(wrong)?;
    let mut any = Condition::any();
    for (at, key) in keys.iter().enumerate() {
        let mut all = Condition::all();
        for (before, value) in keys[..at].iter().zip(&values) {
            all = all.add(before.column.eq(value.clone()));
        }
        any = any.add(all.add(key.beyond(values[at].clone())));
    }
    // Says no more than the rest, but in a form that a scan of the index can begin with.
    let first = &keys[0];
    let bound = match first.descending {
        true => first.column.lte(values[0].clone()),
        false => first.column.gte(values[0].clone()),
    };
    Ok(Condition::all().add(bound).add(any))
}
