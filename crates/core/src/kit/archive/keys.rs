//! The keys of backups: those of the instance, and one of each file.

use super::{Recipient, Refusal};
use crate::kit::secret::{self, MasterKey};
use aws_lc_rs::{
    aead::{self, RandomizedNonceKey},
    digest, hkdf, hmac,
    signature::{self, Ed25519KeyPair, KeyPair},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// What an instance seals the keys of its backups with, and signs them.
pub struct BackupKeys {
    sealing: Zeroizing<[u8; 32]>,
    signing: Ed25519KeyPair,
}

/// Who made a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    /// `SHA256:` and the hash of the public key in base 64, without padding.
    pub fingerprint: String,
    /// The public key (Ed25519), in base64url.
    pub public: String,
}

/// The key of one file.
pub struct FileKey(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for BackupKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BackupKeys(…)")
    }
}

impl std::fmt::Debug for FileKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FileKey(…)")
    }
}

impl BackupKeys {
    /// Those of the instance with this master key.
    ///
    /// # Panics
    /// Never: any 32 bytes are the seed of a key that signs.
    #[must_use]
    pub fn of(master: &MasterKey) -> Self {
        let seed = master.derived(b"backup signing");
        Self {
            sealing: master.derived(b"backup"),
            signing: Ed25519KeyPair::from_seed_unchecked(seed.as_ref()).expect("any 32 bytes are a seed"),
        }
    }

    /// Which key this is, in base64url.
    #[must_use]
    pub fn id(&self) -> String {
        let hash = secret::hash_of([b"tenantry backup key", self.sealing.as_ref()]);
        URL_SAFE_NO_PAD.encode(&hash[..6])
    }

    /// Who signs with it.
    #[must_use]
    pub fn signer(&self) -> Signer {
        let public = self.signing.public_key().as_ref();
        Signer {
            fingerprint: fingerprint(public),
            public: URL_SAFE_NO_PAD.encode(public),
        }
    }

    /// The one who may open the file of this backup with this key.
    #[must_use]
    pub fn recipient(&self, backup: &str, file: &FileKey) -> Recipient {
        let mut body = file.0.to_vec();
        let nonce = self
            .cipher()
            .seal_in_place_append_tag(aead::Aad::from(context(backup)), &mut body)
            .expect("32 bytes are far below the limit of AES-GCM");
        let sealed = [&nonce.as_ref()[..], &body].concat();
        Recipient::Instance {
            key_id: self.id(),
            sealed: URL_SAFE_NO_PAD.encode(sealed),
        }
    }

    /// The key of the file of this backup, if one of these is for this key.
    #[must_use]
    pub fn open(&self, backup: &str, recipients: &[Recipient]) -> Option<FileKey> {
        let own = self.id();
        recipients.iter().find_map(|recipient| match recipient {
            Recipient::Instance { key_id, sealed } if *key_id == own => {
                let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
                let (nonce, body) = sealed.split_at_checked(aead::NONCE_LEN)?;
                let nonce = aead::Nonce::try_assume_unique_for_key(nonce).ok()?;
                let mut body = Zeroizing::new(body.to_vec());
                let aad = aead::Aad::from(context(backup));
                let plain = self.cipher().open_in_place(nonce, aad, &mut body).ok()?;
                Some(FileKey(Zeroizing::new((&*plain).try_into().ok()?)))
            }
            _ => None,
        })
    }

    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        let signature = self.signing.sign(message);
        signature
            .as_ref()
            .try_into()
            .expect("an Ed25519 signature has 64 bytes")
    }

    fn cipher(&self) -> RandomizedNonceKey {
        RandomizedNonceKey::new(&aead::AES_256_GCM, self.sealing.as_ref()).expect("32 bytes are an AES-256 key")
    }
}

fn context(backup: &str) -> String {
    format!("backup/{backup}")
}

fn fingerprint(public: &[u8]) -> String {
    let hash = digest::digest(&digest::SHA256, public);
    format!("SHA256:{}", STANDARD_NO_PAD.encode(hash))
}

impl Signer {
    /// Whether its fingerprint is that of its key.
    pub(super) fn is_sound(&self) -> bool {
        let public = URL_SAFE_NO_PAD.decode(&self.public);
        public.is_ok_and(|public| fingerprint(&public) == self.fingerprint)
    }

    /// Whether this one signed this.
    pub(super) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let public = URL_SAFE_NO_PAD.decode(&self.public).unwrap_or_default();
        let key = signature::UnparsedPublicKey::new(&signature::ED25519, public);
        key.verify(message, signature).is_ok()
    }

    /// # Errors
    /// [`Refusal::SignerUnknown`] unless it is one of these.
    pub(super) fn check(&self, trusted: &[String]) -> Result<(), Refusal> {
        match trusted.contains(&self.fingerprint) {
            true => Ok(()),
            false => Err(Refusal::SignerUnknown(self.fingerprint.clone())),
        }
    }
}

impl FileKey {
    /// A new one.
    #[must_use]
    pub fn generate() -> Self {
        Self(Zeroizing::new(secret::random()))
    }

    fn derive(&self, label: &[u8]) -> Zeroizing<[u8; 32]> {
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"tenantry backup").extract(self.0.as_ref());
        let mut key = Zeroizing::new([0; 32]);
        root.expand(&[label], hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(key.as_mut()))
            .expect("32 bytes are one HKDF block");
        key
    }

    pub(super) fn header(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, self.derive(b"header").as_ref())
    }

    pub(super) fn payload(&self) -> aead::LessSafeKey {
        let key = aead::UnboundKey::new(&aead::AES_256_GCM, self.derive(b"payload").as_ref());
        aead::LessSafeKey::new(key.expect("32 bytes are an AES-256 key"))
    }
}
