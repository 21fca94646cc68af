//! Signatures of a domain on a mail (DKIM, RFC 6376): canonicalised *relaxed* in head and body, by RSA (RFC 8301) or
//! Ed25519 (RFC 8463).

use anyhow::Context;
use aws_lc_rs::{
    digest::{SHA256, digest},
    encoding::AsDer,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::fmt::{self, Write};
use zeroize::Zeroizing;

/// Fields that are signed wherever they are, each as often as it is there.
const SIGNED: [&str; 9] = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Reply-To",
    "MIME-Version",
    "Content-Type",
    "Auto-Submitted",
];
/// So many of those, from the first, are signed once more than they are there: nobody adds another.
const OVERSIGNED: usize = 4;

/// A private key that was just made.
pub struct Made {
    /// PKCS #8.
    pub private: Zeroizing<Vec<u8>>,
    /// The public half as it is published (`p=`).
    pub public: String,
}

/// How a mail is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// `rsa-sha256`, with 2048 bits.
    Rsa,
    /// `ed25519-sha256`.
    Ed25519,
}

impl Algorithm {
    /// The type of key in its record (`k=`).
    #[must_use]
    pub fn key_type(self) -> &'static str {
        match self {
            Self::Rsa => "rsa",
            Self::Ed25519 => "ed25519",
        }
    }

    /// Makes a key. One of RSA takes a core for a tenth of a second and longer.
    ///
    /// # Errors
    /// The system has no randomness.
    pub fn make(self) -> anyhow::Result<Made> {
        let making = "making a key to sign mail with";
        Ok(match self {
            Self::Rsa => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).context(making)?;
                let public = pair.public_key().as_der().context(making)?;
                Made {
                    private: Zeroizing::new(pair.as_der().context(making)?.as_ref().to_vec()),
                    public: STANDARD.encode(public.as_ref()),
                }
            }
            Self::Ed25519 => {
                let pair = Ed25519KeyPair::generate().context(making)?;
                Made {
                    private: Zeroizing::new(pair.to_pkcs8().context(making)?.as_ref().to_vec()),
                    public: STANDARD.encode(pair.public_key().as_ref()),
                }
            }
        })
    }
}

enum Pair {
    Rsa(RsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// A key of a domain, ready to sign.
pub struct Signer {
    pair: Pair,
    domain: String,
    selector: String,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({}._domainkey.{})", self.selector, self.domain)
    }
}

impl Signer {
    /// Of this PKCS #8, whose public half is in the record `selector._domainkey.domain`.
    ///
    /// # Errors
    /// It is no such key.
    pub fn read(algorithm: Algorithm, private: &[u8], (domain, selector): (&str, &str)) -> anyhow::Result<Self> {
        let pair = match algorithm {
            Algorithm::Rsa => RsaKeyPair::from_pkcs8(private).map(Pair::Rsa),
            Algorithm::Ed25519 => Ed25519KeyPair::from_pkcs8(private).map(Pair::Ed25519),
        };
        Ok(Self {
            pair: pair.context("reading a key to sign mail with")?,
            domain: domain.to_owned(),
            selector: selector.to_owned(),
        })
    }

    /// The field `DKIM-Signature` of this mail, to be put before it.
    pub(super) fn sign(&self, mail: &[u8]) -> anyhow::Result<String> {
        let mail = str::from_utf8(mail).context("a mail is text")?;
        let (head, body) = mail.split_once("\r\n\r\n").context("a mail has a head and a body")?;
        let fields = fields(head);
        let (names, mut signed) = chosen(&fields);
        let hash = STANDARD.encode(digest(&SHA256, canonical_body(body).as_bytes()));
        let algorithm = match self.pair {
            Pair::Rsa(_) => "rsa-sha256",
            Pair::Ed25519(_) => "ed25519-sha256",
        };
        let field = format!(
            "DKIM-Signature: v=1; a={algorithm}; c=relaxed/relaxed; d={}; s={};\r\n h={};\r\n bh={hash};\r\n b=",
            self.domain,
            self.selector,
            names.join(":")
        );
        canonical_field(&mut signed, &field);
        let signature = self.signature(signed.as_bytes())?;
        Ok(format!("{field}{}\r\n", folded(&signature)))
    }

