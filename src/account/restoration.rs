//! A restore that somebody of the tenant asks for.

use super::{
    backup::check,
    restore::{How, Restoring},
};
use crate::{
    backup::{
        self, Report,
        restoration::{self, Source as Origin},
    },
    context::Signed,
    kit::{
        archive::Refusal,
        blob::{Key, Reading},
        db::Tx,
        error::{Code, Error, FieldError, Result},
        form::{FileForm, FilePart, Part},
        id::BackupId,
        outbound::Download,
        request,
    },
    server::Server,
};
use anyhow::Context;
use bytes::Bytes;
use futures_util::{StreamExt, future::BoxFuture};
use poem::http::StatusCode;
use std::{path::Path, time::Duration};
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncWriteExt},
};

/// The longest file that is taken.
const LONGEST: u64 = 20 << 30;
/// Characters of a file's name that are kept.
const NAME: usize = 255;
/// Bytes that are written at once.
const PIECE: usize = 1 << 20;
/// How long another server may take.
const PATIENCE: Duration = Duration::from_hours(1);

/// What came of a restore.
pub struct Restoration {
    /// What the file is called.
    pub filename: String,
    /// What the file says of itself.
    pub source: Origin,
    /// What it does to the tenant.
    pub report: Report,
    /// What was done; nothing was if it was only asked for.
    pub done: Option<backup::Restoration>,
}

/// What a form asks for.
struct Asked {
    source: Source,
    dry_run: Option<bool>,
    how: How,
    trusted: Vec<String>,
}

/// Where the file is.
enum Source {
    /// Here, for a while.
    Local(tempfile::TempDir),
    /// Among the tenant's backups.
    Kept(Key, u64),
}

/// Has a file put in the place of what the tenant has, or says what that would do. `is_dry` is what it does if the form
/// does not say.
///
/// # Errors
/// Why the file is refused, [`Code::BackupOfAnotherPast`], [`Code::Escalation`], [`Code::ReauthenticationRequired`],
/// [`Code::BackupNotFound`], [`Code::BackupNotReady`], [`Code::SourceRefused`], [`Code::SourceFailed`].
pub fn restore(
    caller: Signed,
    server: Server,
    form: FileForm,
    is_dry: bool,
) -> BoxFuture<'static, Result<Restoration>> {
    Box::pin(async move {
        // Before anything is read.
        caller
            .act(async |tx, authority| {
                tx.unchanged();
                check(&caller, tx, &authority).await
            })
            .await?;
        let asked = read(&caller, &server, form).await?;
        let is_dry = asked.dry_run.unwrap_or(is_dry);
        let done = request::at_length(Box::pin(async move {
            let done = Box::pin(run(&caller, &server, &asked, is_dry)).await;
            match done {
                Err(error) if !is_dry => note_failure(&caller, &asked.how.filename, error).await,
                done => done,
            }
        }));
        Box::pin(done).await?
    })
}

/// Keeps that a restore was refused: what it was refused for by roles is kept as a denial.
async fn note_failure(caller: &Signed, filename: &str, error: Error) -> Result<Restoration> {
    let code = error.code();
    if code.status() == StatusCode::FORBIDDEN {
        return Err(error);
    }
    let note = async |tx: &Tx| {
        restoration::fail(tx, filename, &caller.me.name, code).await?;
        Ok(Err(error))
    };
    caller.run_keeping_refusal(note).await
}

async fn run(caller: &Signed, server: &Server, asked: &Asked, is_dry: bool) -> Result<Restoration> {
    let open = async || match &asked.source {
        Source::Local(directory) => local(&directory.path().join("file")).await,
        Source::Kept(key, size) => server.files.get(key, 0..*size).await,
    };
    let trusted = &asked.trusted;
    let read = Restoring::read(
        &caller.services,
        &*server.files,
        trusted,
        open().await?,
        asked.how.clone(),
    )
    .await;
    let restoring = read.map_err(refused)?;
    // Before anything of it is kept: what is another tenant's is no business of this one.
    if restoring.loaded().tenant != caller.tenant.id {
        return Err(Code::BackupOfAnotherPast.into());
    }
    // All that nobody has to wait for.
    let (past, report) = caller
        .read(async |tx| {
            let past = restoring.past(tx).await?;
            Ok((past, backup::report(tx, restoring.loaded()).await?))
        })
        .await?;
    let ready = if is_dry {
        None
    } else {
        let contents = restoring.put_contents(open().await?).await.map_err(refused)?;
        let before = restoring.keep_before(caller.tenant.clone()).await?;
        Some((contents, before))
    };
    let done = caller
        .act(async |tx: &Tx, authority| {
            check(caller, tx, &authority).await?;
            let Some((contents, before)) = &ready else {
                return Ok(None);
            };
            let to = (contents, &*caller.tenant_url());
            let rows = restoring.put_rows(tx, Some(&past), to).await?;
            let done = restoring.record(tx, Some(&caller.me.name), (rows, contents), Some(before));
            done.await.map(Some)
        })
        .await?;
    Ok(Restoration {
        filename: asked.how.filename.clone(),
        source: Origin::of(&restoring.loaded().checked),
        report,
        done,
    })
}

