//! What users are filtered and searched by.

use super::{
    UserQuery,
    entity::{Column, Entity, label, role, word},
};
use crate::{
    email,
    kit::{
        db,
        id::UserId,
        selector::{Test, Values},
        text::{Email, UserName, address_key},
    },
};
use sea_orm::{
    ColumnTrait, Condition, ExprTrait,
    sea_query::{Expr, Query as Sql, SelectStatement},
};
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;

/// As many characters of a word are kept to be found by.
const WORD: usize = 40;
/// As many words of a user are kept.
const WORDS: usize = 64;

/// Something that must be so of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserFilter {
    /// Their id.
    Id(Values),
    /// Their name, in any case.
    Name(Values),
    /// Their display name.
    DisplayName(Values),
    /// Their address in force, in any case and either form of its domain.
    Email(Values),
    /// Whether they have proven it.
    EmailVerified(bool),
    /// Whether they may not sign in.
    Disabled(bool),
    /// Their label of this key.
    Label(String, Test),
}

/// A condition on users, and if an index has it, the ids of those who meet it.
pub(super) struct Filter {
    pub(super) condition: Condition,
    pub(super) ids: Option<SelectStatement>,
}

/// Every condition of a query.
pub(super) fn all(wanted: &UserQuery) -> Vec<Filter> {
    let mut filters = by_keyword(&wanted.keyword.to_string());
    if let Some(name) = &wanted.role {
        let has = Sql::select()
            .column(role::Column::UserId)
            .from(role::Entity)
            .and_where(role::Column::Role.eq(name.to_string()))
            .to_owned();
        filters.push(Filter::among(has, role::Column::UserId.into_expr()));
    }
    filters.extend(wanted.filters.iter().map(by_filter));
    filters
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

    /// Users of whom this holds, for which there is an index.
    fn indexed(condition: Expr) -> Self {
        let mut ids = Sql::select();
        ids.column(Column::Id).from(Entity).and_where(condition.clone());
        Self {
            condition: Condition::all().add(condition),
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

/// Users who are found by this text: by their id, their whole address in whichever form it is typed,
/// or what words of theirs begin with.
fn by_keyword(text: &str) -> Vec<Filter> {
    if text.parse::<UserId>().is_ok() {
        return vec![by_ids(&[text.to_owned()])];
    }
    match address(text) {
        Some(key) => vec![by_term(&key)],
        None => text.to_lowercase().split_whitespace().map(by_term).collect(),
    }
}

/// The user whose name or address in force this text is, who comes before all others that it finds.
pub(super) fn exactly(text: &str) -> Option<Condition> {
    if let Ok(name) = text.parse::<UserName>() {
        return Some(Condition::all().add(Column::Name.eq(name.to_string())));
    }
    let (mut users, id) = email::by_primary(Some(vec![address(text)?]));
    users.and_where(id.eq(Expr::col((Entity, Column::Id))));
    Some(Condition::all().add(Expr::exists(users)))
}

/// The form an address is compared in, if this is one: in a query that nobody encoded its `+` is a blank.
fn address(text: &str) -> Option<String> {
    let email: Email = text.replace(' ', "+").parse().ok()?;
    Some(email.key().to_owned())
}

fn by_ids(ids: &[String]) -> Filter {
    let ids = ids.iter().filter_map(|id| id.parse::<UserId>().ok());
    Filter::indexed(Column::Id.is_in(ids))
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
        let contains = db::like(term, true);
        filter.condition = filter.condition.add(Expr::col((Entity, Column::Search)).like(contains));
    }
    filter
}

fn by_filter(filter: &UserFilter) -> Filter {
    match filter {
        UserFilter::Id(values) => by_values(values, by_ids),
        UserFilter::Name(values) => by_values(values, by_names),
        UserFilter::DisplayName(values) => by_values(values, by_display_names),
        UserFilter::Email(values) => by_values(values, |values| {
            let keys = values.iter().map(|text| address_key(text));
            let (users, id) = email::by_primary(Some(keys.collect()));
            Filter::among(users, id)
        }),
        UserFilter::EmailVerified(wanted) => {
            let (users, id) = email::by_primary(None);
            let unproven = Filter::among(users, id);
            if *wanted { unproven.not() } else { unproven }
        }
        UserFilter::Disabled(wanted) => {
            let disabled = Column::Disabled.into_expr();
            if *wanted {
                Filter::indexed(disabled)
            } else {
                Filter::only(disabled.not())
            }
        }
        UserFilter::Label(key, test) => by_label(key, test),
    }
}

/// Users who have one of these values, or none of them.
fn by_values(values: &Values, by: impl FnOnce(&[String]) -> Filter) -> Filter {
    match values {
        Values::In(values) => by(values),
        Values::NotIn(values) => by(values).not(),
    }
}

fn by_names(names: &[String]) -> Filter {
    Filter::indexed(Column::Name.is_in(lower(names)))
}

fn by_display_names(names: &[String]) -> Filter {
    // Display names are kept so.
    let composed = || names.iter().map(|name| name.nfc().collect::<String>());
    let keys = composed().map(|name| name.to_lowercase());
    Filter {
        condition: Condition::all().add(Column::DisplayName.is_in(composed())),
        ..Filter::indexed(Column::DisplayKey.is_in(keys))
    }
}

fn by_label(key: &str, test: &Test) -> Filter {
    let mut labels = Sql::select()
        .column(label::Column::UserId)
        .from(label::Entity)
        .and_where(label::Column::Key.eq(key))
        .to_owned();
    if let Test::Value(Values::In(values) | Values::NotIn(values)) = test {
        labels.and_where(label::Column::Value.is_in(values.iter().map(String::as_str)));
    }
    let filter = Filter::among(labels, label::Column::UserId.into_expr());
    match test {
        Test::Value(Values::In(_)) | Test::Exists => filter,
        Test::Value(Values::NotIn(_)) | Test::Missing => filter.not(),
    }
}

/// Names are kept so.
fn lower(values: &[String]) -> Vec<String> {
    values.iter().map(|value| value.to_lowercase()).collect()
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
