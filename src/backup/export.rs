//! Writing the file: a snapshot of the tenant's rows, and then its files, which never change.

use super::{
    check::{Begin, FileHead, Head, HeadColumn, Manifest, TableEnd},
    restoration::Before,
    secrets,
};
use crate::{
    audit,
    context::Services,
    kit::{
        archive::{BackupKeys, FileKey, Header, Instance, Kind, Recipient, Sealer, Whose, record_head},
        blob::{Hash, Key, Pieces, Store, Writer},
        db::{
            self, Fate, TENANT_TABLES, Tx,
            table::{Row, Table},
        },
        error::Result,
        id::BackupId,
        secret::{self, MasterKey},
        time::Timestamp,
    },
    tenant::Tenant,
};
use anyhow::Context;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use sea_orm::{ConnectionTrait, DbBackend, Value};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Bytes of a file in one record.
const DATA: usize = 1 << 20;

/// How far it is: rows and files that are written.
#[derive(Debug, Default)]
pub(super) struct Progress {
    pub(super) done: AtomicU64,
    /// The place of what is being written, among the tables; behind them are the files.
    pub(super) step: AtomicU64,
}

impl Progress {
    /// What is being written.
    pub(super) fn step(&self) -> &'static str {
        let at = usize::try_from(self.step.load(Ordering::Relaxed)).unwrap_or(usize::MAX);
        TENANT_TABLES.get(at).map_or("files", |(name, _)| name)
    }
}

/// What a backup is made of.
pub(super) struct Source {
    pub(super) id: BackupId,
    pub(super) tenant: Tenant,
    pub(super) public_url: String,
    pub(super) recipients: Vec<Recipient>,
    pub(super) include_files: bool,
    pub(super) created_at: DateTime<Utc>,
    /// The tenant at one moment.
    pub(super) snapshot: Tx,
    pub(super) progress: Arc<Progress>,
}

impl Source {
    /// Of a tenant whose backup no job makes.
    fn alone(services: &Services, (id, tenant): (BackupId, Tenant), snapshot: Tx, include_files: bool) -> Self {
        let keys = BackupKeys::of(&services.master);
        Self {
            id,
            public_url: services.urls.of(&tenant),
            tenant,
            recipients: vec![keys.recipient(&id.to_string(), &FileKey::generate())],
            include_files,
            created_at: snapshot.now,
            snapshot,
            progress: Arc::default(),
        }
    }
}

/// What was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Bytes of the file.
    pub size: u64,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// Rows in it.
    pub rows: u64,
    /// Files in it.
    pub files: u64,
    /// The head of the audit trail.
    pub audit_head: String,
}

/// Writes a backup into the store.
///
/// # Errors
/// A secret that does not open, a trail that is not as it was written, the database's and the store's.
pub(super) async fn export(source: Source, (files, master): (&dyn Store, &MasterKey)) -> Result<Made> {
    let key = Key::of_backup(source.tenant.id, source.id);
    let writer = files.write(&key).await?;
    export_to(source, (files, master), writer).await
}

/// Writes what a tenant has before a restore into the store, under this id.
///
/// # Errors
/// A secret that does not open, a trail that is not as it was written, the database's and the store's.
pub async fn export_before(
    (services, files): (&Services, &dyn Store),
    (id, tenant): (BackupId, Tenant),
    snapshot: Tx,
) -> Result<Before> {
    let (name, at) = (tenant.name.to_string(), snapshot.now);
    let source = Source::alone(services, (id, tenant), snapshot, true);
    let made = export(source, (files, &services.master)).await?;
    Ok(Before {
        id,
        tenant: name,
        at,
        made,
    })
}

/// The same, of a tenant, to where an operator wants it.
///
/// # Errors
/// A secret that does not open, a trail that is not as it was written, the database's, the store's and the writer's.
pub async fn export_alone(
    (services, files): (&Services, &dyn Store),
    tenant: Tenant,
    snapshot: Tx,
    include_files: bool,
    writer: Box<dyn Writer>,
) -> Result<Made> {
    let id = BackupId::new(snapshot.now);
    let source = Source::alone(services, (id, tenant), snapshot, include_files);
    export_to(source, (files, &services.master), writer).await
}

