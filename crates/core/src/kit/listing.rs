//! What a request asks of a list: the same parameters for every list of the console group, which
//! says itself what it can be filtered and sorted by.

use super::{
    error::Result,
    page::{Cursor, Listed, Page, Timeline, not_of_this_list},
    selector::{self, Direction, FieldSelector, Test},
};
use poem::{Request, RequestBody};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions, param::Query, types::ParseFromParameter};
use std::cmp::Ordering;

/// What the lists of one kind can be asked for, by the names of the wire.
pub trait Listing: 'static {
    /// What a `fieldSelector` compares.
    type Field: Copy + Send + Sync + 'static;
    /// What a `sort` orders by.
    type Order: Copy + PartialEq + Send + Sync + 'static;
    /// What a `fieldSelector` may name.
    const FIELDS: &'static [(&'static str, Self::Field)];
    /// What a `sort` may name.
    const ORDERS: &'static [(&'static str, Self::Order)];
    /// Whether there is a `labelSelector`.
    const LABELS: bool = false;
}

/// Begins what a list says of itself among the marks of an operation; see `openapi::lists`.
pub(super) const MARK: &str = "list";
/// Says that there is a `labelSelector`.
pub(super) const LABELS: &str = "list by labels";
/// Comes before the names of what it can be sorted by.
pub(super) const ORDERS: &str = "list by orders";

/// A request for a part of a list.
#[derive(Clone, Debug)]
pub struct ListRequest<L: Listing> {
    /// The page, by its number.
    pub page: Page,
    /// Where the page before ended, instead of the number of this one.
    pub cursor: Option<Cursor>,
    /// Conditions on labels.
    pub labels: Vec<(String, Test)>,
    /// Conditions on fields.
    pub fields: Vec<FieldSelector<L::Field>>,
    /// The order, its first property first.
    pub sorts: Vec<(L::Order, Direction)>,
}

impl<L: Listing> Default for ListRequest<L> {
    fn default() -> Self {
        Self {
            page: Page::FIRST,
            cursor: None,
            labels: vec![],
            fields: vec![],
            sorts: vec![],
        }
    }
}

impl<L: Listing> ListRequest<L> {
    /// The same with selectors and orders as a query writes them.
    ///
    /// # Errors
    /// One of them is not what this list knows.
    pub fn selecting(self, labels: &[String], fields: &[String], sorts: &[String]) -> Result<Self> {
        Ok(Self {
            labels: selector::labels(labels)?,
            fields: selector::fields(fields, L::FIELDS)?,
            sorts: selector::sorts(sorts, L::ORDERS)?,
            ..self
        })
    }

    async fn read(request: &Request, body: &mut RequestBody) -> poem::Result<Self> {
        let number = parameter(request, body, "page", None).await?;
        let size = parameter(request, body, "size", None).await?;
        let cursor = parameter(request, body, "cursor", None).await?;
        let labels = match L::LABELS {
            true => parameter(request, body, "labelSelector", Some(Vec::new)).await?,
            false => vec![],
        };
        let fields: Vec<String> = parameter(request, body, "fieldSelector", Some(Vec::new)).await?;
        let sorts: Vec<String> = parameter(request, body, "sort", Some(Vec::new)).await?;
        let asked = Self {
            page: Page::new(number, size)?,
            cursor,
            ..Self::default()
        };
        Ok(asked.selecting(&labels, &fields, &sorts)?)
    }

    /// The page of a list that is in memory whole. `key` is the place of an item in an order; in
    /// the order `last`, no two have the same.
    ///
    /// # Errors
    /// The cursor is of another list.
    pub fn of_memory<T>(
        &self,
        list: &str,
        items: impl IntoIterator<Item = T>,
        last: L::Order,
        key: impl Fn(&T, L::Order) -> String,
    ) -> Result<Listed<T>> {
        let mut orders = self.sorts.clone();
        orders.push((last, Direction::Ascending));
        let list = orders.iter().fold(list.to_owned(), |list, (order, direction)| {
            let named = L::ORDERS.iter().find(|(_, known)| known == order);
            let name = named.map_or("", |(name, _)| name);
            list + "/" + name + if *direction == Direction::Descending { "-" } else { "+" }
        });
        let compare = |a: &[String], b: &[String]| {
            let each = orders.iter().zip(a.iter().zip(b));
            let unlike = each.map(|((_, direction), (a, b))| match direction {
                Direction::Ascending => a.cmp(b),
                Direction::Descending => b.cmp(a),
            });
            unlike.fold(Ordering::Equal, Ordering::then)
        };
        let mut placed: Vec<(Vec<String>, T)> = items
            .into_iter()
            .map(|item| (orders.iter().map(|(order, _)| key(&item, *order)).collect(), item))
            .collect();
        placed.sort_by(|(a, _), (b, _)| compare(a, b));
        let total = placed.len();
        let begin = match &self.cursor {
            None => usize::try_from(self.page.offset()).unwrap_or(usize::MAX).min(total),
            Some(cursor) => {
                let end: Vec<String> = cursor.open(&list)?;
                if end.len() != orders.len() {
                    return Err(not_of_this_list());
                }
                placed.partition_point(|(place, _)| compare(place, &end) != Ordering::Greater)
            }
        };
        let size = self.page.size as usize;
        let more = total - begin > size;
        let next = placed.get((begin + size).wrapping_sub(1)).filter(|_| more);
        let next = next.map(|(place, _)| Cursor::new(&list, place));
        Ok(Listed {
            items: placed
                .into_iter()
                .skip(begin)
                .take(size)
                .map(|(_, item)| item)
                .collect(),
            total: total as u64,
            exact: true,
            page: self.page,
            more,
            next,
        })
    }
}

