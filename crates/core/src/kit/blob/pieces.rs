//! A file that comes in pieces of any length.

use super::{Hash, PART, Writer};
use crate::kit::error::Result;

/// Writes pieces of any length in parts of the one that stores take.
pub struct Pieces {
    writer: Box<dyn Writer>,
    /// What is not written yet: less than a part.
    rest: Vec<u8>,
    hash: Hash,
    size: u64,
}

impl Pieces {
    /// Of a file that this writes.
    #[must_use]
    pub fn of(writer: Box<dyn Writer>) -> Self {
        Self {
            writer,
            rest: vec![],
            hash: Hash::default(),
            size: 0,
        }
    }

    /// Adds a piece.
    ///
    /// # Errors
    /// The store's.
    pub async fn add(&mut self, piece: &[u8]) -> Result<()> {
        self.hash.update(piece);
        self.size += piece.len() as u64;
        self.rest.extend_from_slice(piece);
        while self.rest.len() >= PART {
            let rest = self.rest.split_off(PART);
            let part = std::mem::replace(&mut self.rest, rest);
            self.writer.write(part.into()).await?;
        }
        Ok(())
    }

    /// Keeps what was added, and answers the hash and the length of all.
    ///
    /// # Errors
    /// The store's.
    pub async fn finish(&mut self) -> Result<(String, u64)> {
        let last = std::mem::take(&mut self.rest);
        if !last.is_empty() {
            self.writer.write(last.into()).await?;
        }
        self.writer.finish().await?;
        Ok((std::mem::take(&mut self.hash).finish(), self.size))
    }

    /// Forgets what was added. If that fails too, it is left to the store.
    pub async fn abort(&mut self) {
        let _ = self.writer.abort().await;
    }
}
