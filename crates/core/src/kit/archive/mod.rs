//! The file of a backup: signed, sealed and compressed, in one piece. `docs/backups.md` has it byte by byte.
//!
//! A [`Sealer`] makes it and an [`Opener`] reads it, both without reading or writing anything themselves, so that
//! neither ever has more of it than a part. Sealing (AES-256-GCM in chunks, as STREAM does it: Hoang, Reyhanitabar,
//! Rogaway and Vizár, 2015) says that nobody read or changed it; who made it only the signature says.

mod keys;
mod open;
mod seal;
#[cfg(test)]
mod tests;

pub use keys::{BackupKeys, FileKey, Signer};
pub use open::{Opened, Opener, Record};
pub use seal::Sealer;

use serde::{Deserialize, Serialize};

/// What such a file begins with: what breaks in transfers as text is in it.
const MAGIC: [u8; 8] = *b"TNTB\r\n\x1a\n";
/// The format.
const FORMAT: u16 = 1;
/// The longest header, in bytes.
const HEADER_LIMIT: usize = 65_536;
/// Bytes before the header.
const PREFIX: usize = 16;
/// Bytes of what proves the header.
const PROOF: usize = 32;
/// Plaintext of a chunk, in bytes; the last one may have fewer.
const CHUNK: usize = 65_536;
/// What the seal of a chunk adds, in bytes.
const TAG: usize = 16;
/// The logarithm of the window that a reader needs.
const WINDOW: u32 = 21;
/// The longest record, in bytes.
pub const RECORD_LIMIT: usize = 4 << 20;
/// What a signature begins with.
const SIGNED: &[u8] = b"tenantry-backup/1\0";

/// Why a file is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is something else.
    #[error("the file is not a backup")]
    NotABackup,
    /// A newer version made it.
    #[error("the file was made by a newer version")]
    Newer,
    /// None of the keys at hand opens it.
    #[error("the file opens with none of the keys here")]
    Foreign,
    /// Somebody made it who is not trusted; their fingerprint.
    #[error("the file was made by {0}, who is not trusted here")]
    SignerUnknown(String),
    /// It is not as it was made.
    #[error("the file is damaged at byte {at}: {why}")]
    Damaged {
        /// How much of it had been read.
        at: u64,
        /// What is wrong there.
        why: &'static str,
    },
}

/// What a file says in the clear. Members that a reader does not know are passed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// When it was wanted (RFC 3339).
    pub created_at: String,
    /// `sqlite` or `postgres`.
    pub database: String,
    /// The backup's id.
    pub id: String,
    /// The instance that made it.
    pub instance: Instance,
    /// Who may open it.
    pub recipients: Vec<Recipient>,
    /// The last step of the schema.
    pub schema: String,
    /// The version of the program.
    pub server: String,
    /// Who made it.
    pub signer: Signer,
    /// SHA-256 over the names of the steps, in base64url.
    pub steps: String,
    /// Whose it is.
    pub tenant: Whose,
}

/// An instance, as a file names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Instance {
    /// Where people reach it.
    pub public_url: String,
}

/// A tenant, as a file names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Whose {
    /// What people call it.
    pub display_name: String,
    /// Its id.
    pub id: String,
    /// Its stable handle.
    pub name: String,
}

/// Somebody who may open the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Recipient {
    /// Who has the backup key of an instance.
    Instance {
        /// Which key, in base64url.
        key_id: String,
        /// The key of the file, sealed with it, in base64url.
        sealed: String,
    },
    /// Somebody that this version does not know.
    #[serde(other)]
    Other,
}

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What the backup is of; the first one.
    Begin,
    /// A table and its columns.
    Table,
    /// A row of it.
    Row,
    /// The end of a table: how many rows it has, and their hash.
    TableEnd,
    /// A file.
    File,
    /// A part of it.
    FileData,
    /// Its end.
    FileEnd,
    /// What all of it was; the last one before the signature.
    Manifest,
    /// The signature.
    Signature,
}

impl Kind {
    const ALL: [(u8, Self); 9] = [
        (0x01, Self::Begin),
        (0x02, Self::Table),
        (0x03, Self::Row),
        (0x04, Self::TableEnd),
        (0x05, Self::File),
        (0x06, Self::FileData),
        (0x07, Self::FileEnd),
        (0x7e, Self::Manifest),
        (0x7f, Self::Signature),
    ];

    fn byte(self) -> u8 {
        let known = Self::ALL.iter().find(|(_, kind)| *kind == self);
        known.map_or(0, |(byte, _)| *byte)
    }

    fn of(byte: u8) -> Option<Self> {
        let known = Self::ALL.iter().find(|(known, _)| *known == byte);
        known.map(|(_, kind)| *kind)
    }
}

/// The bytes of a record before its body.
#[must_use]
pub fn record_head(kind: Kind, length: usize) -> [u8; 5] {
    let [a, b, c, d] = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    [kind.byte(), a, b, c, d]
}

/// The nonce of the chunk of this number.
fn nonce(number: u64, is_last: bool) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[3..11].copy_from_slice(&number.to_be_bytes());
    nonce[11] = u8::from(is_last);
    nonce
}
