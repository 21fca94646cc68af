//! Which users a list of the console group is asked for: selectors and orders by the names of the wire.

use super::{UserFilter, UserOrder, UserQuery};
use crate::kit::{
    error::{Error, Result},
    listing::{ListRequest, Listing},
    selector::Values,
    text::{Keyword, RoleName},
};

/// Makes a filter of the values of a field, unless it is true or false and they are something else.
type Read = fn(Values) -> Option<UserFilter>;

impl Listing for UserQuery {
    type Field = Read;
    type Order = UserOrder;
    const FIELDS: &'static [(&'static str, Read)] = &[
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
    const ORDERS: &'static [(&'static str, UserOrder)] = &[
        ("metadata.creationTimestamp", UserOrder::CreatedAt),
        ("metadata.name", UserOrder::Name),
        ("spec.displayName", UserOrder::DisplayName),
    ];
    const LABELS: bool = true;
}

/// Which users a request asks for.
///
/// # Errors
/// A selector has values that its field does not take.
pub fn accept(asked: ListRequest<UserQuery>, keyword: Option<Keyword>, role: Option<RoleName>) -> Result<UserQuery> {
    let labels = asked.labels.into_iter();
    let mut filters: Vec<_> = labels.map(|(key, test)| UserFilter::Label(key, test)).collect();
    for selector in asked.fields {
        let wrong = || format!("{} is true or false", selector.name);
        let filter = (selector.field)(selector.values);
        filters.push(filter.ok_or_else(|| Error::field("fieldSelector", "value", wrong()))?);
    }
    Ok(UserQuery {
        keyword: keyword.unwrap_or_default(),
        role,
        filters,
        sort: asked.sorts,
        cursor: asked.cursor,
    })
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
        let asked = ListRequest::default().selecting(
            &texts(&["team=core", "!hidden"]),
            &texts(&["metadata.name!=ada", "spec.disabled!=true", "spec.emailVerified=true"]),
            &texts(&["spec.displayName", "metadata.creationTimestamp,desc"]),
        );
        let query = accept(asked.unwrap(), None, None).unwrap();
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
            let asked = ListRequest::default().selecting(&[], &texts(&[wrong]), &[]).unwrap();
            let said = accept(asked, None, None).unwrap_err().message();
            assert!(said.starts_with("fieldSelector spec."), "{wrong}: {said}");
            assert!(said.ends_with(" is true or false"), "{wrong}: {said}");
        }
    }
}
