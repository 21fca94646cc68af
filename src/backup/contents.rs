//! The files that a backup has, on their way back into the store.

use super::check::{FileHead, Item, PIECE, Reader};
use crate::kit::{
    archive::BackupKeys,
    blob::{Key, PART, Reading, Store, Writer},
    id::TenantId,
};
use anyhow::Context;
use futures_util::TryStreamExt;

/// Puts the files of a backup into the store that it does not have, and answers how many these are.
///
/// What is kept there is named by its hash and never changes, so nobody notices before a row names it.
///
/// # Errors
/// The file's, which was whole when it was read before, and the store's.
pub async fn put_contents(
    (keys, trusted): (&BackupKeys, &[String]),
    tenant: TenantId,
    store: &dyn Store,
    mut file: Reading,
) -> anyhow::Result<u64> {
    let mut reader = Reader::new(keys, trusted);
    let mut putting = Putting {
        tenant,
        store,
        writer: None,
        part: vec![],
        put: 0,
    };
    while let Some(part) = file.try_next().await.context("reading the file")? {
        for piece in part.chunks(PIECE) {
            for item in reader.feed(piece)? {
                putting.take(item).await?;
            }
        }
    }
    for item in reader.finish()?.0 {
        putting.take(item).await?;
    }
    Ok(putting.put)
}

/// A file on its way into the store.
struct Putting<'a> {
    tenant: TenantId,
    store: &'a dyn Store,
    /// None of what is there already.
    writer: Option<Box<dyn Writer>>,
    part: Vec<u8>,
    put: u64,
}

impl Putting<'_> {
    async fn take(&mut self, item: Item) -> anyhow::Result<()> {
        match item {
            Item::Table(_) | Item::Row(_) => {}
            Item::File(head) => self.begin(&head).await?,
            Item::Data(data) => self.add(&data).await?,
            Item::FileEnd => self.end().await?,
        }
        Ok(())
    }

    async fn begin(&mut self, head: &FileHead) -> anyhow::Result<()> {
        let key = Key::of_content(self.tenant, &head.sha256);
        self.writer = match self.store.head(&key).await? {
            Some(size) if size == head.size => None,
            _ => Some(self.store.write(&key).await?),
        };
        Ok(())
    }

    async fn add(&mut self, data: &[u8]) -> anyhow::Result<()> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        self.part.extend_from_slice(data);
        while self.part.len() >= PART {
            let rest = self.part.split_off(PART);
            let part = std::mem::replace(&mut self.part, rest);
            writer.write(part.into()).await?;
        }
        Ok(())
    }

    async fn end(&mut self) -> anyhow::Result<()> {
        let Some(mut writer) = self.writer.take() else {
            return Ok(());
        };
        let last = std::mem::take(&mut self.part);
        if !last.is_empty() {
            writer.write(last.into()).await?;
        }
        writer.finish().await?;
        self.put += 1;
        Ok(())
    }
}
