//! Reading a file into tables of its own, where nothing of it can do harm.

use super::{
    check::{Checked, Head, Item, PIECE, Reader},
    export, secrets,
};
use crate::kit::{
    archive::{BackupKeys, Header, Refusal},
    blob::Reading,
    clock::Clock,
    db::{
        self, Mode, Scratch, TENANT_TABLES,
        table::{self, Row, Table},
    },
    error,
    id::TenantId,
    secret::{self, MasterKey},
};
use anyhow::Context;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::TryStreamExt;
use sea_orm::Value;
use serde_json::Value as Json;
use std::path::Path;

/// Rows that are written at once.
const ROWS: usize = 500;

/// Who reads a file.
pub struct By<'a> {
    /// What opens it.
    pub keys: &'a BackupKeys,
    /// Fingerprints of others whose signature is trusted.
    pub trusted: &'a [String],
    /// What its secrets are sealed with here.
    pub master: &'a MasterKey,
    /// For which tenant, if it is not the one that the file is of.
    pub tenant: Option<TenantId>,
    /// The time.
    pub clock: Clock,
}

/// A file that is whole, with the rows it has.
pub struct Loaded {
    /// The rows, in the schema of this version.
    pub scratch: Scratch,
    /// What it is.
    pub checked: Checked,
    /// Whose it is to be.
    pub tenant: TenantId,
}

impl Loaded {
    /// The hashes of the contents that its rows name.
    ///
    /// # Errors
    /// The database's.
    pub async fn contents(&self) -> error::Result<Vec<String>> {
        let mut contents = vec![];
        self.scratch
            .run(Mode::Read, async |tx| {
                let table = Table::describe(tx, "blob").await?;
                let place = table.place("sha256").context("a content without a hash")?;
                let note = |row: Row| {
                    if let Value::String(Some(sha256)) = &row[place] {
                        contents.push(sha256.clone());
                    }
                };
                table.each(tx, note).await
            })
            .await?;
        Ok(contents)
    }
}

/// Reads a file into tables in this directory.
///
/// # Errors
/// A [`Refusal`] if it is not as it should be, and what keeps it from being read.
pub async fn load(by: By<'_>, directory: &Path, mut file: Reading) -> anyhow::Result<Loaded> {
    let mut reader = Reader::new(by.keys, by.trusted);
    let mut loading = None;
    while let Some(part) = file.try_next().await.context("reading the file")? {
        for piece in part.chunks(PIECE) {
            let items = reader.feed(piece)?;
            let opener = reader.opener();
            if let (None, Some(header)) = (&loading, opener.header()) {
                loading = Some(Loading::begin(header, opener.taken(), directory, &by).await?);
            }
            if let Some(loading) = &mut loading {
                loading.take_all(items, opener.taken()).await?;
            }
        }
    }
    let (items, checked) = reader.finish()?;
    let mut loading = loading.context("a file without a header")?;
    loading.take_all(items, checked.opened.size).await?;
    loading
        .scratch
        .migrate()
        .await
        .context("bringing the backup up to date")?;
    Ok(Loaded {
        scratch: loading.scratch,
        checked,
        tenant: loading.tenant,
    })
}

/// A file on its way into tables.
struct Loading<'a> {
    scratch: Scratch,
    tenant: TenantId,
    master: &'a MasterKey,
    table: Option<Table>,
    rows: Vec<Row>,
    /// Bytes of the file that were read.
    at: u64,
}

impl<'a> Loading<'a> {
    async fn begin(header: &Header, at: u64, directory: &Path, by: &By<'a>) -> anyhow::Result<Self> {
        let steps = steps_of(header, at)?;
        let why = "the tenant's id is none";
        let tenant = header.tenant.id.parse().map_err(|_| Refusal::Damaged { at, why })?;
        Ok(Self {
            scratch: Scratch::create(directory, steps, by.clock.clone()).await?,
            tenant: by.tenant.unwrap_or(tenant),
            master: by.master,
            table: None,
            rows: vec![],
            at,
        })
    }

    fn damaged(&self, why: &'static str) -> Refusal {
        Refusal::Damaged { at: self.at, why }
    }

    async fn take_all(&mut self, items: Vec<Item>, at: u64) -> anyhow::Result<()> {
        self.at = at;
        for item in items {
            match item {
                Item::Table(head) => {
                    self.write().await?;
                    self.table = Some(self.described(&head).await?);
                }
                Item::Row(values) => {
                    let row = self.row(&values)?;
                    self.rows.push(row);
                    if self.rows.len() >= ROWS {
                        self.write().await?;
                    }
                }
                Item::File(_) | Item::Data(_) | Item::FileEnd => self.write().await?,
            }
        }
        // What is left is written with what comes, or at the end.
        self.write().await
    }

    /// The table here, which must be what the file says.
    async fn described(&self, head: &Head) -> anyhow::Result<Table> {
        let is_known = TENANT_TABLES.iter().any(|(name, _)| *name == head.name);
        if !is_known {
            return Err(self.damaged("it has a table that its schema has not").into());
        }
        let described = async |tx: &db::SystemTx| {
            // A step of the schema may have made rows.
            table::clear(tx, &head.name).await?;
            Table::describe(tx, &head.name).await
        };
        let table = self.scratch.run(Mode::Write, described).await?;
        match export::columns(&table) == head.columns {
            true => Ok(table),
            false => Err(self.damaged("a table has other columns than its schema says").into()),
        }
    }

    fn row(&self, values: &[Json]) -> anyhow::Result<Row> {
        let table = self.table.as_ref().context("a row of no table")?;
        if values.len() != table.columns.len() {
            return Err(self.damaged("a row has not the columns of its table").into());
        }
        let read = table.columns.iter().zip(values);
        let read = read.map(|(column, value)| column.kind.from_json(value));
        let row = read.collect::<anyhow::Result<Row>>();
        let mut row = row.map_err(|_| self.damaged("a row has a value of another type"))?;
        secrets::seal(self.master, self.tenant, table, &mut row)?;
        Ok(row)
    }

    async fn write(&mut self) -> anyhow::Result<()> {
        let Some(table) = &self.table else { return Ok(()) };
        let rows = std::mem::take(&mut self.rows);
        if !rows.is_empty() {
            let insert = async |tx: &db::SystemTx| table.insert(tx, rows).await;
            self.scratch.run(Mode::Write, insert).await?;
        }
        Ok(())
    }
}

/// How many of our steps the schema of a file has.
fn steps_of(header: &Header, at: u64) -> Result<usize, Refusal> {
    let ours = db::steps();
    let Some(last) = ours.iter().position(|step| *step == header.schema) else {
        return Err(Refusal::Newer);
    };
    let known = secret::hash_of([ours[..=last].join("\n").as_bytes()]);
    match URL_SAFE_NO_PAD.encode(known) == header.steps {
        true => Ok(last + 1),
        false => Err(Refusal::Damaged {
            at,
            why: "its schema has another history",
        }),
    }
}
