//! `tenantry backup` and `tenantry restore`: a tenant into a file, and out of one.

use super::{InTenant, in_words, say};
use crate::{
    account::{How, Restoring, local},
    backup::{self, Checked},
    context::Operator,
    kit::{
        archive::{BackupKeys, Refusal},
        blob::Writer,
        db::Tx,
        error::Result as Done,
        page::Timeline,
        text::TenantName,
    },
    server::Server,
    tenant,
};
use anyhow::Context;
use async_trait::async_trait;
use bytes::Bytes;
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};
use tokio::{fs::File, io::AsyncWriteExt};

#[derive(Debug, Subcommand)]
pub(super) enum BackupCommand {
    /// Write a tenant, as it is at this moment, into a file; a server may go on meanwhile
    Create(CreateBackup),
    /// List the backups that the server keeps
    List {
        #[command(flatten)]
        tenant: InTenant,
    },
    /// Read a file to its end: whether it is whole, as it was made, and by whom
    Verify(OfFile),
    /// Show who may open and sign backups of this instance
    Key,
}

#[derive(Debug, Args)]
pub(super) struct CreateBackup {
    #[command(flatten)]
    tenant: InTenant,
    /// The file, or the directory it is to be in
    #[arg(long, value_name = "PATH", default_value = ".")]
    to: PathBuf,
    /// Leave out the files that the tenant keeps
    #[arg(long)]
    without_files: bool,
}

