//! Rows of any table, as they go from one database to another.
//!
//! What a table has the database itself says, so nothing here has to be told of a new column. A row is the same on
//! both databases and in a file: columns by name, in the order of the names, each of one of a few types.

use crate::kit::{error::Result, json};
use anyhow::{Context, anyhow};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, SecondsFormat, Utc};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, Value};
use serde_json::Value as Json;
use uuid::Uuid;

/// Rows that are read at once.
const PAGE: usize = 500;
/// The same of tables with bytes, which may be long.
const PAGE_OF_BYTES: usize = 16;
/// Values that are written at once: no more than a statement may have.
const VALUES: usize = 8_000;

/// What a column has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// An id.
    Uuid,
    /// A text.
    Text,
    /// A whole number of 64 bits.
    Int,
    /// Yes or no.
    Bool,
    /// A moment, to the microsecond.
    Time,
    /// Any JSON.
    Json,
    /// Bytes.
    Bytes,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// What it is called.
    pub name: String,
    /// What it has.
    pub kind: Type,
}

/// A table, without what only one database needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What it is called.
    pub name: String,
    /// Its columns, by name.
    pub columns: Vec<Column>,
    /// Those of its primary key, by their place among the columns.
    pub key: Vec<usize>,
}

/// The values of a row, in the order of the columns.
pub type Row = Vec<Value>;

impl Type {
    const NAMES: [(Self, &'static str); 7] = [
        (Self::Uuid, "uuid"),
        (Self::Text, "text"),
        (Self::Int, "int"),
        (Self::Bool, "bool"),
        (Self::Time, "time"),
        (Self::Json, "json"),
        (Self::Bytes, "bytes"),
    ];

    /// What it is called in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        let known = Self::NAMES.iter().find(|(kind, _)| *kind == self);
        known.map_or("", |(_, name)| name)
    }

    /// The type that a database calls so.
    fn of_database(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "uuid" | "uuid_text" => Self::Uuid,
            "text" | "varchar" => Self::Text,
            "int4" | "int8" | "integer" | "bigint" => Self::Int,
            "bool" | "boolean" => Self::Bool,
            "timestamptz" | "timestamp_with_timezone_text" => Self::Time,
            "json" | "jsonb" | "json_text" | "jsonb_text" => Self::Json,
            name if name == "bytea" || name.starts_with("blob") => Self::Bytes,
            _ => return None,
        })
    }

    fn read(self, row: &QueryResult, at: usize) -> Result<Value> {
        Ok(match self {
            Self::Uuid => row.try_get_by::<Option<Uuid>, _>(at)?.into(),
            Self::Text => row.try_get_by::<Option<String>, _>(at)?.into(),
            Self::Int => row.try_get_by::<Option<i64>, _>(at)?.into(),
            Self::Bool => row.try_get_by::<Option<bool>, _>(at)?.into(),
            Self::Time => row.try_get_by::<Option<DateTime<Utc>>, _>(at)?.into(),
            Self::Json => row.try_get_by::<Option<Json>, _>(at)?.into(),
            Self::Bytes => row.try_get_by::<Option<Vec<u8>>, _>(at)?.into(),
        })
    }

    /// A value as files have it.
    #[must_use]
    pub fn to_json(self, value: Value) -> Json {
        match value {
            Value::Uuid(Some(id)) => id.hyphenated().to_string().into(),
            Value::String(Some(text)) => text.into(),
            Value::BigInt(Some(number)) => number.into(),
            Value::Bool(Some(is_so)) => is_so.into(),
            Value::ChronoDateTimeUtc(Some(at)) => at.to_rfc3339_opts(SecondsFormat::Micros, true).into(),
            Value::Json(Some(value)) => json::canonical(&value).into(),
            Value::Bytes(Some(bytes)) => URL_SAFE_NO_PAD.encode(bytes).into(),
            _ => Json::Null,
        }
    }

    /// A value of a file.
    ///
    /// # Errors
    /// It is of another type.
    pub fn from_json(self, value: &Json) -> anyhow::Result<Value> {
        let text = || value.as_str().map(str::to_owned);
        let is_null = value.is_null();
        let read: Option<Value> = match self {
            Self::Uuid => text()
                .and_then(|text| Uuid::try_parse(&text).ok())
                .map(|id| Some(id).into()),
            Self::Text => text().map(|text| Some(text).into()),
            Self::Int => value.as_i64().map(|number| Some(number).into()),
            Self::Bool => value.as_bool().map(|is_so| Some(is_so).into()),
            Self::Time => text()
                .and_then(|text| DateTime::parse_from_rfc3339(&text).ok())
                .map(|at| Some(at.to_utc()).into()),
            Self::Json => text()
                .and_then(|text| serde_json::from_str::<Json>(&text).ok())
                .map(|value| Some(value).into()),
            Self::Bytes => text()
                .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
                .map(|bytes| Some(bytes).into()),
        };
        match (is_null, read) {
            (true, _) => Ok(self.null()),
            (false, read) => read.with_context(|| format!("a value is no {}", self.name())),
        }
    }

    fn null(self) -> Value {
        match self {
            Self::Uuid => None::<Uuid>.into(),
            Self::Text => None::<String>.into(),
            Self::Int => None::<i64>.into(),
            Self::Bool => None::<bool>.into(),
            Self::Time => None::<DateTime<Utc>>.into(),
            Self::Json => None::<Json>.into(),
            Self::Bytes => None::<Vec<u8>>.into(),
        }
    }
}