async fn export_to(source: Source, (files, master): (&dyn Store, &MasterKey), writer: Box<dyn Writer>) -> Result<Made> {
    let mut pieces = Pieces::of(writer);
    let made = write(source, (files, master), &BackupKeys::of(master), &mut pieces).await;
    if made.is_err() {
        pieces.abort().await;
    }
    made
}

async fn write(
    source: Source,
    (files, master): (&dyn Store, &MasterKey),
    keys: &BackupKeys,
    pieces: &mut Pieces,
) -> Result<Made> {
    let file = keys.open(&source.id.to_string(), &source.recipients);
    let file = file.context("the key of the backup does not open with the master key")?;
    let mut out = Out::begin(&source, &file, keys, pieces)?;
    let verdict = audit::verify(&source.snapshot, master, None).await?;
    if !verdict.is_intact() {
        return Err(anyhow::anyhow!("the audit trail is not as it was written: {verdict:?}").into());
    }
    let begin = Begin {
        audit_head: verdict.head.clone(),
        bounce_key: URL_SAFE_NO_PAD.encode(source.tenant.bounce_key),
        snapshot_at: Timestamp(source.snapshot.now).to_string(),
    };
    out.record(Kind::Begin, &json(&begin)?).await?;
    let mut contents = vec![];
    for (at, (name, fate)) in TENANT_TABLES.iter().enumerate() {
        if matches!(fate, Fate::Carried | Fate::Recorded | Fate::Sessions) {
            source.progress.step.store(at as u64, Ordering::Relaxed);
            out.table(&source, master, name, &mut contents).await?;
        }
    }
    source.progress.step.store(u64::MAX, Ordering::Relaxed);
    let Source {
        tenant,
        include_files,
        snapshot,
        progress,
        ..
    } = source;
    // The files never change, so nobody has to wait for them.
    drop(snapshot);
    if include_files {
        for content in contents {
            out.file(files, Key::of_content(tenant.id, &content.sha256), content)
                .await?;
            progress.done.fetch_add(1, Ordering::Relaxed);
        }
    }
    out.end(verdict.head).await
}

/// The file on its way into the store.
struct Out<'a> {
    sealer: Sealer<'a>,
    pieces: &'a mut Pieces,
    rows: u64,
    manifest: Manifest,
}

impl<'a> Out<'a> {
    fn begin(source: &Source, file: &FileKey, keys: &'a BackupKeys, pieces: &'a mut Pieces) -> Result<Self> {
        let header = header(source, keys);
        Ok(Self {
            sealer: Sealer::new(&header, file, keys)?,
            pieces,
            rows: 0,
            manifest: Manifest::default(),
        })
    }

    async fn record(&mut self, kind: Kind, body: &[u8]) -> Result<()> {
        self.sealer.record(kind, body)?;
        let sealed = self.sealer.take();
        self.pieces.add(&sealed).await
    }

    /// Adds a table, and notes the contents that its rows name.
    async fn table(
        &mut self,
        source: &Source,
        master: &MasterKey,
        name: &str,
        contents: &mut Vec<FileHead>,
    ) -> Result<()> {
        let tx = &source.snapshot;
        let table = Table::describe(tx, name).await?;
        let head = Head {
            columns: columns(&table),
            name: name.to_owned(),
        };
        self.record(Kind::Table, &json(&head)?).await?;
        let mut end = TableEnd {
            name: name.to_owned(),
            rows: 0,
            sha256: String::new(),
        };
        let (mut hash, mut last) = (Hash::default(), None);
        loop {
            let page = table.page(tx, last.as_ref()).await?;
            let Some(row) = page.last() else { break };
            last = Some(row.clone());
            for mut row in page {
                contents.extend(content(&table, &row));
                secrets::open(master, source.tenant.id, &table, &mut row)?;
                let body = row_body(&table, row)?;
                hash.update(&record_head(Kind::Row, body.len()));
                hash.update(&body);
                self.record(Kind::Row, &body).await?;
                end.rows += 1;
                source.progress.done.fetch_add(1, Ordering::Relaxed);
            }
        }
        end.sha256 = hash.finish();
        self.record(Kind::TableEnd, &json(&end)?).await?;
        self.rows += end.rows;
        self.manifest.tables.push(end);
        Ok(())
    }

