//! Files and directories that nobody else on the machine can read, whatever the umask.

use anyhow::Context;
use std::{
    fs::{DirBuilder, OpenOptions, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// Makes a directory, unless it is there.
pub(in crate::kit) fn make_directory(path: &Path) -> anyhow::Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.with_context(|| format!("creating {}", path.display()))
}

/// Takes from others what they may do with this directory of ours.
pub(in crate::kit) fn close_directory(path: &Path) -> anyhow::Result<()> {
    restrict(path, 0o700).with_context(|| format!("setting the permissions of {}", path.display()))
}

/// Opens a file to be written to, which is made if `create` says so.
pub(super) fn open_file(path: &Path, create: bool) -> anyhow::Result<std::fs::File> {
    let mut options = OpenOptions::new();
    options
        .read(true)
        .write(true)
        .create(create)
        .truncate(false)
        .mode(0o600);
    let file = options
        .open(path)
        .with_context(|| format!("opening {}", path.display()))?;
    restrict(path, 0o600).with_context(|| format!("setting the permissions of {}", path.display()))?;
    Ok(file)
}

/// A file that the engine opens: its companions (`-wal`, `-shm`) get the permissions of the file itself.
pub(super) async fn prepare(path: PathBuf, create: bool) -> anyhow::Result<()> {
    tokio::task::spawn_blocking(move || open_file(&path, create).map(drop)).await?
}

fn restrict(path: &Path, mode: u32) -> io::Result<()> {
    let now = std::fs::metadata(path)?.permissions().mode() & 0o777;
    match now & !mode {
        0 => Ok(()),
        _ => std::fs::set_permissions(path, Permissions::from_mode(now & mode)),
    }
}

/// What tells a file from another one that takes its place; nothing if there is none.
pub(super) fn identity(path: &Path) -> Option<(u64, u64)> {
    let found = std::fs::metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}