    fn signature(&self, signed: &[u8]) -> anyhow::Result<String> {
        let failed = "signing a mail";
        Ok(match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed, &mut signature)
                    .context(failed)?;
                STANDARD.encode(signature)
            }
            // It signs the hash (RFC 8463 §3).
            Pair::Ed25519(pair) => {
                let hash = digest(&SHA256, signed);
                STANDARD.encode(pair.try_sign(hash.as_ref()).context(failed)?)
            }
        })
    }
}

/// The fields of a head, each with its folds, without the end of its last line.
fn fields(head: &str) -> Vec<&str> {
    let mut fields = vec![];
    let mut begin = 0;
    for (at, _) in head.match_indices("\r\n") {
        if !head[at + 2..].starts_with([' ', '\t']) {
            fields.push(&head[begin..at]);
            begin = at + 2;
        }
    }
    fields.push(&head[begin..]);
    fields
}

fn name_of(field: &str) -> &str {
    field.split_once(':').map_or(field, |(name, _)| name).trim_end()
}

/// The names that are signed, and those fields in the same order, canonicalised: the last of a name comes first.
fn chosen(fields: &[&str]) -> (Vec<&'static str>, String) {
    let (mut names, mut text) = (vec![], String::new());
    for (place, name) in SIGNED.into_iter().enumerate() {
        for field in fields
            .iter()
            .rev()
            .filter(|field| name_of(field).eq_ignore_ascii_case(name))
        {
            names.push(name);
            canonical_field(&mut text, field);
            text.push_str("\r\n");
        }
        if place < OVERSIGNED {
            names.push(name);
        }
    }
    (names, text)
}

/// RFC 6376 §3.4.2, without the end of the line.
fn canonical_field(text: &mut String, field: &str) {
    let (name, value) = field.split_once(':').unwrap_or((field, ""));
    text.extend(name.trim_end().chars().map(|c| c.to_ascii_lowercase()));
    text.push(':');
    let words = value.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty());
    for (place, word) in words.enumerate() {
        if place > 0 {
            text.push(' ');
        }
        text.push_str(word);
    }
}

/// RFC 6376 §3.4.4.
fn canonical_body(body: &str) -> String {
    let mut text = String::with_capacity(body.len());
    let mut empty = 0;
    for line in body.split("\r\n") {
        let line = line.trim_end_matches([' ', '\t']);
        if line.is_empty() {
            empty += 1;
            continue;
        }
        for _ in 0..std::mem::take(&mut empty) {
            text.push_str("\r\n");
        }
        let mut was_blank = false;
        for c in line.chars() {
            let is_blank = c == ' ' || c == '\t';
            if !is_blank {
                text.push(c);
            } else if !was_blank {
                text.push(' ');
            }
            was_blank = is_blank;
        }
        text.push_str("\r\n");
    }
    text
}

/// In lines that are short enough.
fn folded(base64: &str) -> String {
    let mut text = String::new();
    for (place, letter) in base64.chars().enumerate() {
        if place > 0 && place % 72 == 0 {
            let _ = write!(text, "\r\n ");
        }
        text.push(letter);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    // The examples of RFC 6376 §3.4.5.
    #[test]
    fn head_and_body_are_canonicalised_as_in_the_examples_of_the_rfc() {
        let (mut text, head) = (String::new(), "A: X\r\nB : Y\t\r\n\tZ  ");
        for field in fields(head) {
            canonical_field(&mut text, field);
            text.push_str("\r\n");
        }
        assert_eq!(text, "a:X\r\nb:Y Z\r\n");
        assert_eq!(canonical_body(" C \r\nD \t E\r\n\r\n\r\n"), " C\r\nD E\r\n");
        assert_eq!(canonical_body(""), "");
        assert_eq!(canonical_body("\r\n\r\n"), "");
        assert_eq!(canonical_body("a\r\n\r\nb"), "a\r\n\r\nb\r\n");
    }

    #[test]
    fn what_may_be_there_once_is_signed_once_more() {
        let head = "From: a@example.com\r\nto: b@example.com\r\nX-Other: 1\r\nSubject: s\r\n t";
        let (names, text) = chosen(&fields(head));
        assert_eq!(names, ["From", "From", "To", "To", "Subject", "Subject", "Date"]);
        assert_eq!(text, "from:a@example.com\r\nto:b@example.com\r\nsubject:s t\r\n");
    }
}