/// A file that is read.
#[derive(Debug, Args)]
pub(super) struct OfFile {
    /// The file
    file: PathBuf,
    /// The fingerprint of another instance whose signature is trusted
    #[arg(long, value_name = "SHA256:…")]
    trust: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct Restore {
    #[command(flatten)]
    of: OfFile,
    /// Make it a tenant of this name, which is not there yet: a copy with an id, keys and a history of its own
    #[arg(long = "as", value_name = "NAME")]
    copy: Option<TenantName>,
    /// Let people stay signed in: in its own place those who are now, elsewhere those of the file
    #[arg(long, conflicts_with = "copy")]
    keep_sessions: bool,
    /// Do it; without this the file is only read, and shown
    #[arg(long)]
    yes: bool,
}

impl BackupCommand {
    pub(super) async fn run(self, server: &Server) -> anyhow::Result<()> {
        match self {
            Self::Create(create) => create.run(server).await,
            Self::List { tenant } => {
                let tenant = tenant.find(server).await?;
                let list = async |tx: &Tx| backup::list(tx, &[], &Timeline::newest()).await;
                let listed = Operator::new(&server.services, tenant.id).read(list).await;
                for backup in listed.map_err(in_words)?.items {
                    let size = backup.file().map_or("-".to_owned(), |(size, _)| size.to_string());
                    say(format!("{}  {size:>12}  {}", backup.id(), backup.filename()))?;
                }
                Ok(())
            }
            Self::Verify(of) => {
                let keys = BackupKeys::of(&server.services.master);
                let checked = backup::check(&keys, &of.trust, local(&of.file).await?).await;
                show(&checked.map_err(refused)?)
            }
            Self::Key => {
                let keys = BackupKeys::of(&server.services.master);
                say(format!("Signs as {}", keys.signer().fingerprint))?;
                say(format!("Opens    {}", keys.id()))
            }
        }
    }
}

impl CreateBackup {
    async fn run(self, server: &Server) -> anyhow::Result<()> {
        let tenant = self.tenant.find(server).await?;
        let snapshot = async |tx: &Tx| tx.snapshot().await;
        let snapshot = Operator::new(&server.services, tenant.id).read(snapshot).await?;
        let name = backup::filename(&tenant.name, server.services.clock.now());
        let path = match self.to.is_dir() {
            true => self.to.join(name),
            false => self.to,
        };
        let file = LocalFile::create(&path).await?;
        let include_files = !self.without_files;
        let parts = (&server.services, &*server.files);
        let made = backup::export_alone(parts, tenant, snapshot, include_files, Box::new(file)).await;
        let made = made.map_err(in_words)?;
        say(format!(
            "{}: {} rows, {} files, {} bytes",
            path.display(),
            made.rows,
            made.files,
            made.size
        ))?;
        say(format!("SHA-256 {}", made.sha256))
    }
}

impl Restore {
    pub(super) async fn run(self, server: &Server) -> anyhow::Result<()> {
        let OfFile { file, trust } = &self.of;
        if let Some(name) = &self.copy {
            tenant::check_new_name(name).map_err(in_words)?;
        }
        let filename = file.file_name().unwrap_or_default().to_string_lossy();
        let how = How {
            filename: filename.into_owned(),
            copy: self.copy,
            keeps_sessions: self.keep_sessions,
            undoes: false,
        };
        let read = Restoring::read(&server.services, &*server.files, trust, local(file).await?, how).await;
        let restoring = read.map_err(refused)?;
        show(&restoring.loaded().checked)?;
        if !self.yes {
            return say("Nothing was changed. Add --yes to put this in the place of what the tenant has.");
        }
        let restored = restoring.put(local(file).await?).await?;
        say(format!(
            "Restored: {} rows, {} files.{}",
            restored.rows,
            restored.files,
            if self.keep_sessions {
                ""
            } else {
                " Everybody signs in again."
            }
        ))
    }
}

/// What a file is.
fn show(checked: &Checked) -> anyhow::Result<()> {
    let header = &checked.opened.header;
    let (of, manifest) = (&header.tenant, &checked.manifest);
    say(format!("Tenant     {} ({}, {})", of.name, of.display_name, of.id))?;
    say(format!("As it was  {}", checked.begin.snapshot_at))?;
    say(format!(
        "Made by    {} {}",
        header.instance.public_url, header.signer.fingerprint
    ))?;
    say(format!(
        "With       version {}, {}, schema {}",
        header.server, header.database, header.schema
    ))?;
    say(format!("Audit head {}", checked.begin.audit_head))?;
    for table in manifest.tables.iter().filter(|table| table.rows > 0) {
        say(format!("  {:<24} {:>9}  {}", table.name, table.rows, table.sha256))?;
    }
    say(format!(
        "  {:<24} {:>9}  {} bytes",
        "files", manifest.files, manifest.bytes
    ))
}

fn refused(error: anyhow::Error) -> anyhow::Error {
    match error.downcast_ref::<Refusal>() {
        Some(Refusal::SignerUnknown(fingerprint)) => {
            let hint = format!("--trust {fingerprint} trusts whoever made it with all that is in it");
            error.context(hint)
        }
        _ => error,
    }
}

/// A local file that is being written. It is not there before it is finished.
struct LocalFile {
    file: File,
    part: PathBuf,
    path: PathBuf,
}

impl LocalFile {
    async fn create(path: &Path) -> anyhow::Result<Self> {
        let part = path.with_added_extension("part");
        let mut options = tokio::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        options.mode(0o600);
        let file = options.open(&part).await;
        Ok(Self {
            file: file.with_context(|| format!("writing {}", part.display()))?,
            part,
            path: path.to_owned(),
        })
    }
}

#[async_trait]
impl Writer for LocalFile {
    async fn write(&mut self, part: Bytes) -> Done<()> {
        self.file.write_all(&part).await.map_err(anyhow::Error::from)?;
        Ok(())
    }

    async fn finish(&mut self) -> Done<()> {
        let Self { file, part, path } = self;
        let finished = async {
            file.sync_all().await?;
            tokio::fs::rename(part, &path).await?;
            let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
            File::open(directory.unwrap_or(Path::new("."))).await?.sync_all().await
        };
        finished.await.map_err(anyhow::Error::from)?;
        Ok(())
    }

    async fn abort(&mut self) -> Done<()> {
        tokio::fs::remove_file(&self.part).await.map_err(anyhow::Error::from)?;
        Ok(())
    }
}
