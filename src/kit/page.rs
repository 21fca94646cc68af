//! Pages of a list, the way Halo counts them.

use super::error::{Error, Result};

/// Which part of a list is asked for: 1-based page number and its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// 1-based.
    pub number: u32,
    /// 1 to [`Page::MAX_SIZE`].
    pub size: u32,
}

impl Page {
    /// The largest page.
    pub const MAX_SIZE: u32 = 200;
    /// The page size when none is asked for.
    pub const DEFAULT_SIZE: u32 = 20;

    /// Reads `page` and `size`; absent or zero is the default, as Halo's clients send it.
    ///
    /// # Errors
    /// `size` is over [`Page::MAX_SIZE`], or the page lies beyond any list.
    pub fn new(number: Option<u32>, size: Option<u32>) -> Result<Self> {
        let size = size.filter(|size| *size > 0).unwrap_or(Self::DEFAULT_SIZE);
        if size > Self::MAX_SIZE {
            return Err(Error::field(
                "size",
                "value",
                format!("must be at most {}", Self::MAX_SIZE),
            ));
        }
        let number = number.unwrap_or(1).max(1);
        if number > 1_000_000 {
            return Err(Error::field("page", "value", "must be at most 1000000"));
        }
        Ok(Self { number, size })
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
    /// Which page this is.
    pub page: Page,
}

impl<T> Listed<T> {
    /// The same page with every row turned into something else.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Listed<U> {
        Listed {
            items: self.items.into_iter().map(f).collect(),
            total: self.total,
            page: self.page,
        }
    }

    /// Pages in the whole list.
    #[must_use]
    pub fn total_pages(&self) -> u64 {
        self.total.div_ceil(u64::from(self.page.size))
    }
}

/// Makes the wire form of a page: `$name` with items of type `$item`, in the shape of Halo's lists.
macro_rules! page_object {
    ($(#[$doc:meta])* $name:ident of $item:ty) => {
        $(#[$doc])*
        #[derive(Debug, poem_openapi::Object)]
        #[oai(rename_all = "camelCase")]
        pub struct $name {
            /// 1-based number of this page.
            page: u32,
            /// Rows of a page.
            size: u32,
            /// Rows of the whole list.
            total: u64,
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
        }

        impl From<$crate::kit::page::Listed<$item>> for $name {
            fn from(listed: $crate::kit::page::Listed<$item>) -> Self {
                let total_pages = listed.total_pages();
                let $crate::kit::page::Page { number, size } = listed.page;
                let has_next = u64::from(number) < total_pages;
                Self {
                    page: number,
                    size,
                    total: listed.total,
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
pub(crate) use page_object;
