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
        table::{Row, Table},
    },
    id::TenantId,
    secret::{self, MasterKey},
};
use anyhow::{Context, anyhow};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::TryStreamExt;
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
    /// The time.
    pub clock: Clock,
}

/// A file that is whole, with the rows it has.
pub struct Loaded {
    /// The rows, in the schema of this version.
    pub scratch: Scratch,
    /// What it is.
    pub checked: Checked,
    /// Whose it is.
    pub tenant: TenantId,
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
            if let (None, Some(header)) = (&loading, reader.opener().header()) {
                loading = Some(Loading::begin(header, directory, &by).await?);
            }
            if let Some(loading) = &mut loading {
                loading.take_all(items).await?;
            }
        }
    }
    let (items, checked) = reader.finish()?;
    let mut loading = loading.context("a file without a header")?;
    loading.take_all(items).await?;
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
}

impl<'a> Loading<'a> {
    async fn begin(header: &Header, directory: &Path, by: &By<'a>) -> anyhow::Result<Self> {
        let steps = steps_of(header)?;
        let tenant = header
            .tenant
            .id
            .parse()
            .map_err(|why| anyhow!("the tenant's id {why}"))?;
        Ok(Self {
            scratch: Scratch::create(directory, steps, by.clock.clone()).await?,
            tenant,
            master: by.master,
            table: None,
            rows: vec![],
        })
    }

    async fn take_all(&mut self, items: Vec<Item>) -> anyhow::Result<()> {
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
        anyhow::ensure!(is_known, "a tenant has no table {}", head.name);
        let table = self
            .scratch
            .run(Mode::Read, async |tx| Table::describe(tx, &head.name).await)
            .await?;
        anyhow::ensure!(
            export::columns(&table) == head.columns,
            "the table {} has other columns",
            head.name
        );
        // A step of the schema may have made rows.
        self.scratch.run(Mode::Write, async |tx| table.clear(tx).await).await?;
        Ok(table)
    }

    fn row(&self, values: &[Json]) -> anyhow::Result<Row> {
        let table = self.table.as_ref().context("a row of no table")?;
        anyhow::ensure!(values.len() == table.columns.len(), "a row of {} is short", table.name);
        let read = table.columns.iter().zip(values);
        let read = read.map(|(column, value)| column.kind.from_json(value));
        let mut row = read.collect::<anyhow::Result<Row>>()?;
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
fn steps_of(header: &Header) -> anyhow::Result<usize> {
    let ours = db::steps();
    let Some(last) = ours.iter().position(|step| *step == header.schema) else {
        return Err(Refusal::Newer.into());
    };
    let known = secret::hash_of([ours[..=last].join("\n").as_bytes()]);
    anyhow::ensure!(
        URL_SAFE_NO_PAD.encode(known) == header.steps,
        "the file has another history of the schema"
    );
    Ok(last + 1)
}
