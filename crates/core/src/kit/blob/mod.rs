//! Where files are kept: a folder of this machine, or a bucket that speaks S3.
//!
//! What is kept under a key never changes: a key is the hash of its content, or an id that is used once. So writing
//! twice is writing once, and nobody reads half of anything.

mod fault;
mod hash;
mod location;
mod objects;
mod pieces;
#[cfg(test)]
mod tests;

pub use hash::Hash;
pub use location::{Credentials, open};
pub use pieces::Pieces;

use super::{
    error::Result,
    id::{BackupId, TenantId, UploadId, UserImportId},
};
use async_trait::async_trait;
use futures_util::stream::BoxStream;
use hyper::body::Bytes;
use std::{fmt, io, ops::Range};

/// The bytes that a part of a long file has, but for the last one: S3 takes no shorter ones.
pub const PART: usize = 5 << 20;

/// Where something is kept. No part of it is a name that somebody chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// Where a tenant's content of this hash is.
    #[must_use]
    pub fn of_content(tenant: TenantId, sha256: &str) -> Self {
        let folder = sha256.get(..2).unwrap_or_default();
        Self(format!("{tenant}/b/{folder}/{sha256}"))
    }

    /// Where an upload of a tenant is while it is written.
    #[must_use]
    pub fn of_upload(tenant: TenantId, upload: UploadId) -> Self {
        Self(format!("{tenant}/u/{upload}"))
    }

    /// Where a backup of a tenant is.
    #[must_use]
    pub fn of_backup(tenant: TenantId, backup: BackupId) -> Self {
        Self(format!("{tenant}/k/{backup}"))
    }

    /// Where the file of an import of a tenant is, until it is done.
    #[must_use]
    pub fn of_user_import(tenant: TenantId, import: UserImportId) -> Self {
        Self(format!("{tenant}/i/{import}"))
    }

    /// For what is tried by nobody but the operator.
    #[must_use]
    pub fn of_trial(word: &str) -> Self {
        Self(format!("trial/{word}"))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The bytes of a file, as they come.
pub type Reading = BoxStream<'static, io::Result<Bytes>>;

/// A place that keeps files.
///
/// Each answers with [`super::error::Code::FilesUnavailable`] where the place does not, and
/// [`super::error::Code::StorageFull`] where it has no room left.
#[async_trait]
pub trait Store: fmt::Debug + Send + Sync {
    /// What it is called in rows.
    fn kind(&self) -> &'static str;

    /// Keeps this under a key. What is there already is the same.
    async fn put_new(&self, key: &Key, content: Bytes) -> Result<()>;

    /// Begins to keep what comes in parts.
    async fn write(&self, key: &Key) -> Result<Box<dyn Writer>>;

    /// Keeps under another key what is under one. What is there already is the same.
    async fn copy_new(&self, from: &Key, to: &Key) -> Result<()>;

    /// Reads a part of what is kept.
    async fn get(&self, key: &Key, range: Range<u64>) -> Result<Reading>;

    /// How many bytes are kept under a key, if anything is.
    async fn head(&self, key: &Key) -> Result<Option<u64>>;

    /// Keeps it no more, nor what a server that died was writing there. Doing it twice is doing it once.
    async fn delete(&self, key: &Key) -> Result<()>;

    /// Keeps nothing of a tenant any more. Doing it twice is doing it once.
    async fn clear(&self, tenant: TenantId) -> Result<()>;

    /// The keys that begin so, up to a slash.
    async fn list(&self, prefix: &str) -> Result<Vec<String>>;
}

/// A file that is being written. It is not there before it is finished.
#[async_trait]
pub trait Writer: Send {
    /// Adds [`PART`] bytes; the last one may have fewer.
    async fn write(&mut self, part: Bytes) -> Result<()>;

    /// Keeps what was written.
    async fn finish(&mut self) -> Result<()>;

    /// Forgets what was written.
    async fn abort(&mut self) -> Result<()>;
}