/// Why a file is refused, as the wire has it.
pub(super) fn refused(error: anyhow::Error) -> Error {
    let Some(refusal) = error.downcast_ref::<Refusal>() else {
        return match error.downcast::<Error>() {
            Ok(error) => error,
            Err(error) => Error::Internal(error),
        };
    };
    let (code, field) = match refusal {
        Refusal::NotABackup => (Code::NotABackup, None),
        Refusal::Newer => (Code::BackupNewer, None),
        Refusal::Foreign => (Code::BackupForeign, None),
        Refusal::SignerUnknown(fingerprint) => (Code::BackupSignerUnknown, Some(("signer", fingerprint.clone()))),
        Refusal::Damaged { at, why } => (Code::BackupDamaged, Some(("file", format!("{why}, at byte {at}")))),
    };
    let fields = field.map(|(name, detail)| FieldError::new(name, "value", detail));
    Error::Explained {
        code,
        fields: fields.into_iter().collect(),
    }
}

async fn read(caller: &Signed, server: &Server, mut form: FileForm) -> Result<Asked> {
    let (mut source, mut dry_run, mut how, mut trusted) = (None, None, How::default(), vec![]);
    if form.says_more_than(LONGEST) {
        return Err(Code::TooLarge.into());
    }
    while let Some(part) = form.next().await? {
        match part {
            Part::File(part) if source.is_none() => source = Some(uploaded(part).await?),
            Part::File(_) => return Err(Error::field("file", "value", "may be sent only once")),
            Part::Text(name, text) => match (name.as_str(), text.trim()) {
                (_, "") => {}
                ("dryRun", text) => dry_run = Some(yes_or_no("dryRun", text)?),
                ("keepSessions", text) => how.keeps_sessions = yes_or_no("keepSessions", text)?,
                ("trustSigner", fingerprint) => trusted.push(fingerprint.to_owned()),
                // The first of these that is there.
                (_, _) if source.is_some() => {}
                ("downloadUrl", url) => source = Some(fetched(server, url).await?),
                ("backupName", name) => source = Some(kept(caller, name, false).await?),
                ("filename", name) => source = Some(kept(caller, name, true).await?),
                _ => {}
            },
        }
    }
    let source = source.ok_or_else(|| Error::field("file", "required", "is required, or another source"))?;
    let (filename, source) = source;
    how.filename = filename;
    Ok(Asked {
        source,
        dry_run,
        how,
        trusted,
    })
}

fn yes_or_no(name: &'static str, text: &str) -> Result<bool> {
    text.parse()
        .map_err(|_| Error::field(name, "value", "must be true or false"))
}

/// A backup that the server keeps, by its name or by that of its file.
async fn kept(caller: &Signed, name: &str, is_file: bool) -> Result<(String, Source)> {
    let find = async |tx: &Tx| {
        if is_file {
            return backup::get_by_filename(tx, name).await;
        }
        let id: BackupId = name.parse().map_err(|_| Code::BackupNotFound)?;
        backup::get(tx, id).await
    };
    let found = caller.read(find).await?;
    let (size, _) = found.file()?;
    let key = Key::of_backup(caller.tenant.id, found.id());
    Ok((found.filename().to_owned(), Source::Kept(key, size)))
}

/// A place for a file that comes.
async fn place() -> Result<(tempfile::TempDir, File)> {
    let made = async {
        let directory = tempfile::Builder::new().prefix("tenantry-restore-").tempdir()?;
        let file = File::create(directory.path().join("file")).await?;
        std::io::Result::Ok((directory, file))
    };
    Ok(made.await.context("making room for a file")?)
}

async fn uploaded(mut part: FilePart) -> Result<(String, Source)> {
    let (directory, mut file) = place().await?;
    part.admit(LONGEST);
    loop {
        let bytes = part.read(PIECE).await?;
        file.write_all(&bytes).await.context("keeping an upload")?;
        if bytes.len() < PIECE {
            break;
        }
    }
    file.flush().await.context("keeping an upload")?;
    Ok((part.name, Source::Local(directory)))
}

async fn fetched(server: &Server, url: &str) -> Result<(String, Source)> {
    server.outbound.check(url).map_err(|_| Code::SourceRefused)?;
    let failed = |failure: crate::kit::failure::Failure| {
        tracing::info!(error = failure.error, "a backup was not fetched");
        match failure.permanent {
            true => Code::SourceRefused,
            false => Code::SourceFailed,
        }
    };
    let mut download: Download = server.outbound.download(url, PATIENCE).await.map_err(failed)?;
    let (directory, mut file) = place().await?;
    let mut length = 0;
    while let Some(bytes) = download.next().await.map_err(failed)? {
        length += bytes.len() as u64;
        if length > LONGEST {
            return Err(Code::TooLarge.into());
        }
        file.write_all(&bytes).await.context("keeping a download")?;
    }
    file.flush().await.context("keeping a download")?;
    // What stands behind it may be a secret.
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    Ok((name.chars().take(NAME).collect(), Source::Local(directory)))
}

/// A local file, part by part.
///
/// # Errors
/// It cannot be opened.
pub async fn local(path: &Path) -> Result<Reading> {
    let file = File::open(path).await;
    let file = file.with_context(|| format!("opening {}", path.display()))?;
    let parts = futures_util::stream::try_unfold(file, |mut file| async move {
        let mut part = vec![0; 1 << 16];
        let read = file.read(&mut part).await?;
        part.truncate(read);
        Ok((read > 0).then(|| (Bytes::from(part), file)))
    });
    Ok(parts.boxed())
}
