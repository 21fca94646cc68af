//! Secrets: random values, keyed hashes, and values sealed with the master key.

use aws_lc_rs::{aead, digest, hkdf, hmac};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// Fills an array from the operating system's generator.
#[must_use]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // Not that of the crypto library: it measures jitter for milliseconds before its first byte.
    getrandom::fill(&mut bytes).expect("the operating system has randomness");
    bytes
}

/// A new token of 256 random bits, in URL-safe base 64 (43 characters).
///
/// Returned once with the hash to store: the token itself is never kept.
#[must_use]
pub fn new_token() -> (Zeroizing<String>, Vec<u8>) {
    let token = Zeroizing::new(URL_SAFE_NO_PAD.encode(random::<32>()));
    let hash = token_hash(&token);
    (token, hash)
}

/// Whether a text has the form of one.
#[must_use]
pub fn is_token(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

/// The hash of a random token, as it is stored. Its 256 bits make a slow hash needless.
#[must_use]
pub fn token_hash(token: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, token.as_bytes()).as_ref().to_vec()
}

/// SHA-256 of these parts, one after the other.
#[must_use]
pub fn hash_of<const N: usize>(parts: [&[u8]; N]) -> [u8; 32] {
    let mut hash = digest::Context::new(&digest::SHA256);
    for part in parts {
        hash.update(part);
    }
    hash.finish().as_ref().try_into().expect("SHA-256 has 32 bytes")
}

/// A code of six decimal digits, each value equally likely (ASVS 6.5.4).
#[must_use]
pub fn new_code() -> Zeroizing<String> {
    loop {
        let value = u32::from_be_bytes(random());
        // The largest multiple of a million below 2^32: above it, some codes would be likelier.
        if value < 4_294_000_000 {
            return Zeroizing::new(format!("{:06}", value % 1_000_000));
        }
    }
}

/// The key everything secret at rest hangs from.
///
/// Independent keys are derived from it (HKDF-SHA256, RFC 5869): one seals, one hashes, and one is the
/// pepper of passwords. Others have keys of their own: see [`MasterKey::derived`].
pub struct MasterKey {
    root: hkdf::Prk,
    sealing: aead::RandomizedNonceKey,
    hashing: hmac::Key,
    pepper: Pepper,
}

fn derive(root: &hkdf::Prk, purpose: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    root.expand(&[purpose], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(key.as_mut()))
        .expect("32 bytes are one HKDF block");
    key
}

/// The secret that password hashes are made with besides the password (RFC 9106 §3.1, `K`): a
/// thief of the database without it cannot even try passwords.
#[derive(Clone)]
pub struct Pepper {
    key: Zeroizing<[u8; 32]>,
    id: [u8; 6],
}

impl Pepper {
    /// The secret itself.
    #[must_use]
    pub fn key(&self) -> &[u8] {
        self.key.as_ref()
    }

    /// An id that tells it from other peppers, and nothing about it; stored with each hash.
    #[must_use]
    pub fn id(&self) -> &[u8] {
        &self.id
    }
}

impl std::fmt::Debug for Pepper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pepper(…)")
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// The text is not a key, or a sealed value cannot be opened with this key.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct KeyError(&'static str);

