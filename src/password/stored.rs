//! Stored hashes of passwords: those of our own making, and those of other systems, which are
//! read within limits so that no row makes the server compute for minutes.

use crate::kit::{
    error::Result,
    secret::{self, Pepper},
};
use argon2::{Algorithm, Argon2, Block, Params, PasswordHash, Version};
use aws_lc_rs::pbkdf2;
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use std::num::NonZeroU32;
use subtle::ConstantTimeEq;

/// Memory of one hash, in KiB (OWASP's argon2id setting: 19 MiB, 2 passes, 1 lane).
pub(super) const MEMORY: u32 = 19_456;
/// Passes over the memory.
pub(super) const PASSES: u32 = 2;
/// Bytes of a hash.
const LENGTH: usize = 32;

/// The most a hash of another system may ask for: about a second of one thread.
const MOST_MEMORY: u32 = 4 * MEMORY;
const MOST_PASSES: u32 = 10;
const MOST_SCRYPT_MEMORY: u64 = 128 << 20;
const MOST_SCRYPT_LANES: u32 = 16;
const MOST_ROUNDS: u32 = 5_000_000;
const MOST_BCRYPT_COST: u32 = 14;

const UNREADABLE: &str = "is not a hash that is understood: argon2, scrypt or pbkdf2 in PHC form, or bcrypt";
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
    Bcrypt { cost: u32, salt: [u8; 16] },
}

impl std::str::FromStr for StoredHash {
    type Err = &'static str;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        if text.starts_with("$2") {
            return bcrypt(text);
        }
        let parts = PasswordHash::new(text).map_err(|_| UNREADABLE)?;
        let scheme = match parts.algorithm.as_str() {
            "argon2id" | "argon2i" | "argon2d" => argon2(&parts)?,
            "scrypt" => scrypt(&parts)?,
            "pbkdf2-sha256" => pbkdf2(pbkdf2::PBKDF2_HMAC_SHA256, &parts)?,
            "pbkdf2-sha512" => pbkdf2(pbkdf2::PBKDF2_HMAC_SHA512, &parts)?,
            _ => return Err(UNREADABLE),
        };
        let (Some(salt), Some(expected)) = (&parts.salt, &parts.hash) else {
            return Err(UNREADABLE);
        };
        Ok(Self {
            scheme,
            salt: salt.to_vec(),
            expected: expected.as_bytes().to_vec(),
        })
    }
}

fn argon2(parts: &PasswordHash) -> std::result::Result<Scheme, &'static str> {
    let algorithm = Algorithm::try_from(parts.algorithm.as_str()).map_err(|_| UNREADABLE)?;
    // Before it was written down, the version was 1.0.
    let version = Version::try_from(parts.version.unwrap_or(0x10)).map_err(|_| UNREADABLE)?;
    let params = Params::try_from(parts).map_err(|_| UNREADABLE)?;
    if params.m_cost() > MOST_MEMORY || params.t_cost() > MOST_PASSES {
        return Err(TOO_COSTLY);
    }
    Ok(Scheme::Argon2(algorithm, version, params))
}

fn scrypt(parts: &PasswordHash) -> std::result::Result<Scheme, &'static str> {
    let of = |name: &str| parts.params.get_decimal(name).ok_or(UNREADABLE);
    let (exponent, block, lanes) = (of("ln")?, of("r")?, of("p")?);
    let memory = 1_u64.checked_shl(exponent).filter(|_| exponent < 32);
    let memory = memory.and_then(|n| n.checked_mul(128 * u64::from(block)));
    if memory.is_none_or(|memory| memory > MOST_SCRYPT_MEMORY) || lanes > MOST_SCRYPT_LANES {
        return Err(TOO_COSTLY);
    }
    let exponent = u8::try_from(exponent).map_err(|_| TOO_COSTLY)?;
    let params = scrypt::Params::new(exponent, block, lanes).map_err(|_| UNREADABLE)?;
    Ok(Scheme::Scrypt(params))
}

fn pbkdf2(algorithm: pbkdf2::Algorithm, parts: &PasswordHash) -> std::result::Result<Scheme, &'static str> {
    let rounds = parts.params.get_decimal("i").and_then(NonZeroU32::new);
    let rounds = rounds.ok_or(UNREADABLE)?;
    if rounds.get() > MOST_ROUNDS {
        return Err(TOO_COSTLY);
    }
    Ok(Scheme::Pbkdf2(algorithm, rounds))
}

fn bcrypt(text: &str) -> std::result::Result<StoredHash, &'static str> {
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
        scheme: Scheme::Bcrypt { cost, salt },
        salt: salt.to_vec(),
        expected: parts.to_string().into_bytes(),
    })
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
            Scheme::Scrypt(params) => scrypt::scrypt(password.as_bytes(), &self.salt, params, &mut output)
                .map_err(|error| anyhow::anyhow!("scrypt: {error}"))?,
            Scheme::Pbkdf2(algorithm, rounds) => {
                pbkdf2::derive(*algorithm, *rounds, &self.salt, password.as_bytes(), &mut output);
            }
            // Compares 72 bytes at most, as whatever made the hash did.
            Scheme::Bcrypt { cost, salt } => {
                let parts = bcrypt::hash_with_salt(password, *cost, *salt);
                let parts = parts.map_err(|error| anyhow::anyhow!("bcrypt: {error}"))?;
                output = parts.to_string().into_bytes();
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
    Ok(())
}
