//! Lists of users: what they are filtered, searched and sorted by.
//!
//! A page costs about the same in a tenant of a thousand users and of a million. A filter that few
//! users pass is answered from its own index; one that many pass is tried on the users in the
//! order of the list, where the next page is soon full.

use super::{
    Detailed, detail,
    entity::{Column, Entity, Model, label, role, word},
};
use crate::{
    email,
    kit::{
        counter,
        db::Tx,
        error::{Error, Result},
        id::UserId,
        page::{Cursor, Listed, Page},
        selector::{Selector, Sort, Test},
        text::Keyword,
    },
};
use chrono::DateTime;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, Order, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
    sea_query::{Expr, LikeExpr, Query as Sql, SelectStatement},
};
use serde_json::Value;
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;

/// Fields that a `fieldSelector` may name.
pub const FIELDS: &[&str] = &[
    "name",
    "metadata.name",
    "spec.displayName",
    "spec.email",
    "spec.emailVerified",
    "spec.disabled",
];
/// Properties that a `sort` may name.
pub const SORTS: &[&str] = &["metadata.creationTimestamp", "metadata.name", "spec.displayName"];

/// Up to so many users are gathered from the index of a filter, and counted beyond it.
const FEW: u64 = 1_000;
/// As many characters of a word are kept to be found by.
const WORD: usize = 40;
/// As many words of a user are kept.
const WORDS: usize = 64;

/// Which users are asked for, in which order.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Words that words of their name, display name or address begin with.
    pub keyword: Keyword,
    /// A role they have.
    pub role: Option<String>,
    /// What their labels must be.
    pub labels: Vec<Selector>,
    /// What their fields must be; the keys are among [`FIELDS`].
    pub fields: Vec<Selector>,
    /// The order; the keys are among [`SORTS`]. Newest first if there is none.
    pub sorts: Vec<Sort>,
    /// Where the page before ended, instead of counting pages.
    pub cursor: Option<Cursor>,
}

/// A condition on users, and if an index has it, the ids of those who meet it.
struct Filter {
    condition: Condition,
    ids: Option<SelectStatement>,
}

/// One column of the order.
struct Key {
    column: Column,
    descending: bool,
}

/// One page of the users who are asked for.
///
/// # Errors
/// [`Error::Invalid`] if a selector's value is of the wrong kind, or the cursor is of another list.
pub async fn list(tx: &Tx, wanted: &Wanted, page: Page) -> Result<Listed<Detailed>> {
    let filters = filters(wanted)?;
    let mut query = Entity::find();
    for filter in &filters {
        query = query.filter(filter.condition.clone());
    }
    let gathered = gather(tx, &filters).await?;
    if let Gathered::Few(ids) = &gathered {
        query = query.filter(Column::Id.is_in(ids.iter().copied()));
    }
    let (total, exact) = count(tx, &query, &filters, &gathered).await?;
    let keys = keys(&wanted.sorts);
    let order = order(&keys);
    query = match &wanted.cursor {
        Some(cursor) => query.filter(after(&keys, &cursor.open::<Vec<Value>>(&order)?)?),
        None => query.offset(page.offset()),
    };
    for key in &keys {
        let direction = if key.descending { Order::Desc } else { Order::Asc };
        query = query.order_by(key.column, direction);
    }
    let mut rows = query.limit(u64::from(page.size) + 1).all(tx).await?;
    let more = rows.len() > page.size as usize;
    rows.truncate(page.size as usize);
    let next = rows.last().filter(|_| more);
    let next = next.map(|last| Cursor::new(&order, &keys.iter().map(|key| key.value(last)).collect::<Vec<_>>()));
    Ok(Listed {
        items: detail(tx, rows).await?,
        total,
        exact,
        page,
        more,
        next,
    })
}

/// What the indexes of the filters say.
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
            let users = counter::read(tx, counter::USERS).await?;
            return Ok((u64::try_from(users).unwrap_or(0), true));
        }
        (1, Gathered::Many) => return Ok((FEW, false)),
        (_, Gathered::Few(_)) => return Ok((query.clone().count(tx).await?, true)),
        _ => {}
    }
    let some = query.clone().select_only().column(Column::Id).limit(FEW + 1);
    let found = some.into_tuple::<UserId>().all(tx).await?.len() as u64;
    Ok((std::cmp::min(found, FEW), found <= FEW))
}

