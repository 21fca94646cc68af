//! Reading the file, where every byte may be somebody else's.

use super::{
    BackupKeys, CHUNK, FORMAT, HEADER_LIMIT, Header, Kind, MAGIC, PREFIX, PROOF, RECORD_LIMIT, Refusal, SIGNED, TAG,
    WINDOW, nonce,
};
use crate::kit::secret;
use aws_lc_rs::{aead, digest, hmac};
use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};

/// How much larger than the file its records may be; smaller ones may have [`FREE`].
const MOST_INFLATED: u64 = 200;
/// What may come of a file however small it is, in bytes.
const FREE: u64 = 16 << 20;
/// Bytes of a record before its body.
const RECORD_HEAD: usize = 5;

/// A record that was read.
pub type Record = (Kind, Vec<u8>);

/// Reads a file, part by part.
///
/// A record that it answers was sealed by whoever wrote the header. Whether all of them are there, and who made them,
/// is known only when [`Opener::finish`] answers.
pub struct Opener<'a> {
    keys: &'a BackupKeys,
    trusted: &'a [String],
    /// What was read and not taken apart yet.
    pending: Vec<u8>,
    /// What was taken apart.
    taken: u64,
    payload: Option<Payload>,
}

struct Payload {
    header: Header,
    head: [u8; 32],
    key: aead::LessSafeKey,
    /// The number of the next chunk.
    number: u64,
    inflating: Decoder<'static>,
    /// Whether the compressed stream has ended.
    has_ended: bool,
    /// Plaintext that is no whole record yet.
    plain: Vec<u8>,
    inflated: u64,
    records: digest::Context,
    is_signed: bool,
}

/// What a whole file was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// What it says in the clear.
    pub header: Header,
    /// How long it is.
    pub size: u64,
}

impl<'a> Opener<'a> {
    /// Of a file that is opened with these keys. Their own signature is trusted, and those of these fingerprints.
    #[must_use]
    pub fn new(keys: &'a BackupKeys, trusted: &'a [String]) -> Self {
        Self {
            keys,
            trusted,
            pending: vec![],
            taken: 0,
            payload: None,
        }
    }

    /// What the file says in the clear, as soon as it is known to be sealed with the rest.
    #[must_use]
    pub fn header(&self) -> Option<&Header> {
        self.payload.as_ref().map(|payload| &payload.header)
    }

    /// Takes the next bytes of the file, and answers the records that end in them.
    ///
    /// # Errors
    /// Why the file is refused.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Record>, Refusal> {
        self.pending.extend_from_slice(bytes);
        if self.payload.is_none() {
            self.open_header()?;
        }
        let mut records = vec![];
        // The last chunk is sealed as such: one that may be it is kept back.
        while self.payload.is_some() && self.pending.len() > CHUNK + TAG {
            let chunk = self.pending.drain(..CHUNK + TAG).collect();
            self.chunk(chunk, false, &mut records)?;
        }
        Ok(records)
    }

    /// Takes the end of the file, and answers the records that end there.
    ///
    /// # Errors
    /// Why the file is refused; [`Refusal::SignerUnknown`] is found last.
    pub fn finish(mut self) -> Result<(Vec<Record>, Opened), Refusal> {
        if self.payload.is_none() {
            return Err(match self.pending.starts_with(&MAGIC) {
                true => self.damaged("it ends in its header"),
                false => Refusal::NotABackup,
            });
        }
        let mut records = vec![];
        let last = std::mem::take(&mut self.pending);
        self.chunk(last, true, &mut records)?;
        let size = self.taken;
        let Some(payload) = self.payload else {
            return Err(Refusal::NotABackup);
        };
        let is_whole = payload.has_ended && payload.plain.is_empty() && payload.is_signed;
        match is_whole {
            true => Ok((
                records,
                Opened {
                    header: payload.header,
                    size,
                },
            )),
            false => Err(Refusal::Damaged {
                at: size,
                why: "it ends before its signature",
            }),
        }
    }

    /// Bytes of the file that were read so far.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// That something is wrong with what was read last.
    #[must_use]
    pub fn damaged(&self, why: &'static str) -> Refusal {
        Refusal::Damaged { at: self.taken, why }
    }

    /// Takes the header apart, once all of it is there.
    fn open_header(&mut self) -> Result<(), Refusal> {
        let known = self.pending.len().min(MAGIC.len());
        if self.pending[..known] != MAGIC[..known] {
            return Err(Refusal::NotABackup);
        }
        let Some((prefix, rest)) = self.pending.split_at_checked(PREFIX) else {
            return Ok(());
        };
        if prefix[8..10] != FORMAT.to_be_bytes() || prefix[10..12] != [0; 2] {
            return Err(Refusal::Newer);
        }
        let length = [prefix[12], prefix[13], prefix[14], prefix[15]];
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if length > HEADER_LIMIT {
            return Err(self.damaged("its header is too long"));
        }
        let Some((header, proof)) = rest.split_at_checked(length) else {
            return Ok(());
        };
        let Some(proof) = proof.get(..PROOF) else { return Ok(()) };
        let parsed: Header = serde_json::from_slice(header).map_err(|_| self.damaged("its header cannot be read"))?;
        let opened = self.keys.open(&parsed.id, &parsed.recipients);
        let file = opened.ok_or(Refusal::Foreign)?;
        let proven = hmac::verify(&file.header(), &self.pending[..PREFIX + length], proof);
        proven.map_err(|_| self.damaged("its header is not as it was made"))?;
        if !parsed.signer.is_sound() {
            return Err(self.damaged("its signer's fingerprint is not that of the key"));
        }
        if parsed.signer != self.keys.signer() {
            parsed.signer.check(self.trusted)?;
        }
        let mut inflating = Decoder::new().map_err(|_| self.damaged("it cannot be inflated"))?;
        let limited = inflating.set_parameter(DParameter::WindowLogMax(WINDOW));
        limited.map_err(|_| self.damaged("it cannot be inflated"))?;
        let end = PREFIX + length + PROOF;
        self.payload = Some(Payload {
            header: parsed,
            head: secret::hash_of([&self.pending[..end]]),
            key: file.payload(),
            number: 0,
            inflating,
            has_ended: false,
            plain: vec![],
            inflated: 0,
            records: digest::Context::new(&digest::SHA256),
            is_signed: false,
        });
        self.pending.drain(..end);
        self.taken = end as u64;
        Ok(())
    }

    fn chunk(&mut self, mut chunk: Vec<u8>, is_last: bool, records: &mut Vec<Record>) -> Result<(), Refusal> {
        let at = self.taken;
        self.taken += chunk.len() as u64;
        let Some(payload) = &mut self.payload else {
            return Ok(());
        };
        let most = (self.taken * MOST_INFLATED).max(FREE);
        let read = payload
            .unseal(&mut chunk, is_last)
            .and_then(|length| payload.inflate(&chunk[..length], most, records));
        read.map_err(|why| Refusal::Damaged { at, why })
    }
}

