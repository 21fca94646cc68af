//! Stored hashes of passwords: those of our own making, and those of other systems, which are
//! read within limits so that no row makes the server compute for minutes.

use super::notation::{self, Notation};
use crate::kit::{
    blob::Hash,
    error::Result,
    secret::{self, Pepper},
};
use argon2::{Algorithm, Argon2, Block, Params, PasswordHash, Version};
use aws_lc_rs::{
    cipher::{AES_256, DecryptingKey, DecryptionContext, UnboundCipherKey},
    iv::FixedLength,
    pbkdf2,
};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use sha_crypt::{PasswordVerifier, ShaCrypt};
use std::num::NonZeroU32;
use subtle::ConstantTimeEq;

/// Memory of one hash, in KiB (OWASP's argon2id setting: 19 MiB, 2 passes, 1 lane).
pub(super) const MEMORY: u32 = 19_456;
/// Passes over the memory.
pub(super) const PASSES: u32 = 2;
/// Bytes of a hash.
const LENGTH: usize = 32;

/// The most a hash of another system may ask for: about a second of one thread.
const MOST_MEMORY: u32 = 128 << 10;
const MOST_PASSES: u32 = 10;
const MOST_SCRYPT_MEMORY: u64 = 128 << 20;
const MOST_SCRYPT_LANES: u32 = 16;
const MOST_ROUNDS: u32 = 5_000_000;
const MOST_SHA_ROUNDS: u32 = 1_000_000;
const MOST_BCRYPT_COST: u32 = 14;

/// Of memory, in KiB, and passes over it: what the most passes over four times our memory take.
const MOST_WORK: u64 = 4 * MEMORY as u64 * MOST_PASSES as u64;

const UNREADABLE: &str = "is not a hash that is understood: argon2, scrypt, pbkdf2, bcrypt or SHA-crypt, \
                          as a PHC string or as passlib, Django, Spring or crypt(3) write it";
const TOO_COSTLY: &str = "asks for more memory or time than is allowed";

/// A stored hash, understood and within the limits.
pub(super) struct StoredHash {
    scheme: Scheme,
    salt: Vec<u8>,
    expected: Vec<u8>,
}

enum Scheme {
    Argon2(Algorithm, Version, Params),
    Scrypt(scrypt::Params),
    Pbkdf2(pbkdf2::Algorithm, NonZeroU32),
    Bcrypt { cost: u32, salt: [u8; 16], of: Hashed },
    ShaCrypt(String),
    Firebase { params: scrypt::Params, signer: Vec<u8> },
}

/// What bcrypt was given.
#[derive(Clone, Copy)]
enum Hashed {
    Password,
    /// Its SHA-256 in hexadecimal, as Django does so that all of a long password counts.
    Digest,
}

impl std::str::FromStr for StoredHash {
    type Err = &'static str;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        let text = notation::plain(text);
        if text.starts_with("$2") {
            return bcrypt(text, Hashed::Password);
        }
        if let Some(text) = text.strip_prefix("bcrypt_sha256$") {
            return bcrypt(text, Hashed::Digest);
        }
        if text.starts_with("$5$") || text.starts_with("$6$") {
            return sha_crypt(text);
        }
        if text.starts_with("$argon2") {
            return argon2(text);
        }
        let parts = Notation::read(text).ok_or(UNREADABLE)?;
        let scheme = match parts.name {
            "scrypt" => Scheme::Scrypt(scrypt(&parts)?),
            "firebase-scrypt" => return firebase(parts),
            "pbkdf2" | "pbkdf2-sha1" => pbkdf2(pbkdf2::PBKDF2_HMAC_SHA1, &parts)?,
            "pbkdf2-sha256" => pbkdf2(pbkdf2::PBKDF2_HMAC_SHA256, &parts)?,
            "pbkdf2-sha512" => pbkdf2(pbkdf2::PBKDF2_HMAC_SHA512, &parts)?,
            _ => return Err(UNREADABLE),
        };
        Ok(Self {
            scheme,
            salt: parts.salt,
            expected: parts.hash,
        })
    }
}

fn argon2(text: &str) -> std::result::Result<StoredHash, &'static str> {
    // Some write salt and hash padded.
    let text: Vec<_> = text.split('$').map(|part| part.trim_end_matches('=')).collect();
    let text = text.join("$");
    let parts = PasswordHash::new(&text).map_err(|_| UNREADABLE)?;
    let algorithm = Algorithm::try_from(parts.algorithm.as_str()).map_err(|_| UNREADABLE)?;
    // Before it was written down, the version was 1.0.
    let version = Version::try_from(parts.version.unwrap_or(0x10)).map_err(|_| UNREADABLE)?;
    let params = Params::try_from(&parts).map_err(|_| UNREADABLE)?;
    let work = u64::from(params.m_cost()) * u64::from(params.t_cost());
    if params.m_cost() > MOST_MEMORY || params.t_cost() > MOST_PASSES || work > MOST_WORK {
        return Err(TOO_COSTLY);
    }
    let (Some(salt), Some(expected)) = (&parts.salt, &parts.hash) else {
        return Err(UNREADABLE);
    };
    Ok(StoredHash {
        scheme: Scheme::Argon2(algorithm, version, params),
        salt: salt.to_vec(),
        expected: expected.as_bytes().to_vec(),
    })
}