impl MasterKey {
    /// Reads 32 bytes in base 64, with or without padding, of either alphabet.
    ///
    /// # Errors
    /// The text is not 32 bytes of base 64.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim().trim_end_matches('=').replace('+', "-").replace('/', "_");
        let bytes = Zeroizing::new(
            URL_SAFE_NO_PAD
                .decode(text)
                .map_err(|_| KeyError("the master key must be 32 bytes in base 64"))?,
        );
        if bytes.len() != 32 {
            return Err(KeyError("the master key must be 32 bytes in base 64"));
        }
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"tenantry").extract(&bytes);
        let derive = |purpose| derive(&root, purpose);
        let sealing = aead::RandomizedNonceKey::new(&aead::AES_256_GCM, derive(b"seal").as_ref())
            .expect("32 bytes are an AES-256 key");
        let hashing = hmac::Key::new(hmac::HMAC_SHA256, derive(b"hash").as_ref());
        let mut id = [0; 6];
        id.copy_from_slice(&derive(b"pepper id")[..6]);
        let key = derive(b"pepper");
        Ok(Self {
            root,
            sealing,
            hashing,
            pepper: Pepper { key, id },
        })
    }

    /// One more key, independent of the others.
    #[must_use]
    pub fn derived(&self, purpose: &[u8]) -> Zeroizing<[u8; 32]> {
        derive(&self.root, purpose)
    }

    /// The pepper of passwords.
    #[must_use]
    pub fn pepper(&self) -> &Pepper {
        &self.pepper
    }

    /// A new key, as text for a file of mode 0600.
    #[must_use]
    pub fn generate() -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(random::<32>()))
    }

    /// Seals a value for one purpose (AES-256-GCM: version, nonce, ciphertext, tag).
    ///
    /// `context` says where the value belongs; it opens nowhere else.
    #[must_use]
    pub fn seal(&self, context: &str, plain: &[u8]) -> Vec<u8> {
        let mut body = plain.to_vec();
        let nonce = self
            .sealing
            .seal_in_place_append_tag(aead::Aad::from(context.as_bytes()), &mut body)
            .expect("values are far below the limit of AES-GCM");
        let mut sealed = vec![1];
        sealed.extend_from_slice(nonce.as_ref());
        sealed.append(&mut body);
        sealed
    }

    /// Opens what [`MasterKey::seal`] made for the same `context`.
    ///
    /// # Errors
    /// The value was sealed with another key or for another context, or has been damaged.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let damaged = KeyError("a sealed value cannot be opened with this master key");
        let (nonce, body) = match sealed {
            [1, rest @ ..] if rest.len() > aead::NONCE_LEN => rest.split_at(aead::NONCE_LEN),
            _ => return Err(damaged),
        };
        let nonce = aead::Nonce::try_assume_unique_for_key(nonce).expect("the length is a nonce's");
        let mut body = Zeroizing::new(body.to_vec());
        let length = self
            .sealing
            .open_in_place(nonce, aead::Aad::from(context.as_bytes()), &mut body)
            .map_err(|_| damaged)?
            .len();
        body.truncate(length);
        Ok(body)
    }

    /// A keyed hash of a guessable value (HMAC-SHA256).
    ///
    /// A plain hash of a six-digit code is found by trying a million; this needs the key too.
    #[must_use]
    pub fn hash(&self, context: &str, value: &str) -> Vec<u8> {
        let mut hmac = hmac::Context::with_key(&self.hashing);
        hmac.update(context.as_bytes());
        hmac.update(&[0]);
        hmac.update(value.as_bytes());
        hmac.sign().as_ref().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_only_with_its_key_in_its_context() {
        let key = MasterKey::parse(&MasterKey::generate()).unwrap();
        let sealed = key.seal("here", b"secret");
        assert_eq!(key.open("here", &sealed).unwrap().as_slice(), b"secret");

        assert!(key.open("there", &sealed).is_err());
        assert!(
            MasterKey::parse(&MasterKey::generate())
                .unwrap()
                .open("here", &sealed)
                .is_err()
        );
        let mut damaged = sealed.clone();
        damaged[20] ^= 1;
        assert!(key.open("here", &damaged).is_err());
        assert!(key.open("here", &[]).is_err());
        assert_ne!(key.seal("here", b"secret"), sealed, "a nonce is never used twice");
    }

    #[test]
    fn codes_have_six_digits_with_leading_zeros() {
        let codes: Vec<_> = (0..2_000).map(|_| new_code()).collect();
        assert!(
            codes
                .iter()
                .all(|code| code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()))
        );
        let zeros = codes.iter().filter(|code| code.starts_with('0')).count();
        assert!(
            (100..320).contains(&zeros),
            "about a tenth begins with zero, not {zeros} of 2000"
        );
    }

    #[test]
    fn each_master_key_has_a_pepper_of_its_own_that_stays_the_same() {
        let text = MasterKey::generate();
        let (key, again) = (MasterKey::parse(&text).unwrap(), MasterKey::parse(&text).unwrap());
        assert_eq!(
            (key.pepper().key(), key.pepper().id()),
            (again.pepper().key(), again.pepper().id())
        );
        let other = MasterKey::parse(&MasterKey::generate()).unwrap();
        assert_ne!(key.pepper().key(), other.pepper().key());
        assert_ne!(key.pepper().id(), other.pepper().id());
        assert!(!key.pepper().key().starts_with(key.pepper().id()));
    }

    #[test]
    fn a_master_key_that_is_too_short_is_refused() {
        assert!(MasterKey::parse("c2hvcnQ").is_err());
        assert!(MasterKey::parse("not base 64 at all!").is_err());
    }
}