impl Payload {
    /// Opens a chunk where it is, and answers how long it is then.
    fn unseal(&mut self, chunk: &mut [u8], is_last: bool) -> Result<usize, &'static str> {
        let nonce = aead::Nonce::assume_unique_for_key(nonce(self.number, is_last));
        self.number += 1;
        let plain = self.key.open_in_place(nonce, aead::Aad::from(self.head), chunk);
        Ok(plain.map_err(|_| "a part is not as it was made")?.len())
    }

    fn inflate(&mut self, sealed: &[u8], most: u64, records: &mut Vec<Record>) -> Result<(), &'static str> {
        let mut input = InBuffer::around(sealed);
        let mut room = vec![0; CHUNK];
        loop {
            if self.has_ended {
                return match input.pos == sealed.len() {
                    true => Ok(()),
                    false => Err("something follows its end"),
                };
            }
            let mut output = OutBuffer::around(&mut room[..]);
            let left = self.inflating.run(&mut input, &mut output);
            self.has_ended = left.map_err(|_| "it cannot be inflated")? == 0;
            let made = output.as_slice();
            self.inflated += made.len() as u64;
            if self.inflated > most {
                return Err("it inflates to far too much");
            }
            let is_full = made.len() == CHUNK;
            self.plain.extend_from_slice(made);
            self.take_records(records)?;
            if !is_full && input.pos == sealed.len() {
                return Ok(());
            }
        }
    }

    /// Takes the whole records out of the plaintext.
    fn take_records(&mut self, records: &mut Vec<Record>) -> Result<(), &'static str> {
        let mut at = 0;
        while let Some((head, rest)) = self.plain[at..].split_at_checked(RECORD_HEAD) {
            if self.is_signed {
                return Err("something follows its signature");
            }
            let kind = Kind::of(head[0]).ok_or("it has a record of no kind")?;
            let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            if length > RECORD_LIMIT {
                return Err("it has a record that is too long");
            }
            let Some(body) = rest.get(..length) else { break };
            if kind == Kind::Signature {
                let said = self.records.clone().finish();
                let message = [SIGNED, &self.head, said.as_ref()].concat();
                self.is_signed = self.header.signer.has_signed(&message, body);
                if !self.is_signed {
                    return Err("its signature is wrong");
                }
            } else {
                self.records.update(head);
                self.records.update(body);
                records.push((kind, body.to_vec()));
            }
            at += RECORD_HEAD + length;
        }
        if self.is_signed && at < self.plain.len() {
            return Err("something follows its signature");
        }
        self.plain.drain(..at);
        Ok(())
    }
}