impl<L: Listing<Order = ()>> ListRequest<L> {
    /// The page of a list in the order in which its rows were made.
    #[must_use]
    pub fn timeline(&self) -> Timeline {
        let direction = self.sorts.first().map(|((), direction)| *direction);
        Timeline::new(self.page, self.cursor.clone(), direction)
    }
}

/// One parameter of the query, read and refused as if it were an operation's own.
async fn parameter<T: ParseFromParameter>(
    request: &Request,
    body: &mut RequestBody,
    name: &'static str,
    default_value: Option<fn() -> T>,
) -> poem::Result<T> {
    let options = ExtractParamOptions {
        name,
        default_value,
        explode: true,
        ..ExtractParamOptions::default()
    };
    Ok(Query::from_request(request, body, options).await?.0)
}

impl<'a, L: Listing> ApiExtractor<'a> for ListRequest<L> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
    type ParamType = ();
    type ParamRawType = ();

    // An extractor can have one parameter in the document. So this one says what the list knows as
    // if these were names of schemes; `openapi::lists` makes parameters of them.
    fn security_schemes() -> Vec<&'static str> {
        let labels = L::LABELS.then_some(LABELS);
        let fields = L::FIELDS.iter().map(|(name, _)| *name);
        let orders = L::ORDERS.iter().map(|(name, _)| *name);
        [MARK]
            .into_iter()
            .chain(labels)
            .chain(fields)
            .chain([ORDERS])
            .chain(orders)
            .collect()
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Self::read(request, body).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::error::Error;

    struct Words;

    impl Listing for Words {
        type Field = ();
        type Order = bool;
        const FIELDS: &'static [(&'static str, ())] = &[];
        const ORDERS: &'static [(&'static str, bool)] = &[("length", true)];
    }

    fn read(request: &ListRequest<Words>) -> Result<Listed<&'static str>> {
        let key = |word: &&str, by_length: bool| match by_length {
            true => word.len().to_string(),
            false => (*word).to_owned(),
        };
        request.of_memory("words", ["a", "bbb", "cc", "dd", "e"], false, key)
    }

    #[test]
    fn a_list_in_memory_is_read_to_its_end_by_cursor_in_every_order() {
        for (sorts, expected) in [
            (vec![], ["a", "bbb", "cc", "dd", "e"]),
            (vec!["length"], ["a", "e", "cc", "dd", "bbb"]),
            (vec!["length,desc"], ["bbb", "cc", "dd", "a", "e"]),
        ] {
            let sorts: Vec<String> = sorts.into_iter().map(str::to_owned).collect();
            let mut request = ListRequest::<Words>::default().selecting(&[], &[], &sorts).unwrap();
            request.page.size = 2;
            let mut seen = vec![];
            loop {
                let page = read(&request).unwrap();
                assert_eq!(page.total, 5);
                seen.extend(page.items);
                request.cursor = page.next;
                if !page.more {
                    break;
                }
            }
            assert_eq!(seen, expected, "{sorts:?}");
            assert!(request.cursor.is_none());
        }
    }

    #[test]
    fn a_list_in_memory_is_read_by_number_and_ends_where_it_ends() {
        let page = |number| {
            let page = Page { number, size: 2 };
            read(&ListRequest {
                page,
                ..Default::default()
            })
            .unwrap()
        };
        assert_eq!(page(2).items, ["cc", "dd"]);
        assert!(page(2).more);
        assert_eq!(page(3).items, ["e"]);
        assert!(!page(3).more && page(3).next.is_none());
        assert!(page(9).items.is_empty());
    }

    #[test]
    fn a_cursor_of_another_order_is_refused() {
        let mut request = ListRequest::<Words>::default();
        request.page.size = 2;
        request.cursor = read(&request).unwrap().next;
        let request = request.selecting(&[], &[], &["length".to_owned()]).unwrap();
        let error = read(&request).unwrap_err();
        assert!(matches!(error, Error::Invalid(_)), "{error:?}");
    }
}