impl Table {
    /// The table of this name, as this database has it.
    ///
    /// # Errors
    /// There is none, or it has a column of a type that is not known here.
    pub async fn describe(db: &impl ConnectionTrait, name: &str) -> Result<Self> {
        let backend = db.get_database_backend();
        let sql = match backend {
            DbBackend::Postgres => {
                "select c.column_name::text as name, c.udt_name::text as kind,
                    coalesce((select k.ordinal_position from information_schema.key_column_usage k
                        join information_schema.table_constraints t using (constraint_schema, constraint_name)
                        where t.constraint_type = 'PRIMARY KEY' and t.table_schema = c.table_schema
                            and t.table_name = c.table_name and k.column_name = c.column_name), 0)::bigint as place
                from information_schema.columns c
                where c.table_schema = current_schema() and c.table_name = $1 and c.column_name <> 'tenant_id'"
            }
            _ => "select name, type as kind, pk as place from pragma_table_info($1)",
        };
        let mut found = vec![];
        for row in db
            .query_all_raw(Statement::from_sql_and_values(backend, sql, [name.into()]))
            .await?
        {
            let (column, kind): (String, String) = (row.try_get_by("name")?, row.try_get_by("kind")?);
            let kind = Type::of_database(&kind).with_context(|| format!("{name}.{column} is a {kind}"))?;
            found.push((column, kind, row.try_get_by::<i64, _>("place")?));
        }
        if found.is_empty() {
            return Err(anyhow!("there is no table {name}").into());
        }
        found.sort_by(|(a, ..), (b, ..)| a.cmp(b));
        let mut key: Vec<_> = found.iter().enumerate().filter(|(_, column)| column.2 > 0).collect();
        key.sort_by_key(|(_, column)| column.2);
        let key = key.into_iter().map(|(at, _)| at).collect();
        let columns = found.into_iter().map(|(name, kind, _)| Column { name, kind });
        Ok(Self {
            name: name.to_owned(),
            columns: columns.collect(),
            key,
        })
    }

