//! Making the file.

use super::{
    BackupKeys, CHUNK, FORMAT, FileKey, HEADER_LIMIT, Header, Kind, MAGIC, SIGNED, WINDOW, nonce, record_head,
};
use crate::kit::secret;
use anyhow::{Context, ensure};
use aws_lc_rs::{aead, digest, hmac};
use std::io::Write;
use zstd::stream::write::Encoder;

/// How well it is compressed: a fast way.
const LEVEL: i32 = 3;

/// Makes a file of records.
pub struct Sealer<'a> {
    keys: &'a BackupKeys,
    payload: aead::LessSafeKey,
    /// SHA-256 of all before the first chunk.
    head: [u8; 32],
    compressed: Encoder<'static, Vec<u8>>,
    records: digest::Context,
    /// The number of the next chunk.
    number: u64,
    out: Vec<u8>,
}

impl<'a> Sealer<'a> {
    /// Begins a file that begins with this header and is sealed with this key.
    ///
    /// # Errors
    /// The header is too long.
    pub fn new(header: &Header, file: &FileKey, keys: &'a BackupKeys) -> anyhow::Result<Self> {
        let header = serde_json::to_vec(header)?;
        ensure!(header.len() <= HEADER_LIMIT, "the header of a backup is too long");
        let length = u32::try_from(header.len()).context("the header of a backup is too long")?;
        let mut out = MAGIC.to_vec();
        out.extend(FORMAT.to_be_bytes());
        out.extend([0; 2]);
        out.extend(length.to_be_bytes());
        out.extend(header);
        let proof = hmac::sign(&file.header(), &out);
        out.extend(proof.as_ref());
        let mut compressed = Encoder::new(vec![], LEVEL)?;
        compressed.window_log(WINDOW)?;
        Ok(Self {
            keys,
            payload: file.payload(),
            head: secret::hash_of([&out]),
            compressed,
            records: digest::Context::new(&digest::SHA256),
            number: 0,
            out,
        })
    }

    /// Adds a record.
    ///
    /// # Errors
    /// It is longer than [`super::RECORD_LIMIT`].
    pub fn record(&mut self, kind: Kind, body: &[u8]) -> anyhow::Result<()> {
        ensure!(body.len() <= super::RECORD_LIMIT, "a record of a backup is too long");
        for part in [&record_head(kind, body.len())[..], body] {
            self.records.update(part);
            self.compressed.write_all(part)?;
        }
        // The last chunk says that it is, so one is kept back.
        while self.compressed.get_ref().len() > CHUNK {
            let chunk = self.compressed.get_mut().drain(..CHUNK).collect();
            self.chunk(chunk, false);
        }
        Ok(())
    }

    /// Adds the signature and ends the file.
    ///
    /// # Errors
    /// Those of the compressor.
    pub fn finish(mut self) -> anyhow::Result<Vec<u8>> {
        let records = self.records.clone().finish();
        let signature = self.keys.sign(&[SIGNED, &self.head, records.as_ref()].concat());
        self.record(Kind::Signature, &signature)?;
        let ended = std::mem::replace(&mut self.compressed, Encoder::new(vec![], LEVEL)?);
        let mut left = ended.finish()?;
        while left.len() > CHUNK {
            let chunk = left.drain(..CHUNK).collect();
            self.chunk(chunk, false);
        }
        self.chunk(left, true);
        Ok(self.out)
    }

    /// What there is of the file that was not taken yet.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    fn chunk(&mut self, mut chunk: Vec<u8>, is_last: bool) {
        let nonce = aead::Nonce::assume_unique_for_key(nonce(self.number, is_last));
        let aad = aead::Aad::from(self.head);
        self.payload
            .seal_in_place_append_tag(nonce, aad, &mut chunk)
            .expect("a chunk is far below the limit of AES-GCM");
        self.number += 1;
        self.out.append(&mut chunk);
    }
}
