//! Pages of a list, counted from 1.

use super::{
    db::Tx,
    error::{Error, Result},
    selector::Direction,
    text::wire_string,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Select, sea_query::Expr,
};
use serde::{Serialize, de::DeserializeOwned};
use std::{fmt, fmt::Display, str::FromStr};

/// The part of a list that is asked for: 1-based page number and its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// 1-based.
    pub number: u32,
    /// 1 to [`Page::MAX_SIZE`].
    pub size: u32,
}

impl Page {
    /// What is answered when nothing is asked for.
    pub const FIRST: Self = Self {
        number: 1,
        size: Self::DEFAULT_SIZE,
    };
    /// The largest page.
    pub const MAX_SIZE: u32 = 200;
    /// The page size when none is asked for.
    pub const DEFAULT_SIZE: u32 = 20;
    /// Rows that can be skipped by a page's number: what is skipped is read. Beyond, there is the
    /// cursor.
    pub const MAX_OFFSET: u64 = 10_000;

    /// [`Page::FIRST`], as the default of a parameter.
    #[must_use]
    pub fn first() -> u32 {
        Self::FIRST.number
    }

    /// [`Page::DEFAULT_SIZE`], as the default of a parameter.
    #[must_use]
    pub fn default_size() -> u32 {
        Self::DEFAULT_SIZE
    }

    /// Reads `page` and `size`; absent or zero is the default.
    ///
    /// # Errors
    /// `size` is over [`Page::MAX_SIZE`], or the page lies beyond any list.
    pub fn new(number: Option<u32>, size: Option<u32>) -> Result<Self> {
        Self::named(number, ("size", size), "go on with nextCursor")
    }

    /// The same for a group that calls the size of a page otherwise, and has another way to what
    /// lies beyond.
    ///
    /// # Errors
    /// As [`Page::new`].
    pub fn named(number: Option<u32>, (field, size): (&str, Option<u32>), beyond: &str) -> Result<Self> {
        let size = size.filter(|size| *size > 0).unwrap_or(Self::DEFAULT_SIZE);
        if size > Self::MAX_SIZE {
            return Err(Error::field(
                field,
                "value",
                format!("must be at most {}", Self::MAX_SIZE),
            ));
        }
        let number = number.unwrap_or(1).max(1);
        let page = Self { number, size };
        if page.offset() > Self::MAX_OFFSET {
            let why = format!("reaches rows up to {}; {beyond}", Self::MAX_OFFSET);
            return Err(Error::field("page", "value", why));
        }
        Ok(page)
    }

    /// Rows before this page.
    #[must_use]
    pub fn offset(self) -> u64 {
        u64::from(self.number - 1) * u64::from(self.size)
    }
}

/// One page of a list with the number of rows in the whole list.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    /// The rows of this page.
    pub items: Vec<T>,
    /// Rows in the whole list.
    pub total: u64,
    /// Whether `total` is exact; else there are more.
    pub exact: bool,
    /// Which page this is.
    pub page: Page,
    /// Whether there is a page after this one.
    pub more: bool,
    /// Where it begins, if the list can be read so.
    pub next: Option<Cursor>,
}

/// Where a page begins, as the page before says: opaque to clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// A cursor of one kind of list (with its order), which says where the page before ended.
    #[must_use]
    pub fn new(list: &str, end: &impl Serialize) -> Self {
        let text = serde_json::to_string(&(list, end)).expect("ends of pages are JSON");
        Self(URL_SAFE_NO_PAD.encode(text))
    }

    /// Where the page before ended.
    ///
    /// # Errors
    /// It is not a cursor of this kind of list.
    pub fn open<T: DeserializeOwned>(&self, list: &str) -> Result<T> {
        let bytes = URL_SAFE_NO_PAD.decode(&self.0).map_err(|_| not_of_this_list())?;
        let (of, end): (String, T) = serde_json::from_slice(&bytes).map_err(|_| not_of_this_list())?;
        if of == list { Ok(end) } else { Err(not_of_this_list()) }
    }
}