    /// The next rows after this one, in the order of the primary key; texts by their bytes.
    ///
    /// # Errors
    /// The database's.
    pub async fn page(&self, db: &impl ConnectionTrait, after: Option<&Row>) -> Result<Vec<Row>> {
        let backend = db.get_database_backend();
        let is_shared = backend == DbBackend::Postgres;
        let columns = self.columns.iter().map(|column| match (is_shared, column.kind) {
            (true, Type::Int) => format!("\"{}\"::bigint", column.name),
            _ => format!("\"{}\"", column.name),
        });
        let key = self.key.iter().map(|at| {
            let column = &self.columns[*at];
            match (is_shared, column.kind) {
                (true, Type::Text) => format!("\"{}\" collate \"C\"", column.name),
                _ => format!("\"{}\"", column.name),
            }
        });
        let (columns, key): (Vec<_>, Vec<_>) = (columns.collect(), key.collect());
        let has_bytes = self.columns.iter().any(|column| column.kind == Type::Bytes);
        let limit = if has_bytes { PAGE_OF_BYTES } else { PAGE };
        let (beyond, values) = match after {
            None => (String::new(), vec![]),
            Some(row) => {
                let places: Vec<_> = (1..=key.len()).map(|place| format!("${place}")).collect();
                let values = self.key.iter().map(|at| row[*at].clone()).collect();
                (format!("where ({}) > ({})", key.join(", "), places.join(", ")), values)
            }
        };
        let sql = format!(
            "select {} from \"{}\" {beyond} order by {} limit {limit}",
            columns.join(", "),
            self.name,
            key.join(", ")
        );
        let rows = db
            .query_all_raw(Statement::from_sql_and_values(backend, sql, values))
            .await?;
        let read = |row: QueryResult| {
            let columns = self.columns.iter().enumerate();
            columns.map(|(at, column)| column.kind.read(&row, at)).collect()
        };
        rows.into_iter().map(read).collect()
    }

    /// Looks at every row, in the same order.
    ///
    /// # Errors
    /// The database's.
    pub async fn each(&self, db: &impl ConnectionTrait, mut look: impl FnMut(Row)) -> Result<()> {
        let mut last = None;
        loop {
            let page = self.page(db, last.as_ref()).await?;
            let Some(row) = page.last() else { return Ok(()) };
            last = Some(row.clone());
            page.into_iter().for_each(&mut look);
        }
    }

    /// Adds rows.
    ///
    /// # Errors
    /// The database's, such as a key that is there already.
    pub async fn insert(&self, db: &impl ConnectionTrait, rows: Vec<Row>) -> Result<()> {
        let columns: Vec<_> = self
            .columns
            .iter()
            .map(|column| format!("\"{}\"", column.name))
            .collect();
        let width = columns.len();
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let part: Vec<Row> = rows.by_ref().take(VALUES / width).collect();
            let places: Vec<_> = (0..part.len())
                .map(|row| {
                    let places: Vec<_> = (1..=width).map(|place| format!("${}", row * width + place)).collect();
                    format!("({})", places.join(", "))
                })
                .collect();
            let sql = format!(
                "insert into \"{}\" ({}) values {}",
                self.name,
                columns.join(", "),
                places.join(", ")
            );
            let values = part.into_iter().flatten();
            db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values))
                .await?;
        }
        Ok(())
    }

    /// Where the column of this name is.
    #[must_use]
    pub fn place(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|known| known.name == column)
    }
}

/// How many rows each of these tables has.
///
/// # Errors
/// The database's.
pub async fn counts(db: &impl ConnectionTrait, names: &[&str]) -> Result<Vec<u64>> {
    let counts = names.iter().map(|name| format!("(select count(*) from \"{name}\")"));
    let sql = format!("select {}", counts.collect::<Vec<_>>().join(", "));
    let query = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(query).await?.context("a query without a row")?;
    let read = |at| Ok(u64::try_from(row.try_get_by::<i64, _>(at)?).unwrap_or_default());
    (0..names.len()).map(read).collect()
}

/// Removes every row of a table.
///
/// # Errors
/// The database's.
pub async fn clear(db: &impl ConnectionTrait, name: &str) -> Result<()> {
    let sql = format!("delete from \"{name}\"");
    db.execute_raw(Statement::from_string(db.get_database_backend(), sql))
        .await?;
    Ok(())
}
