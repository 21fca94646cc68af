//! How systems write down the hash of a password: PHC strings, strictly or loosely, and forms of their own.

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{
        DecodePaddingMode,
        general_purpose::{GeneralPurpose, GeneralPurposeConfig},
    },
};

/// Base 64 with padding or without, and with bits that are left over.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);
/// Bytes of a hash: fewer could be found by chance.
const SHORTEST: usize = 10;
const LONGEST: usize = 128;

/// A hash in its parts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Notation<'a> {
    /// The scheme, as PHC strings name it.
    pub(super) name: &'a str,
    params: Vec<(&'a str, String)>,
    pub(super) salt: Vec<u8>,
    pub(super) hash: Vec<u8>,
}

/// The hash without the name that Spring (`{bcrypt}…`) and Django (`bcrypt$…`, `argon2$…`) put before that of the scheme.
pub(super) fn plain(text: &str) -> &str {
    let by_spring = text.strip_prefix('{').and_then(|rest| rest.split_once('}'));
    let text = match by_spring {
        Some((name, rest)) if ["bcrypt", "argon2"].contains(&name.split('@').next().unwrap_or_default()) => rest,
        _ => text,
    };
    let by_django = text.strip_prefix("bcrypt$").or_else(|| text.strip_prefix("argon2"));
    by_django.filter(|rest| rest.starts_with('$')).unwrap_or(text)
}

/// Base 64 as in PHC strings, padded, or with `.` for `+` as passlib has it.
pub(super) fn bytes(text: &str) -> Option<Vec<u8>> {
    LENIENT.decode(text.replace('.', "+")).ok()
}

impl<'a> Notation<'a> {
    /// Reads `$name$params$salt$hash` and Django's `name$rounds$salt$hash`, whose salt is a text.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let parts: Vec<&str> = text.split('$').collect();
        let read = match parts[..] {
            ["", name, params, salt, hash] => Self {
                name,
                params: params_of(params)?,
                salt: bytes(salt)?,
                hash: bytes(hash)?,
            },
            ["pbkdf2_sha256", rounds, salt, hash] => Self::of_django("pbkdf2-sha256", &[("i", rounds)], (salt, hash))?,
            ["pbkdf2_sha1", rounds, salt, hash] => Self::of_django("pbkdf2-sha1", &[("i", rounds)], (salt, hash))?,
            ["scrypt", n, salt, r, p, hash] => {
                let n: u64 = n.parse().ok().filter(|n: &u64| n.is_power_of_two())?;
                let ln = n.trailing_zeros().to_string();
                Self::of_django("scrypt", &[("ln", &ln), ("r", r), ("p", p)], (salt, hash))?
            }
            _ => return None,
        };
        (SHORTEST..=LONGEST).contains(&read.hash.len()).then_some(read)
    }

    fn of_django(name: &'a str, params: &[(&'a str, &str)], (salt, hash): (&str, &str)) -> Option<Self> {
        let params = params.iter().map(|(name, value)| (*name, (*value).to_owned()));
        Some(Self {
            name,
            params: params.collect(),
            salt: salt.as_bytes().to_vec(),
            hash: bytes(hash)?,
        })
    }

    /// A parameter.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        let found = self.params.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// A parameter that is a number.
    pub(super) fn number(&self, name: &str) -> Option<u32> {
        self.param(name)?.parse().ok()
    }
}

/// `a=1,b=2`, or the number of rounds alone, as passlib writes it.
fn params_of(text: &str) -> Option<Vec<(&str, String)>> {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(vec![("i", text.to_owned())]);
    }
    let each = text.split(',').map(|pair| pair.split_once('='));
    each.map(|pair| pair.map(|(name, value)| (name, value.to_owned())))
        .collect()
}