impl std::str::FromStr for Cursor {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if text.is_empty() || text.len() > 2_000 || !text.bytes().all(known) {
            return Err("is not a cursor");
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

wire_string!(Cursor, {
    max_length: Some(2_000),
    pattern: Some("^[A-Za-z0-9_-]+$"),
    example: Some("WyJ1c2VycyIsMTJd"),
    ..
});

impl<T> Listed<T> {
    /// The same page with every row turned into something else.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Listed<U> {
        Listed {
            items: self.items.into_iter().map(f).collect(),
            total: self.total,
            exact: self.exact,
            page: self.page,
            more: self.more,
            next: self.next,
        }
    }

    /// The same page with every row turned into something else, if each can be.
    ///
    /// # Errors
    /// What `f` returns.
    pub fn try_map<U>(self, f: impl FnMut(T) -> Result<U>) -> Result<Listed<U>> {
        let Self {
            items,
            total,
            exact,
            page,
            more,
            next,
        } = self;
        let items = items.into_iter().map(f).collect::<Result<_>>()?;
        Ok(Listed {
            items,
            total,
            exact,
            page,
            more,
            next,
        })
    }

    /// Pages in the whole list.
    #[must_use]
    pub fn total_pages(&self) -> u64 {
        self.total.div_ceil(u64::from(self.page.size))
    }
}

/// A page of a list in the order in which its rows were made.
#[derive(Clone, Debug)]
pub struct Timeline {
    page: Page,
    cursor: Option<Cursor>,
    direction: Direction,
}

impl Timeline {
    /// Newest first, unless it is to be the other way round.
    #[must_use]
    pub fn new(page: Page, cursor: Option<Cursor>, direction: Option<Direction>) -> Self {
        Self {
            page,
            cursor,
            direction: direction.unwrap_or(Direction::Descending),
        }
    }

    /// As many of the newest as a page may have.
    #[must_use]
    pub fn newest() -> Self {
        let page = Page {
            number: 1,
            size: Page::MAX_SIZE,
        };
        Self::new(page, None, None)
    }

    /// Reads it from the rows of a query: `list` is its name in cursors, `at` and `id` are the columns
    /// of its order, and `place` says where in it a row is.
    ///
    /// # Errors
    /// The cursor is of another list.
    pub async fn read<E, I>(
        &self,
        tx: &impl ConnectionTrait,
        list: &str,
        query: Select<E>,
        (at, id): (E::Column, E::Column),
        place: impl Fn(&E::Model) -> (DateTime<Utc>, I),
    ) -> Result<Listed<E::Model>>
    where
        E: EntityTrait,
        E::Model: Send + Sync,
        I: Clone + Display + FromStr + Into<sea_orm::Value>,
    {
        let beyond = |(micros, last): (i64, String)| {
            let end = DateTime::from_timestamp_micros(micros).zip(last.parse::<I>().ok());
            let (end, last) = end.ok_or_else(not_of_this_list)?;
            let same = Condition::all().add(at.eq(end)).add(self.after(id, last));
            Ok(Condition::any().add(self.after(at, end)).add(same))
        };
        let rows = self.begin(list, query.clone(), beyond)?;
        let rows = rows.order_by(at, self.order()).order_by(id, self.order());
        let place = |row: &E::Model| {
            let (at, id) = place(row);
            (at.timestamp_micros(), id.to_string())
        };
        let count = async || Ok((query.count(tx).await?, true));
        self.end(list, rows.limit(self.most()).all(tx).await?, place, count)
            .await
    }

    /// The same of rows that are numbered in the order in which they were made; `count` counts those of
    /// the query, and says whether that is all.
    ///
    /// # Errors
    /// The cursor is of another list.
    pub async fn read_numbered<E>(
        &self,
        tx: &Tx,
        list: &str,
        query: Select<E>,
        (number, place): (E::Column, impl Fn(&E::Model) -> i64),
        count: impl AsyncFnOnce(Select<E>) -> Result<(u64, bool)>,
    ) -> Result<Listed<E::Model>>
    where
        E: EntityTrait,
        E::Model: Send + Sync,
    {
        let beyond = |last: i64| Ok(Condition::all().add(self.after(number, last)));
        let rows = self.begin(list, query.clone(), beyond)?;
        let rows = rows.order_by(number, self.order()).limit(self.most()).all(tx).await?;
        self.end(list, rows, place, async || count(query).await).await
    }

