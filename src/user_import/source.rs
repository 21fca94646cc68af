//! The file of an import, piece by piece: sealed in the store, as it has hashes of passwords in it.

use crate::{
    context::Services,
    kit::{
        blob::{Key, Store},
        error::{Code, Result},
        id::{TenantId, UserImportId},
    },
};
use anyhow::{Context, anyhow};
use async_trait::async_trait;
use futures_util::TryStreamExt;
use std::sync::Arc;

/// Bytes of a piece; the last one may have fewer.
pub const PIECE: usize = 1 << 20;
/// What a seal adds to a piece: its version, a nonce and a tag.
const AROUND: u64 = 1 + 12 + 16;

/// Where the bytes of a file come from.
#[async_trait]
pub trait Source: Send + Sync {
    /// The piece of this number, 0 for the first; empty behind the end.
    async fn piece(&self, number: u64) -> Result<Vec<u8>>;
}

/// A file that was uploaded.
pub(super) struct Staged {
    pub(super) services: Services,
    pub(super) files: Arc<dyn Store>,
    pub(super) tenant: TenantId,
    pub(super) import: UserImportId,
    /// Bytes of the file.
    pub(super) size: u64,
}

/// A piece of a file as the store keeps it.
#[must_use]
pub fn seal(services: &Services, (tenant, import): (TenantId, UserImportId), number: u64, piece: &[u8]) -> Vec<u8> {
    services.master.seal(&context(tenant, import, number), piece)
}

fn context(tenant: TenantId, import: UserImportId, number: u64) -> String {
    format!("user-import/{tenant}/{import}/{number}")
}

#[async_trait]
impl Source for Staged {
    async fn piece(&self, number: u64) -> Result<Vec<u8>> {
        let begin = number * PIECE as u64;
        if begin >= self.size {
            return Ok(vec![]);
        }
        let sealed_begin = begin + number * AROUND;
        let length = Ord::min(PIECE as u64, self.size - begin) + AROUND;
        let key = Key::of_user_import(self.tenant, self.import);
        let reading = self.files.get(&key, sealed_begin..sealed_begin + length).await?;
        let sealed: Vec<u8> = reading
            .try_fold(vec![], async |mut all: Vec<u8>, bytes| {
                all.extend_from_slice(&bytes);
                Ok(all)
            })
            .await
            .map_err(|error| {
                tracing::warn!(%error, "the file of an import is not read");
                Code::FilesUnavailable
            })?;
        let context = context(self.tenant, self.import, number);
        let plain = self.services.master.open(&context, &sealed);
        Ok(plain.context("the file of an import")?.to_vec())
    }
}

/// A part of a file that is in memory.
pub(super) struct Window<'a> {
    source: &'a dyn Source,
    bytes: Vec<u8>,
    /// The place of the first of them in the file.
    pub(super) begin: u64,
    /// The piece after them.
    next: u64,
    /// Whether there are no more after them.
    pub(super) is_last: bool,
}

impl<'a> Window<'a> {
    /// From this place on.
    pub(super) async fn open(source: &'a dyn Source, begin: u64) -> Result<Self> {
        let next = begin / PIECE as u64;
        let mut window = Self {
            source,
            bytes: vec![],
            begin,
            next,
            is_last: false,
        };
        window.more().await?;
        let before = usize::try_from(begin % PIECE as u64).map_err(|_| anyhow!("a place in a piece"))?;
        window.bytes.drain(..before.min(window.bytes.len()));
        Ok(window)
    }

    /// Has at least so many bytes, unless the file ends before.
    pub(super) async fn fill(&mut self, least: usize) -> Result<()> {
        while self.bytes.len() < least && !self.is_last {
            self.more().await?;
        }
        Ok(())
    }

    async fn more(&mut self) -> Result<()> {
        let piece = self.source.piece(self.next).await?;
        self.next += 1;
        self.is_last = piece.len() < PIECE;
        self.bytes.extend_from_slice(&piece);
        Ok(())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Goes on behind so many of them.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.bytes.drain(..bytes);
        self.begin += bytes as u64;
    }
}
