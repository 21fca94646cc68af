//! `tenantry user import` and `tenantry user export`: users out of a file, and into one.

use super::{InTenant, in_words, say};
use crate::{
    access::Authority,
    context::Operator,
    kit::{
        blob::Hash,
        db::Tx,
        error::{Error, Result as Done},
        id::UserImportId,
        page::{Page, Timeline},
        selector::Direction,
    },
    server::Server,
    tenant::Tenant,
    user::UserQuery,
    user_export::{self, How},
    user_import::{self, Format, HashConfig, NewUserImport, PIECE, Source, UserImport},
};
use anyhow::{Context, bail};
use async_trait::async_trait;
use clap::Args;
use serde_json::{Value, json};
use std::{
    io::{SeekFrom, Write},
    path::PathBuf,
};
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt},
};

#[derive(Debug, Args)]
pub(super) struct ImportUsers {
    /// The file
    file: PathBuf,
    /// What it is like: csv, jsonl, keycloak, auth0, firebase or halo; by its name if not given
    #[arg(long)]
    format: Option<Format>,
    /// Do nothing, and say what would be done
    #[arg(long)]
    dry_run: bool,
    /// A file with the parameters of the hashes, as the console of Firebase shows them
    #[arg(long, value_name = "FILE")]
    hash_config: Option<PathBuf>,
    #[command(flatten)]
    tenant: InTenant,
}

#[derive(Debug, Args)]
pub(super) struct ExportUsers {
    /// What is written: jsonl or csv
    #[arg(long, default_value = "jsonl", value_parser = ["jsonl", "csv"])]
    format: String,
    /// With the hashes of passwords, which let whoever has them try passwords
    #[arg(long)]
    with_hashes: bool,
    #[command(flatten)]
    tenant: InTenant,
}

/// A file of this machine.
struct Local(PathBuf);

#[async_trait]
impl Source for Local {
    async fn piece(&self, number: u64) -> Done<Vec<u8>> {
        let read = async {
            let mut file = File::open(&self.0).await?;
            file.seek(SeekFrom::Start(number * PIECE as u64)).await?;
            let mut piece = vec![];
            file.take(PIECE as u64).read_to_end(&mut piece).await?;
            std::io::Result::Ok(piece)
        };
        Ok(read.await.context("reading the file")?)
    }
}

/// An import, and what its file is read by.
struct Importing<'a> {
    operator: Operator<'a>,
    server: &'a Server,
    source: Local,
    format: Format,
    hash_config: Option<HashConfig>,
}

impl ImportUsers {
    pub(super) async fn run(self, server: &Server) -> anyhow::Result<()> {
        let tenant = self.tenant.find(server).await?;
        let name = self.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let format = self.format.or_else(|| Format::of_file(&name));
        let format = format.context("--format is needed: the name of the file does not tell")?;
        let hash_config = self.hash_config.as_deref().map(std::fs::read_to_string).transpose();
        let hash_config = hash_config.context("reading the parameters of the hashes")?;
        let parsed = hash_config.as_deref().map(str::parse).transpose();
        let source = Local(self.file);
        let (size, sha256) = measure(&source).await?;
        let importing = Importing {
            operator: Operator::new(&server.services, tenant.id),
            server,
            hash_config: parsed.map_err(|why: &str| anyhow::anyhow!("the file of parameters {why}"))?,
            source,
            format,
        };
        let new = NewUserImport {
            id: UserImportId::new(server.services.clock.now()),
            filename: name,
            format,
            dry_run: self.dry_run,
            hash_config,
            size,
            sha256,
        };
        let done = importing.run(new).await?;
        importing.tell(&done, self.dry_run).await
    }
}

async fn measure(source: &Local) -> anyhow::Result<(u64, String)> {
    let (mut size, mut hash) = (0, Hash::default());
    for number in 0.. {
        let piece = source.piece(number).await.map_err(in_words)?;
        size += piece.len() as u64;
        hash.update(&piece);
        if piece.len() < PIECE {
            break;
        }
    }
    Ok((size, hash.finish()))
}

