//! What a file says, record by record, and whether all of it is there.

use crate::kit::{
    archive::{BackupKeys, Kind, Opened, Opener, Record, Refusal, record_head},
    blob::{Hash, Reading},
};
use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// Bytes that are taken apart at once.
pub(super) const PIECE: usize = 65_536;

/// What a file begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Begin {
    /// The head of the audit trail.
    pub audit_head: String,
    /// The key that bounces of the tenant's mail are told by, in base64url.
    pub bounce_key: String,
    /// When the tenant was as the file says (RFC 3339).
    pub snapshot_at: String,
}

/// A table of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    /// Its columns.
    pub columns: Vec<HeadColumn>,
    /// Its name.
    pub name: String,
}

/// A column of a table of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HeadColumn {
    /// Its name.
    pub name: String,
    /// `uuid`, `text`, `int`, `bool`, `time`, `json`, `bytes` or `secret`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// What a table of a file was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableEnd {
    /// Its name.
    pub name: String,
    /// Its rows.
    pub rows: u64,
    /// SHA-256 over the records of its rows, in hexadecimal.
    pub sha256: String,
}

/// A file that the tenant keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileHead {
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: String,
    /// Its bytes.
    pub size: u64,
}

/// All that was in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// The head of the audit trail.
    pub audit_head: String,
    /// Bytes of all files.
    pub bytes: u64,
    /// Files.
    pub files: u64,
    /// The tables, in their order.
    pub tables: Vec<TableEnd>,
}

/// A file that is whole, as it was made, and made by somebody who is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What it says in the clear, and how long it is.
    pub opened: Opened,
    /// What it begins with.
    pub begin: Begin,
    /// All that is in it.
    pub manifest: Manifest,
}

/// Something that a file says.
pub(super) enum Item {
    Table(Head),
    Row(Vec<Json>),
    File(FileHead),
    Data(Vec<u8>),
    FileEnd,
}

/// Where a reader is.
enum Place {
    Start,
    Between,
    Table { end: TableEnd, hash: Hash },
    File { head: FileHead, read: u64, hash: Hash },
    End,
}

/// Reads a file, and holds that it keeps what it promises.
pub(super) struct Reader<'a> {
    opener: Opener<'a>,
    said: Said,
}

/// What a file has said so far.
struct Said {
    place: Place,
    begin: Option<Begin>,
    seen: Manifest,
}

/// Reads a file to its end, for nothing but to know that it is whole.
///
/// # Errors
/// A [`Refusal`], or why it cannot be read.
pub async fn check(keys: &BackupKeys, trusted: &[String], mut file: Reading) -> anyhow::Result<Checked> {
    let mut reader = Reader::new(keys, trusted);
    while let Some(part) = file.try_next().await? {
        for piece in part.chunks(PIECE) {
            reader.feed(piece)?;
        }
    }
    Ok(reader.finish()?.1)
}

impl<'a> Reader<'a> {
    pub(super) fn new(keys: &'a BackupKeys, trusted: &'a [String]) -> Self {
        Self {
            opener: Opener::new(keys, trusted),
            said: Said {
                place: Place::Start,
                begin: None,
                seen: Manifest::default(),
            },
        }
    }

    pub(super) fn opener(&self) -> &Opener<'a> {
        &self.opener
    }

    /// What the next bytes say. It is known to be all, and whose it is, only when [`Reader::finish`] answers.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Item>, Refusal> {
        let records = self.opener.feed(bytes)?;
        self.said.take_all(records).map_err(|why| self.opener.damaged(why))
    }

    /// What the last bytes said, and what all of it was.
    pub(super) fn finish(self) -> Result<(Vec<Item>, Checked), Refusal> {
        let Self { opener, mut said } = self;
        let (records, opened) = opener.finish()?;
        let items = said
            .take_all(records)
            .map_err(|why| Refusal::Damaged { at: opened.size, why })?;
        match (said.begin, &said.place) {
            (Some(begin), Place::End) => Ok((
                items,
                Checked {
                    opened,
                    begin,
                    manifest: said.seen,
                },
            )),
            _ => Err(Refusal::Damaged {
                at: opened.size,
                why: "it ends before its manifest",
            }),
        }
    }
}

impl Said {
    fn take_all(&mut self, records: Vec<Record>) -> Result<Vec<Item>, &'static str> {
        let taken = records.into_iter().map(|record| self.take(record));
        taken.filter_map(Result::transpose).collect()
    }

    fn take(&mut self, (kind, body): Record) -> Result<Option<Item>, &'static str> {
        match (kind, &mut self.place) {
            (Kind::Begin, Place::Start) => {
                self.begin = Some(parsed(&body)?);
                self.place = Place::Between;
                Ok(None)
            }
            (Kind::Table, Place::Between) => self.begin_table(&body).map(Some),
            (Kind::Row, Place::Table { end, hash }) => {
                end.rows += 1;
                hash.update(&record_head(kind, body.len()));
                hash.update(&body);
                Ok(Some(Item::Row(parsed(&body)?)))
            }
            (Kind::TableEnd, Place::Table { .. }) => self.end_table(&body).map(|()| None),
            (Kind::File, Place::Between) => {
                let head: FileHead = parsed(&body)?;
                // A place in the store is called so.
                if head.sha256.len() != 64 || !head.sha256.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
                    return Err("it has a file whose hash is none");
                }
                self.place = Place::File {
                    head: head.clone(),
                    read: 0,
                    hash: Hash::default(),
                };
                Ok(Some(Item::File(head)))
            }
            (Kind::FileData, Place::File { head, read, hash }) => {
                *read += body.len() as u64;
                if *read > head.size {
                    return Err("a file is longer than it says");
                }
                hash.update(&body);
                Ok(Some(Item::Data(body)))
            }
            (Kind::FileEnd, Place::File { .. }) => self.end_file().map(Some),
            (Kind::Manifest, Place::Between) => {
                let said: Manifest = parsed(&body)?;
                self.seen.audit_head.clone_from(&said.audit_head);
                if said != self.seen {
                    return Err("it does not have what its manifest says");
                }
                self.place = Place::End;
                Ok(None)
            }
            _ => Err("it has a record where none of its kind may be"),
        }
    }

    fn begin_table(&mut self, body: &[u8]) -> Result<Item, &'static str> {
        let head: Head = parsed(body)?;
        if self.seen.tables.iter().any(|known| known.name == head.name) {
            return Err("it has a table twice");
        }
        self.place = Place::Table {
            end: TableEnd {
                name: head.name.clone(),
                rows: 0,
                sha256: String::new(),
            },
            hash: Hash::default(),
        };
        Ok(Item::Table(head))
    }

    fn end_table(&mut self, body: &[u8]) -> Result<(), &'static str> {
        let Place::Table { mut end, hash } = std::mem::replace(&mut self.place, Place::Between) else {
            return Ok(());
        };
        end.sha256 = hash.finish();
        if parsed::<TableEnd>(body)? != end {
            return Err("the rows of a table are not those that it had");
        }
        self.seen.tables.push(end);
        Ok(())
    }

    fn end_file(&mut self) -> Result<Item, &'static str> {
        if let Place::File { head, read, hash } = std::mem::replace(&mut self.place, Place::Between) {
            if (read, hash.finish()) != (head.size, head.sha256) {
                return Err("a file has not the content that it had");
            }
            self.seen.files += 1;
            self.seen.bytes += read;
        }
        Ok(Item::FileEnd)
    }
}

fn parsed<T: for<'de> Deserialize<'de>>(body: &[u8]) -> Result<T, &'static str> {
    serde_json::from_slice(body).map_err(|_| "it has a record that cannot be read")
}
