//! A file with users on its way in.

use crate::{
    context::Signed,
    kit::{
        blob::{Hash, Key, Pieces},
        error::{Code, Error, Result},
        form::{FileForm, FilePart, Part},
        id::UserImportId,
    },
    server::Server,
    user_import::{self, Format, HashConfig, LONGEST, NewUserImport, PIECE, UserImport},
};
use futures_util::future::BoxFuture;

/// What a form says besides its file.
#[derive(Default)]
struct Said {
    format: Option<Format>,
    dry_run: bool,
    hash_config: Option<String>,
}

/// A file that is in the store.
struct Kept {
    name: String,
    size: u64,
    sha256: String,
}

/// Has the users of a form's file imported.
///
/// # Errors
/// [`Code::TooLarge`], [`Code::UserImportRunning`], [`Code::FilesUnavailable`], [`Error::Invalid`].
pub fn import_users<'a>(caller: &'a Signed, server: &'a Server, form: FileForm) -> BoxFuture<'a, Result<UserImport>> {
    Box::pin(import(caller, server, form))
}

async fn import(caller: &Signed, server: &Server, mut form: FileForm) -> Result<UserImport> {
    if let Some(conditions) = &caller.peer.preconditions {
        conditions.check(None, None)?;
    }
    if form.says_more_than(LONGEST) {
        return Err(Code::TooLarge.into());
    }
    let id = caller.write_unaudited(async |tx| user_import::expect(tx).await).await?;
    let made = async {
        let (said, kept) = read(caller, server, id, &mut form).await?;
        let format = said.format.or_else(|| Format::of_file(&kept.name));
        let new = NewUserImport {
            id,
            format: format
                .ok_or_else(|| Error::field("format", "required", "is required: the file's name does not tell"))?,
            filename: kept.name,
            dry_run: said.dry_run,
            hash_config: said.hash_config,
            size: kept.size,
            sha256: kept.sha256,
        };
        let master = &caller.services.master;
        caller
            .act(async |tx, authority| user_import::create(tx, master, &authority, new).await)
            .await
    };
    let made = made.await;
    if made.is_err() {
        // If that fails, too, it is removed in a day.
        let _ = server.files.delete(&Key::of_user_import(caller.tenant.id, id)).await;
    }
    made
}

async fn read(caller: &Signed, server: &Server, id: UserImportId, form: &mut FileForm) -> Result<(Said, Kept)> {
    let (mut said, mut kept) = (Said::default(), None);
    while let Some(part) = form.next().await? {
        match part {
            Part::File(part) if kept.is_none() => kept = Some(keep(caller, server, id, part).await?),
            Part::File(_) => return Err(Error::field("file", "value", "may be sent only once")),
            Part::Text(name, text) => said.take(&name, text.trim())?,
        }
    }
    let kept = kept.ok_or_else(|| Error::field("file", "required", "is required"))?;
    Ok((said, kept))
}

impl Said {
    fn take(&mut self, name: &str, text: &str) -> Result<()> {
        let refuse = |why: &str| Error::field(name, "value", why);
        match (name, text) {
            (_, "") => {}
            ("format", text) => self.format = Some(text.parse().map_err(refuse)?),
            ("dryRun", text) => self.dry_run = text.parse().map_err(|_| refuse("must be true or false"))?,
            ("hashConfig", text) => {
                let _: HashConfig = text.parse().map_err(refuse)?;
                self.hash_config = Some(text.to_owned());
            }
            _ => {}
        }
        Ok(())
    }
}

/// Keeps a file, sealed piece by piece as it comes.
async fn keep(caller: &Signed, server: &Server, id: UserImportId, mut part: FilePart) -> Result<Kept> {
    part.admit(LONGEST);
    let key = Key::of_user_import(caller.tenant.id, id);
    let mut pieces = Pieces::of(server.files.write(&key).await?);
    let written = async {
        let (mut hash, mut size) = (Hash::default(), 0);
        for number in 0.. {
            let piece = part.read(PIECE).await?;
            size += piece.len() as u64;
            if size > LONGEST {
                return Err(Code::TooLarge.into());
            }
            hash.update(&piece);
            if !piece.is_empty() {
                let whose = (caller.tenant.id, id);
                pieces
                    .add(&user_import::seal(&caller.services, whose, number, &piece))
                    .await?;
            }
            if piece.len() < PIECE {
                break;
            }
        }
        pieces.finish().await?;
        Ok((hash.finish(), size))
    };
    let written: Result<(String, u64)> = written.await;
    match written {
        Ok((_, 0)) => Err(Error::field("file", "required", "must not be empty")),
        Ok((sha256, size)) => Ok(Kept {
            name: part.name,
            size,
            sha256,
        }),
        Err(error) => {
            pieces.abort().await;
            Err(error)
        }
    }
}