impl Importing<'_> {
    async fn run(&self, new: NewUserImport) -> anyhow::Result<UserImport> {
        let (id, master) = (new.id, &self.server.services.master);
        let begin = async |tx: &Tx, authority: Authority| user_import::begin(tx, master, &authority, new).await;
        let mut import = self.act(id, begin).await?;
        loop {
            let how = (self.format, self.hash_config.as_ref());
            let chunk = match user_import::read(&self.source, how, import.position()?).await {
                Ok(chunk) => chunk,
                Err(error) => {
                    let why = error.message();
                    let fail = async |tx: &Tx, _: Authority| user_import::fail(tx, import, why).await;
                    self.act(id, fail).await?;
                    return Err(match error {
                        Error::Invalid(fields) => {
                            let each = fields.iter().map(|wrong| format!("{} {}", wrong.field, wrong.detail));
                            anyhow::anyhow!("the {}", each.collect::<Vec<_>>().join("; "))
                        }
                        other => in_words(other),
                    });
                }
            };
            let is_last = chunk.is_last;
            let advance =
                async |tx: &Tx, authority: Authority| user_import::advance(tx, master, &authority, import, chunk).await;
            import = self.act(id, advance).await?;
            let (created, unchanged, rejected) = import.counts();
            let rows = created + unchanged + rejected;
            let _ = write!(std::io::stderr(), "\r{rows} rows");
            if is_last {
                let _ = writeln!(std::io::stderr());
                return Ok(import);
            }
        }
    }

    async fn act(
        &self,
        id: UserImportId,
        act: impl AsyncFnOnce(&Tx, Authority) -> Done<UserImport>,
    ) -> anyhow::Result<UserImport> {
        let done = self.operator.act("user-imports:create", &id.to_string(), act).await;
        done.map_err(in_words)
    }

    /// Says what came of it, and what is wrong with each row that was rejected.
    async fn tell(&self, import: &UserImport, dry_run: bool) -> anyhow::Result<()> {
        let mut cursor = None;
        loop {
            let page = Page::new(None, Some(Page::MAX_SIZE)).map_err(in_words)?;
            let timeline = Timeline::new(page, cursor, Some(Direction::Ascending));
            let list = async |tx: &Tx| user_import::rejections(tx, import.id(), &[], &timeline).await;
            let listed = self.operator.read(list).await.map_err(in_words)?;
            for wrong in listed.items {
                let field = wrong.field.map(|field| format!(" {field}")).unwrap_or_default();
                say(format!(
                    "row {}:{field} {} ({})",
                    wrong.place, wrong.message, wrong.code
                ))?;
            }
            cursor = listed.next;
            if cursor.is_none() {
                break;
            }
        }
        let (created, unchanged, rejected) = import.counts();
        let would = if dry_run { "would be " } else { "" };
        say(format!(
            "{created} {would}created, {unchanged} unchanged, {rejected} rejected."
        ))?;
        match rejected {
            0 => Ok(()),
            rejected => bail!("{rejected} rows were rejected"),
        }
    }
}

impl ExportUsers {
    pub(super) async fn run(self, server: &Server) -> anyhow::Result<()> {
        let tenant: Tenant = self.tenant.find(server).await?;
        let operator = Operator::new(&server.services, tenant.id);
        let how = How {
            is_table: self.format == "csv",
            with_hashes: self.with_hashes,
        };
        let action = match how.with_hashes {
            true => "user-exports/hashes:get",
            false => "user-exports:get",
        };
        let said = json!({ "csv": how.is_table, "withHashes": how.with_hashes });
        let note = async |tx: &Tx| {
            tx.changed("user-export", &"-", Value::Null, said);
            Ok(())
        };
        operator.write(action, "-", note).await.map_err(in_words)?;
        write(&how.head())?;
        let mut query = user_export::in_order(UserQuery::default());
        loop {
            let page = async |tx: &Tx| user_export::page(tx, &query, how, &[]).await;
            let (text, next) = operator.read(page).await.map_err(in_words)?;
            write(&text)?;
            query.cursor = next;
            if query.cursor.is_none() {
                return Ok(());
            }
        }
    }
}

fn write(text: &[u8]) -> anyhow::Result<()> {
    std::io::stdout().write_all(text).context("writing to standard output")
}
