//! Which users a list of the console group is asked for: selectors and orders by the names of the wire.

use super::{UserFilter, UserOrder, UserQuery};
use crate::kit::{
    error::{Error, Result},
    page::Cursor,
    selector::{self, Values},
    text::{Keyword, RoleName},
};

/// Makes a filter of the values of a field, unless it is true or false and they are something else.
type Read = fn(Values) -> Option<UserFilter>;

/// What a `fieldSelector` may name.
const FIELDS: &[(&str, Read)] = &[
    ("name", |values| Some(UserFilter::Name(values))),
    ("metadata.name", |values| Some(UserFilter::Name(values))),
    ("status.id", |values| Some(UserFilter::Id(values))),
    ("spec.displayName", |values| Some(UserFilter::DisplayName(values))),
    ("spec.email", |values| Some(UserFilter::Email(values))),
    ("spec.emailVerified", |values| {
        is_true(&values).map(UserFilter::EmailVerified)
    }),
    ("spec.disabled", |values| is_true(&values).map(UserFilter::Disabled)),
];
/// What a `sort` may name.
const SORTS: &[(&str, UserOrder)] = &[
    ("metadata.creationTimestamp", UserOrder::CreatedAt),
    ("metadata.name", UserOrder::Name),
    ("spec.displayName", UserOrder::DisplayName),
];

/// Which users a list is asked for, as the request writes it.
#[derive(Debug, Default)]
pub(super) struct ListQuery {
    pub(super) keyword: Option<Keyword>,
    pub(super) role: Option<RoleName>,
    pub(super) labels: Vec<String>,
    pub(super) fields: Vec<String>,
    pub(super) sorts: Vec<String>,
    pub(super) cursor: Option<Cursor>,
}

impl ListQuery {
    pub(super) fn accept(self) -> Result<UserQuery> {
        let labels = selector::labels(&self.labels)?;
        let fields = selector::fields(&self.fields, FIELDS)?;
        let sort = selector::sorts(&self.sorts, SORTS)?;
        let mut filters: Vec<_> = labels
            .into_iter()
            .map(|(key, test)| UserFilter::Label(key, test))
            .collect();
        for selector in fields {
            let wrong = || format!("{} is true or false", selector.name);
            let filter = (selector.field)(selector.values);
            filters.push(filter.ok_or_else(|| Error::field("fieldSelector", "value", wrong()))?);
        }
        Ok(UserQuery {
            keyword: self.keyword.unwrap_or_default(),
            role: self.role,
            filters,
            sort,
            cursor: self.cursor,
        })
    }
}

/// Whether these are the values of what is true; `None` if they are neither that nor the opposite.
fn is_true(values: &Values) -> Option<bool> {
    let (values, is_in) = match values {
        Values::In(values) => (values, true),
        Values::NotIn(values) => (values, false),
    };
    match values.as_slice() {
        [one] if one == "true" => Some(is_in),
        [one] if one == "false" => Some(!is_in),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::selector::{Direction, Test};

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn names_of_the_wire_become_filters_and_orders() {
        let query = ListQuery {
            labels: texts(&["team=core", "!hidden"]),
            fields: texts(&["metadata.name!=ada", "spec.disabled!=true", "spec.emailVerified=true"]),
            sorts: texts(&["spec.displayName", "metadata.creationTimestamp,desc"]),
            ..ListQuery::default()
        };
        let query = query.accept().unwrap();
        assert_eq!(
            query.filters,
            [
                UserFilter::Label("team".to_owned(), Test::Value(Values::In(texts(&["core"])))),
                UserFilter::Label("hidden".to_owned(), Test::Missing),
                UserFilter::Name(Values::NotIn(texts(&["ada"]))),
                UserFilter::Disabled(false),
                UserFilter::EmailVerified(true),
            ]
        );
        let (up, down) = (Direction::Ascending, Direction::Descending);
        assert_eq!(query.sort, [(UserOrder::DisplayName, up), (UserOrder::CreatedAt, down)]);
    }

    #[test]
    fn what_is_true_or_false_has_one_of_these_values() {
        for wrong in ["spec.disabled=1", "spec.disabled=(true,false)", "spec.emailVerified!="] {
            let fields = texts(&[wrong]);
            let query = ListQuery {
                fields,
                ..ListQuery::default()
            };
            let said = query.accept().unwrap_err().message();
            assert!(said.starts_with("fieldSelector spec."), "{wrong}: {said}");
            assert!(said.ends_with(" is true or false"), "{wrong}: {said}");
        }
    }
}
