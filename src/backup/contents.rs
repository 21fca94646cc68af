//! The files that a backup has, on their way back into the store.

use super::check::{FileHead, Item, PIECE, Reader};
use crate::kit::{
    archive::BackupKeys,
    blob::{Key, Pieces, Reading, Store},
    id::TenantId,
};
use anyhow::Context;
use futures_util::TryStreamExt;

/// Puts the files of a backup into the store that it does not have, and answers how many these are.
///
/// What is kept there is named by its hash and never changes, so nobody notices before a row names it. It is announced
/// before: if no row ever does, the sweep removes it.
///
/// # Errors
/// The file's, which was whole when it was read before, and the store's.
pub async fn put_contents(
    (keys, trusted): (&BackupKeys, &[String]),
    tenant: TenantId,
    store: &dyn Store,
    mut file: Reading,
) -> anyhow::Result<u64> {
    let mut putting = Putting {
        tenant,
        store,
        pieces: None,
        put: 0,
    };
    let poured = putting.pour(Reader::new(keys, trusted), &mut file).await;
    if let Some(mut begun) = putting.pieces {
        begun.abort().await;
    }
    poured?;
    Ok(putting.put)
}

/// A file on its way into the store.
struct Putting<'a> {
    tenant: TenantId,
    store: &'a dyn Store,
    /// None of what is there already.
    pieces: Option<Pieces>,
    put: u64,
}

impl Putting<'_> {
    async fn pour(&mut self, mut reader: Reader<'_>, file: &mut Reading) -> anyhow::Result<()> {
        while let Some(part) = file.try_next().await.context("reading the file")? {
            for piece in part.chunks(PIECE) {
                for item in reader.feed(piece)? {
                    self.take(item).await?;
                }
            }
        }
        for item in reader.finish()?.0 {
            self.take(item).await?;
        }
        Ok(())
    }

    async fn take(&mut self, item: Item) -> anyhow::Result<()> {
        match item {
            Item::Table(_) | Item::Row(_) => {}
            Item::File(head) => self.begin(&head).await?,
            Item::Data(data) => {
                if let Some(pieces) = &mut self.pieces {
                    pieces.add(&data).await?;
                }
            }
            Item::FileEnd => {
                if let Some(pieces) = &mut self.pieces {
                    pieces.finish().await?;
                    self.put += 1;
                }
                self.pieces = None;
            }
        }
        Ok(())
    }

    async fn begin(&mut self, head: &FileHead) -> anyhow::Result<()> {
        let key = Key::of_content(self.tenant, &head.sha256);
        self.pieces = match self.store.head(&key).await? {
            Some(size) if size == head.size => None,
            _ => Some(Pieces::of(self.store.write(&key).await?)),
        };
        Ok(())
    }
}