fn keys(sorts: &[Sort]) -> Vec<Key> {
    let mut keys: Vec<Key> = sorts
        .iter()
        .map(|sort| Key {
            column: match sort.key.as_str() {
                "metadata.name" => Column::Name,
                "spec.displayName" => Column::DisplayKey,
                _ => Column::CreatedAt,
            },
            descending: sort.descending,
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

/// What a cursor of this order is called.
fn order(keys: &[Key]) -> String {
    let words = keys
        .iter()
        .map(|key| format!("{:?}{}", key.column, if key.descending { "-" } else { "+" }));
    words.fold("users".to_owned(), |order, word| order + "/" + word.as_str())
}

impl Key {
    fn value(&self, row: &Model) -> Value {
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

fn filters(wanted: &Wanted) -> Result<Vec<Filter>> {
    let keyword = wanted.keyword.to_string().to_lowercase();
    let mut filters: Vec<Filter> = keyword.split_whitespace().map(by_term).collect();
    if let Some(name) = &wanted.role {
        let has = Sql::select()
            .column(role::Column::UserId)
            .from(role::Entity)
            .and_where(role::Column::Role.eq(name.to_lowercase()))
            .to_owned();
        filters.push(Filter::among(has, role::Column::UserId.into_expr()));
    }
    filters.extend(wanted.labels.iter().map(by_label));
    for selector in &wanted.fields {
        filters.push(by_field(selector)?);
    }
    Ok(filters)
}

impl Filter {
    /// Users whose id is among these; `id` is the column they are selected from.
    fn among(ids: SelectStatement, id: Expr) -> Self {
        let mut one = ids.clone();
        one.and_where(id.eq(Expr::col((Entity, Column::Id))));
        Self {
            condition: Condition::all().add(Expr::exists(one)),
            ids: Some(ids),
        }
    }

    fn not(self) -> Self {
        Self {
            condition: self.condition.not(),
            ids: None,
        }
    }

    fn only(condition: Expr) -> Self {
        Self {
            condition: Condition::all().add(condition),
            ids: None,
        }
    }
}

/// Users of whose name, display name or address a word begins so.
fn by_term(term: &str) -> Filter {
    let from = term.trim_start_matches(|c: char| !c.is_alphanumeric());
    if from.is_empty() {
        return Filter::only(Expr::value(false));
    }
    let begin: String = from.chars().take(WORD).collect();
    let words = Sql::select()
        .column(word::Column::UserId)
        .from(word::Entity)
        .and_where(word::Column::Word.gte(begin.clone()))
        .and_where(word::Column::Word.lt(begin + "\u{10FFFF}"))
        .to_owned();
    let mut filter = Filter::among(words, word::Column::UserId.into_expr());
    if from.chars().count() > WORD || from != term {
        let literal = term.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let contains = LikeExpr::new(format!("%{literal}%")).escape('\\');
        filter.condition = filter.condition.add(Expr::col((Entity, Column::Search)).like(contains));
    }
    filter
}

fn by_label(selector: &Selector) -> Filter {
    let mut labels = Sql::select()
        .column(label::Column::UserId)
        .from(label::Entity)
        .and_where(label::Column::Key.eq(selector.key.as_str()))
        .to_owned();
    if let Test::In(values) | Test::NotIn(values) = &selector.test {
        labels.and_where(label::Column::Value.is_in(values.iter().map(String::as_str)));
    }
    let filter = Filter::among(labels, label::Column::UserId.into_expr());
    match selector.test {
        Test::In(_) | Test::Exists => filter,
        Test::NotIn(_) | Test::Missing => filter.not(),
    }
}

fn by_field(selector: &Selector) -> Result<Filter> {
    let (values, negated) = match &selector.test {
        Test::In(values) => (values, false),
        Test::NotIn(values) => (values, true),
        Test::Exists | Test::Missing => unreachable!("selectors of fields have values"),
    };
    let lower: Vec<String> = values.iter().map(|value| value.to_lowercase()).collect();
    // Display names are kept so.
    let composed = || values.iter().map(|value| value.nfc().collect::<String>());
    let ids = |condition: Expr| {
        let mut ids = Sql::select();
        ids.column(Column::Id).from(Entity).and_where(condition);
        ids
    };
    let filter = match selector.key.as_str() {
        "spec.displayName" => Filter {
            condition: Condition::all().add(Column::DisplayName.is_in(composed())),
            ids: Some(ids(
                Column::DisplayKey.is_in(composed().map(|value| value.to_lowercase()))
            )),
        },
        "spec.email" => {
            let (users, id) = email::by_primary(Some(lower));
            Filter::among(users, id)
        }
        "spec.emailVerified" => {
            let (users, id) = email::by_primary(None);
            let unproven = Filter::among(users, id);
            if is_true(selector, values)? {
                unproven.not()
            } else {
                unproven
            }
        }
        "spec.disabled" => {
            let wanted = is_true(selector, values)?;
            let column = Column::Disabled.into_expr();
            Filter {
                condition: Condition::all().add(if wanted { column.clone() } else { column.clone().not() }),
                ids: wanted.then(|| ids(column)),
            }
        }
        _ => Filter {
            condition: Condition::all().add(Column::Name.is_in(lower.clone())),
            ids: Some(ids(Column::Name.is_in(lower))),
        },
    };
    Ok(if negated { filter.not() } else { filter })
}

fn is_true(selector: &Selector, values: &[String]) -> Result<bool> {
    match values {
        [one] if one == "true" => Ok(true),
        [one] if one == "false" => Ok(false),
        _ => Err(Error::field(
            "fieldSelector",
            "value",
            format!("{} is true or false", selector.key),
        )),
    }
}

/// The words a user is found by: what begins at each word of these texts, in lower case.
///
/// A letter beyond ASCII begins a word wherever it is: Chinese has no spaces.
pub(super) fn words(search: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for line in search.lines() {
        let mut before = ' ';
        for (at, c) in line.char_indices() {
            let begins = c.is_alphanumeric() && (!before.is_alphanumeric() || !c.is_ascii());
            if begins && words.len() < WORDS {
                words.insert(line[at..].chars().take(WORD).collect());
            }
            before = c;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn users_are_found_by_every_word_of_their_names_and_address() {
        let found = words("ada.lovelace\nada byron 王小明\nada@example.test");
        let found: Vec<_> = found.iter().map(String::as_str).collect();
        assert_eq!(
            found,
            [
                "ada byron 王小明",
                "ada.lovelace",
                "ada@example.test",
                "byron 王小明",
                "example.test",
                "lovelace",
                "test",
                "小明",
                "明",
                "王小明",
            ]
        );
    }
}