    /// The rows of a query from the first one of the page on.
    fn begin<E: EntityTrait, P: DeserializeOwned>(
        &self,
        list: &str,
        query: Select<E>,
        beyond: impl FnOnce(P) -> Result<Condition>,
    ) -> Result<Select<E>> {
        Ok(match &self.cursor {
            None => query.offset(self.page.offset()),
            Some(cursor) => query.filter(beyond(cursor.open(&self.named(list))?)?),
        })
    }

    /// The page of the rows that were read.
    async fn end<T, P: Serialize>(
        &self,
        list: &str,
        mut items: Vec<T>,
        place: impl Fn(&T) -> P,
        count: impl AsyncFnOnce() -> Result<(u64, bool)>,
    ) -> Result<Listed<T>> {
        let more = items.len() > self.page.size as usize;
        items.truncate(self.page.size as usize);
        // What is seen to its end from its beginning need not be counted.
        let is_seen = self.cursor.is_none() && !more && (self.page.number == 1 || !items.is_empty());
        let (total, exact) = match is_seen {
            true => (self.page.offset() + items.len() as u64, true),
            false => count().await?,
        };
        let end = items.last().filter(|_| more).map(place);
        Ok(Listed {
            more,
            next: end.map(|end| Cursor::new(&self.named(list), &end)),
            items,
            total,
            exact,
            page: self.page,
        })
    }

    /// The name of a list in this order.
    fn named(&self, list: &str) -> String {
        let order = if self.is_down() { "-" } else { "+" };
        format!("{list}{order}")
    }

    fn is_down(&self) -> bool {
        self.direction == Direction::Descending
    }

    fn order(&self) -> Order {
        if self.is_down() { Order::Desc } else { Order::Asc }
    }

    fn after<C: ColumnTrait>(&self, column: C, end: impl Into<sea_orm::Value>) -> Expr {
        if self.is_down() { column.lt(end) } else { column.gt(end) }
    }

    /// One row more than a page has tells whether there is another page.
    fn most(&self) -> u64 {
        u64::from(self.page.size) + 1
    }
}

pub(super) fn not_of_this_list() -> Error {
    Error::field("cursor", "value", "is not a cursor of this list in this order")
}

/// Makes the wire form of a page: `$name` with items of type `$item`, as all lists of the console group.
#[macro_export]
macro_rules! page_object {
    ($(#[$doc:meta])* $name:ident of $item:ty) => {
        $(#[$doc])*
        #[derive(Debug, poem_openapi::Object, serde::Serialize)]
        #[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            /// 1-based number of this page.
            page: u32,
            /// Rows of a page.
            size: u32,
            /// Rows of the whole list, or as far as they were counted.
            total: u64,
            /// Whether `total` is exact; else the list has more.
            total_is_exact: bool,
            /// The rows of this page.
            items: Vec<$item>,
            /// Whether this is the first page.
            first: bool,
            /// Whether this is the last page.
            last: bool,
            /// Whether there is a page after this one.
            has_next: bool,
            /// Whether there is a page before this one.
            has_previous: bool,
            /// Pages of the whole list.
            total_pages: u64,
            /// To be given back as `cursor` for the page after this one.
            #[serde(skip_serializing_if = "Option::is_none")]
            next_cursor: Option<String>,
        }

        impl From<$crate::kit::page::Listed<$item>> for $name {
            fn from(listed: $crate::kit::page::Listed<$item>) -> Self {
                let total_pages = listed.total_pages();
                let $crate::kit::page::Page { number, size } = listed.page;
                let has_next = listed.more;
                Self {
                    page: number,
                    size,
                    total: listed.total,
                    total_is_exact: listed.exact,
                    next_cursor: listed.next.map(|next| next.to_string()),
                    first: number == 1,
                    last: !has_next,
                    has_next,
                    has_previous: number > 1,
                    total_pages,
                    items: listed.items,
                }
            }
        }
    };
}
pub use page_object;