    /// Adds what is kept in the store.
    async fn file(&mut self, files: &dyn Store, key: Key, head: FileHead) -> Result<()> {
        self.record(Kind::File, &json(&head)?).await?;
        let mut parts = files.get(&key, 0..head.size).await?;
        let mut read = 0;
        while let Some(part) = parts.try_next().await.map_err(anyhow::Error::from)? {
            read += part.len() as u64;
            for data in part.chunks(DATA) {
                self.record(Kind::FileData, data).await?;
            }
        }
        if read != head.size {
            return Err(anyhow::anyhow!("{key} has {read} bytes instead of {}", head.size).into());
        }
        self.record(Kind::FileEnd, b"").await?;
        self.manifest.files += 1;
        self.manifest.bytes += read;
        Ok(())
    }

    async fn end(mut self, audit_head: String) -> Result<Made> {
        self.manifest.audit_head = audit_head;
        let manifest = json(&self.manifest)?;
        self.record(Kind::Manifest, &manifest).await?;
        let last = self.sealer.finish()?;
        self.pieces.add(&last).await?;
        let (sha256, size) = self.pieces.finish().await?;
        Ok(Made {
            size,
            sha256,
            rows: self.rows,
            files: self.manifest.files,
            audit_head: self.manifest.audit_head,
        })
    }
}

fn header(source: &Source, keys: &BackupKeys) -> Header {
    let steps = db::steps();
    let database = match source.snapshot.get_database_backend() {
        DbBackend::Postgres => "postgres",
        _ => "sqlite",
    };
    Header {
        created_at: Timestamp(source.created_at).to_string(),
        database: database.to_owned(),
        id: source.id.to_string(),
        instance: Instance {
            public_url: source.public_url.clone(),
        },
        recipients: source.recipients.clone(),
        schema: steps.last().cloned().unwrap_or_default(),
        server: env!("CARGO_PKG_VERSION").to_owned(),
        signer: keys.signer(),
        steps: URL_SAFE_NO_PAD.encode(secret::hash_of([steps.join("\n").as_bytes()])),
        tenant: Whose {
            display_name: source.tenant.display_name.to_string(),
            id: source.tenant.id.to_string(),
            name: source.tenant.name.to_string(),
        },
    }
}

fn json(value: &impl serde::Serialize) -> Result<Vec<u8>> {
    Ok(serde_json::to_vec(value).map_err(anyhow::Error::from)?)
}

/// The columns of a table, as a file names them.
pub(super) fn columns(table: &Table) -> Vec<HeadColumn> {
    let columns = table.columns.iter().map(|column| HeadColumn {
        name: column.name.clone(),
        kind: match secrets::is_sealed(&table.name, &column.name) {
            true => "secret",
            false => column.kind.name(),
        }
        .to_owned(),
    });
    columns.collect()
}

fn row_body(table: &Table, row: Row) -> Result<Vec<u8>> {
    let values = table.columns.iter().zip(row);
    let values: Vec<_> = values.map(|(column, value)| column.kind.to_json(value)).collect();
    json(&values)
}

/// The content in the store that a row says is there.
fn content(table: &Table, row: &Row) -> Option<FileHead> {
    if table.name != "blob" {
        return None;
    }
    let value = |column| table.place(column).and_then(|at| row.get(at));
    match (value("sha256"), value("size")) {
        (Some(Value::String(Some(sha256))), Some(Value::BigInt(Some(size)))) => Some(FileHead {
            sha256: sha256.clone(),
            size: u64::try_from(*size).unwrap_or_default(),
        }),
        _ => None,
    }
}
