use std::borrow::Cow;
use std::convert::Infallible;
use std::str::{self, Utf8Error};

pub(crate) use sqlx_core::value::{Value, ValueRef};

use crate::statement::StatementHandle;
use crate::type_info::DataType;
use crate::{Sqlite, SqliteTypeInfo};

/// A value of a row, copied out of SQLite when the row was read.
#[derive(Clone)]
pub struct SqliteValue {
    stored: Stored,
    column_type: SqliteTypeInfo,
}

/// One of SQLite's five storage classes (sqlite.org/datatype3.html).
#[derive(Clone)]
enum Stored {
    Null,
    Integer(i64),
    Float(f64),
    Text(Box<[u8]>),
    Blob(Box<[u8]>),
}

/// A reference to a value of a row.
#[derive(Clone, Copy)]
pub struct SqliteValueRef<'r>(&'r SqliteValue);

impl SqliteValue {
    /// The value of a column of the row that a statement is at.
    pub(crate) fn of_column(
        statement: &StatementHandle,
        index: usize,
        column_type: SqliteTypeInfo,
    ) -> Self {
        let stored = match DataType::from_code(statement.column_type(index)) {
            DataType::Integer => Stored::Integer(statement.column_int64(index)),
            DataType::Float => Stored::Float(statement.column_double(index)),
            DataType::Text => Stored::Text(statement.column_blob(index).into()),
            DataType::Blob => Stored::Blob(statement.column_blob(index).into()),
            _ => Stored::Null,
        };
        Self {
            stored,
            column_type,
        }
    }

    /// The type of the value, and of the column if it is NULL.
    fn type_of(&self) -> SqliteTypeInfo {
        SqliteTypeInfo(match self.stored {
            Stored::Null => return self.column_type.clone(),
            Stored::Integer(_) => DataType::Integer,
            Stored::Float(_) => DataType::Float,
            Stored::Text(_) => DataType::Text,
            Stored::Blob(_) => DataType::Blob,
        })
    }
}

impl Value for SqliteValue {
    type Database = Sqlite;

    fn as_ref(&self) -> SqliteValueRef<'_> {
        SqliteValueRef(self)
    }

    fn type_info(&self) -> Cow<'_, SqliteTypeInfo> {
        Cow::Owned(self.type_of())
    }

    fn is_null(&self) -> bool {
        matches!(self.stored, Stored::Null)
    }
}

impl<'r> SqliteValueRef<'r> {
    pub(crate) fn value(value: &'r SqliteValue) -> Self {
        Self(value)
    }

    /// As SQLite converts it: text by the number it begins with.
    pub(super) fn int64(&self) -> Result<i64, Infallible> {
        Ok(match &self.0.stored {
            Stored::Null => 0,
            Stored::Integer(value) => *value,
            #[allow(clippy::cast_possible_truncation)]
            Stored::Float(value) => *value as i64,
            Stored::Text(text) | Stored::Blob(text) => {
                leading_number(text, |byte| byte.is_ascii_digit())
            }
        })
    }

    /// As SQLite converts it: text by the number it begins with.
    pub(super) fn double(&self) -> Result<f64, Infallible> {
        Ok(match &self.0.stored {
            Stored::Null => 0.0,
            #[allow(clippy::cast_precision_loss)]
            Stored::Integer(value) => *value as f64,
            Stored::Float(value) => *value,
            Stored::Text(text) | Stored::Blob(text) => leading_number(text, |byte| {
                byte.is_ascii_digit() || b".eE+-".contains(&byte)
            }),
        })
    }

    /// The bytes of text or a blob; a number has none: no type is decoded from the bytes of one.
    pub(super) fn blob_borrowed(&self) -> &'r [u8] {
        match &self.0.stored {
            Stored::Text(bytes) | Stored::Blob(bytes) => bytes,
            Stored::Null | Stored::Integer(_) | Stored::Float(_) => &[],
        }
    }

    pub(super) fn blob_owned(&self) -> Vec<u8> {
        self.blob_borrowed().to_vec()
    }

    pub(super) fn text_borrowed(&self) -> Result<&'r str, Utf8Error> {
        str::from_utf8(self.blob_borrowed())
    }

    pub(super) fn with_temp_text<R>(&self, op: impl FnOnce(&str) -> R) -> Result<R, Utf8Error> {
        self.text_borrowed().map(op)
    }

    pub(super) fn text_owned(&self) -> Result<String, Utf8Error> {
        self.text_borrowed().map(ToOwned::to_owned)
    }
}

/// The number that the longest beginning of a text is, of bytes that may be in one.
fn leading_number<N: str::FromStr + Default>(text: &[u8], may_be: impl Fn(u8) -> bool) -> N {
    let text = text.trim_ascii_start();
    let sign = usize::from(matches!(text.first(), Some(b'-' | b'+')));
    let length = text[sign..]
        .iter()
        .take_while(|byte| may_be(**byte))
        .count();
    let number = |end: usize| str::from_utf8(&text[..end]).ok()?.parse().ok();
    (1..=sign + length)
        .rev()
        .find_map(number)
        .unwrap_or_default()
}

impl<'r> ValueRef<'r> for SqliteValueRef<'r> {
    type Database = Sqlite;

    fn to_owned(&self) -> SqliteValue {
        self.0.clone()
    }

    fn type_info(&self) -> Cow<'_, SqliteTypeInfo> {
        Cow::Owned(self.0.type_of())
    }

    fn is_null(&self) -> bool {
        matches!(self.0.stored, Stored::Null)
    }
}