fn scrypt(parts: &Notation<'_>) -> std::result::Result<scrypt::Params, &'static str> {
    let of = |name: &str| parts.number(name).ok_or(UNREADABLE);
    let (exponent, block, lanes) = (of("ln")?, of("r")?, of("p")?);
    let memory = 1_u64.checked_shl(exponent).filter(|_| exponent < 32);
    let memory = memory.and_then(|n| n.checked_mul(128 * u64::from(block)));
    if memory.is_none_or(|memory| memory > MOST_SCRYPT_MEMORY) || lanes > MOST_SCRYPT_LANES {
        return Err(TOO_COSTLY);
    }
    let exponent = u8::try_from(exponent).map_err(|_| TOO_COSTLY)?;
    scrypt::Params::new(exponent, block, lanes).map_err(|_| UNREADABLE)
}

/// What Firebase exports of a user, with the parameters of its project: `ss` is the salt separator and `sk` the signer
/// key, both in base 64. The key of scrypt encrypts the signer key (AES-256 in counter mode).
fn firebase(parts: Notation<'_>) -> std::result::Result<StoredHash, &'static str> {
    let params = scrypt(&parts)?;
    let of = |name: &str| parts.param(name).and_then(notation::bytes).ok_or(UNREADABLE);
    let (separator, signer) = (of("ss")?, of("sk")?);
    if signer.len() != parts.hash.len() {
        return Err(UNREADABLE);
    }
    Ok(StoredHash {
        scheme: Scheme::Firebase { params, signer },
        salt: [parts.salt, separator].concat(),
        expected: parts.hash,
    })
}

fn pbkdf2(algorithm: pbkdf2::Algorithm, parts: &Notation<'_>) -> std::result::Result<Scheme, &'static str> {
    let rounds = parts.number("i").and_then(NonZeroU32::new);
    let rounds = rounds.ok_or(UNREADABLE)?;
    if rounds.get() > MOST_ROUNDS {
        return Err(TOO_COSTLY);
    }
    Ok(Scheme::Pbkdf2(algorithm, rounds))
}

fn bcrypt(text: &str, of: Hashed) -> std::result::Result<StoredHash, &'static str> {
    // `$2x$` marks hashes of a faulty implementation, which are easier to find a password for.
    if !["$2a$", "$2b$", "$2y$"].iter().any(|prefix| text.starts_with(prefix)) {
        return Err(UNREADABLE);
    }
    let parts: bcrypt::HashParts = text.parse().map_err(|_| UNREADABLE)?;
    let cost = parts.get_cost();
    if cost > MOST_BCRYPT_COST {
        return Err(TOO_COSTLY);
    }
    if cost < 4 {
        return Err(UNREADABLE);
    }
    let salt = parts.get_salt_raw();
    Ok(StoredHash {
        scheme: Scheme::Bcrypt { cost, salt, of },
        salt: salt.to_vec(),
        expected: parts.to_string().into_bytes(),
    })
}

/// What `crypt(3)` makes with SHA-256 or SHA-512.
fn sha_crypt(text: &str) -> std::result::Result<StoredHash, &'static str> {
    let hash = sha_crypt::PasswordHashRef::new(text).map_err(|_| UNREADABLE)?;
    // It is compared with what the text has: a shorter one is easier to find a password for.
    let length = if text.starts_with("$5$") { 43 } else { 86 };
    if text.rsplit('$').next().is_none_or(|hash| hash.len() != length) {
        return Err(UNREADABLE);
    }
    let rounds = text.split('$').nth(2).and_then(|part| part.strip_prefix("rounds="));
    let rounds = rounds.map_or(Ok(0), |rounds| rounds.parse::<u32>().map_err(|_| UNREADABLE))?;
    if rounds > MOST_SHA_ROUNDS {
        return Err(TOO_COSTLY);
    }
    Ok(StoredHash {
        scheme: Scheme::ShaCrypt(hash.as_str().to_owned()),
        salt: vec![],
        expected: vec![],
    })
}

/// The bytes that scrypt derives.
fn scrypt_of(password: &str, salt: &[u8], params: &scrypt::Params, output: &mut [u8]) -> Result<()> {
    let derived = scrypt::scrypt(password.as_bytes(), salt, params, output);
    Ok(derived.map_err(|error| anyhow::anyhow!("scrypt: {error}"))?)
}

/// What Firebase keeps of a password.
fn firebase_of(password: &str, salt: &[u8], params: &scrypt::Params, signer: &[u8]) -> Result<Vec<u8>> {
    let mut key = [0; 32];
    scrypt_of(password, salt, params, &mut key)?;
    let unspecified = |_| anyhow::anyhow!("AES-256 in counter mode failed");
    let key = UnboundCipherKey::new(&AES_256, &key).map_err(unspecified)?;
    let cipher = DecryptingKey::ctr(key).map_err(unspecified)?;
    let mut output = signer.to_vec();
    // In counter mode, both directions are the same.
    let from_zero = DecryptionContext::Iv128(FixedLength::from([0; 16]));
    cipher.decrypt(&mut output, from_zero).map_err(unspecified)?;
    Ok(output)
}

impl StoredHash {
    /// Whether this is the password. A hash that was made with a pepper is compared with ours.
    pub(super) fn is_of(&self, password: &str, pepper: &Pepper, memory: &mut Vec<Block>) -> Result<bool> {
        let mut output = vec![0; self.expected.len()];
        match &self.scheme {
            Scheme::Argon2(algorithm, version, params) => {
                let key = self.is_peppered().then_some(pepper);
                let argon2 = with_key(*algorithm, *version, params.clone(), key)?;
                compute(&argon2, password, &self.salt, memory, &mut output)?;
            }
            Scheme::Scrypt(params) => scrypt_of(password, &self.salt, params, &mut output)?,
            Scheme::Firebase { params, signer } => output = firebase_of(password, &self.salt, params, signer)?,
            Scheme::Pbkdf2(algorithm, rounds) => {
                pbkdf2::derive(*algorithm, *rounds, &self.salt, password.as_bytes(), &mut output);
            }
            // Compares 72 bytes at most, as whatever made the hash did.
            Scheme::Bcrypt { cost, salt, of } => {
                let parts = match of {
                    Hashed::Password => bcrypt::hash_with_salt(password, *cost, *salt),
                    Hashed::Digest => bcrypt::hash_with_salt(Hash::of(password.as_bytes()), *cost, *salt),
                };
                let parts = parts.map_err(|error| anyhow::anyhow!("bcrypt: {error}"))?;
                output = parts.to_string().into_bytes();
            }
            Scheme::ShaCrypt(text) => {
                let verified = ShaCrypt::default().verify_password(password.as_bytes(), text.as_str());
                return Ok(verified.is_ok());
            }
        }
        Ok(output.ct_eq(&self.expected).into())
    }

    /// Whether it is what would be made of the password today.
    pub(super) fn is_current(&self, pepper: &Pepper) -> bool {
        let Scheme::Argon2(Algorithm::Argon2id, Version::V0x13, params) = &self.scheme else {
            return false;
        };
        (params.m_cost(), params.t_cost(), params.p_cost()) == (MEMORY, PASSES, 1)
            && params.keyid() == pepper.id()
            && self.expected.len() == LENGTH
    }

    /// Whether it was made with this pepper.
    pub(super) fn is_peppered_by(&self, pepper: &Pepper) -> bool {
        matches!(&self.scheme, Scheme::Argon2(_, _, params) if params.keyid() == pepper.id())
    }

    /// Whether it was made with a pepper, ours or another server's.
    pub(super) fn is_peppered(&self) -> bool {
        matches!(&self.scheme, Scheme::Argon2(_, _, params) if !params.keyid().is_empty())
    }
}

/// The hash of a password, as it is stored.
pub(super) fn make(password: &str, pepper: &Pepper, memory: &mut Vec<Block>) -> Result<String> {
    let salt = secret::random::<16>();
    let params = Params::new(MEMORY, PASSES, 1, None).map_err(|e| anyhow::anyhow!("argon2: {e}"))?;
    let argon2 = with_key(Algorithm::Argon2id, Version::V0x13, params, Some(pepper))?;
    let mut output = [0; LENGTH];
    compute(&argon2, password, &salt, memory, &mut output)?;
    Ok(text(pepper, &salt, &output))
}

/// A hash that no password has, and that costs as much to compare as any of ours.
pub(super) fn of_nobody(pepper: &Pepper) -> String {
    text(pepper, &secret::random::<16>(), &secret::random::<LENGTH>())
}

fn text(pepper: &Pepper, salt: &[u8], output: &[u8]) -> String {
    let encode = |bytes| STANDARD_NO_PAD.encode(bytes);
    format!(
        "$argon2id$v=19$m={MEMORY},t={PASSES},p=1,keyid={}${}${}",
        encode(pepper.id()),
        encode(salt),
        encode(output)
    )
}

fn with_key(algorithm: Algorithm, version: Version, params: Params, key: Option<&Pepper>) -> Result<Argon2<'_>> {
    match key {
        Some(pepper) => Ok(Argon2::new_with_secret(pepper.key(), algorithm, version, params)
            .map_err(|error| anyhow::anyhow!("argon2: {error}"))?),
        None => Ok(Argon2::new(algorithm, version, params)),
    }
}

fn compute(argon2: &Argon2<'_>, password: &str, salt: &[u8], memory: &mut Vec<Block>, output: &mut [u8]) -> Result<()> {
    memory.resize(argon2.params().block_count(), Block::default());
    argon2
        .hash_password_into_with_memory(password.as_bytes(), salt, output, &mut memory[..])
        .map_err(|error| anyhow::anyhow!("argon2: {error}"))?;
    // One of another system may have taken much more than ours do.
    memory.truncate(MEMORY as usize);
    memory.shrink_to(MEMORY as usize);
    Ok(())
}
