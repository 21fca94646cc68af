//! Pairs of keys: made, read back, signing.

use super::Algorithm;
use anyhow::Context;
use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

/// A pair that was just made and is not stored yet.
#[derive(Debug)]
pub struct Pair {
    pub(super) algorithm: Algorithm,
    pub(super) kid: String,
    /// PKCS #8.
    pub(super) private: Zeroizing<Vec<u8>>,
    /// The members of its JWK, with a dot between two.
    pub(super) public: String,
}

/// A pair for each of these algorithms, where nobody waits for it: an RSA key takes a core for a tenth
/// of a second and longer. So a process makes one after the other.
///
/// # Errors
/// The system has no randomness.
pub async fn make(algorithms: &[Algorithm]) -> anyhow::Result<Vec<Pair>> {
    static ONE: Mutex<()> = Mutex::const_new(());
    if algorithms.is_empty() {
        return Ok(vec![]);
    }
    let algorithms = algorithms.to_vec();
    let _turn = ONE.lock().await;
    tokio::task::spawn_blocking(move || algorithms.into_iter().map(generate).collect()).await?
}

/// A pair for this algorithm, made on this thread.
pub(super) fn generate(algorithm: Algorithm) -> anyhow::Result<Pair> {
    let making = || format!("making a key for {}", algorithm.as_str());
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let (private, public) = match algorithm {
        Algorithm::EdDsa => {
            let pair = Ed25519KeyPair::generate().with_context(making)?;
            let private = pair.to_pkcs8().with_context(making)?;
            (private.as_ref().to_vec(), encode(pair.public_key().as_ref()))
        }
        Algorithm::Es256 => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).with_context(making)?;
            let private = pair.to_pkcs8v1().with_context(making)?;
            // An uncompressed point (SEC 1 §2.3.3): a byte 4, then both coordinates.
            let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
            (private.as_ref().to_vec(), format!("{}.{}", encode(x), encode(y)))
        }
        Algorithm::Rs256 => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048).with_context(making)?;
            let private = pair.as_der().with_context(making)?;
            let public = pair.public_key();
            let (n, e) = (public.modulus(), public.exponent());
            let [n, e] = [n, e].map(|number| encode(number.big_endian_without_leading_zero()));
            (private.as_ref().to_vec(), format!("{n}.{e}"))
        }
    };
    Ok(Pair {
        algorithm,
        kid: encode(&crate::kit::secret::random::<9>()),
        private: Zeroizing::new(private),
        public,
    })
}

/// The public half as a JWK (RFC 7517 §4).
pub(super) fn jwk(algorithm: Algorithm, kid: &str, public: &str) -> Value {
    let (first, second) = public.split_once('.').unwrap_or((public, ""));
    let alg = algorithm.as_str();
    match algorithm {
        Algorithm::Rs256 => json!({ "kty": "RSA", "use": "sig", "alg": alg, "kid": kid, "n": first, "e": second }),
        Algorithm::Es256 => {
            json!({ "kty": "EC", "use": "sig", "alg": alg, "kid": kid, "crv": "P-256", "x": first, "y": second })
        }
        Algorithm::EdDsa => json!({ "kty": "OKP", "use": "sig", "alg": alg, "kid": kid, "crv": "Ed25519", "x": first }),
    }
}

/// A private half, read once and ready to sign.
pub(super) enum Signer {
    EdDsa(Ed25519KeyPair),
    Es256(EcdsaKeyPair),
    Rs256(RsaKeyPair),
}

impl Signer {
    /// Of this PKCS #8.
    pub(super) fn read(algorithm: Algorithm, private: &[u8]) -> anyhow::Result<Self> {
        let signer = match algorithm {
            Algorithm::EdDsa => Ed25519KeyPair::from_pkcs8(private).map(Self::EdDsa),
            Algorithm::Es256 => EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, private).map(Self::Es256),
            Algorithm::Rs256 => RsaKeyPair::from_pkcs8(private).map(Self::Rs256),
        };
        signer.with_context(|| format!("reading a key for {}", algorithm.as_str()))
    }

    /// Writes the signature of the text behind it, after a dot.
    pub(super) fn sign(&self, text: &mut String) -> anyhow::Result<()> {
        // None of them asks it for anything.
        let random = SystemRandom::new();
        let failed = "signing a token";
        let append = |text: &mut String, signature: &[u8]| {
            text.push('.');
            URL_SAFE_NO_PAD.encode_string(signature, text);
        };
        match self {
            Self::EdDsa(pair) => {
                let signature = pair.try_sign(text.as_bytes()).context(failed)?;
                append(text, signature.as_ref());
            }
            Self::Es256(pair) => {
                let signature = pair.sign(&random, text.as_bytes()).context(failed)?;
                append(text, signature.as_ref());
            }
            Self::Rs256(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature)
                    .context(failed)?;
                append(text, &signature);
            }
        }
        Ok(())
    }
}
