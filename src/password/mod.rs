//! Passwords: the tenant's policy for them, and the hashes that are kept of them.
//!
//! A new password goes through the tenant's policy, which alone makes the `Accepted` that
//! `Hasher::hash` takes. The stored hash is argon2id under a pepper that is derived from the
//! master key, computed on threads of their own behind a queue of bounded length: a hash takes
//! 19 MiB and tens of milliseconds on purpose, so it never runs on a thread that answers requests,
//! no more hashes run than there are threads, each thread uses one block of memory again and
//! again, and a caller that would have to wait too long is told to come back. Hashes of other systems are
//! taken over and made anew when their users sign in.

pub mod api;
mod guess;
mod hasher;
mod notation;
mod policy;
mod stored;
#[cfg(test)]
mod tests;
pub mod wire;

use crate::kit::{
    error::{Error, Result},
    secret::Pepper,
    text::{GivenHash, NewPassword},
};
pub use hasher::{Hasher, Slot, Verdict};
pub use policy::{Accepted, Class, Conformance, Failure, GENERATED, Policy, Preset, Rules, Words, generate};
use stored::StoredHash;
use tenantry_core::tenant::Tenant;

/// A new password, if the policy of its tenant accepts it for a user with these words; `field` is
/// what the request calls it.
///
/// # Errors
/// [`Error::Invalid`] with every rule it does not meet.
pub fn accept(policy: &Policy, tenant: &Tenant, field: &str, new: &NewPassword, about: &Words) -> Result<Accepted> {
    let about = Words::of([&*tenant.name, &tenant.display_name]).and(about);
    policy
        .accept(new, &about)
        .map_err(|failures| Error::Invalid(failures.into_iter().map(|failure| failure.of(field)).collect()))
}

/// The hash of a password that another system made, to be stored as it is.
///
/// # Errors
/// The field, if the hash is not understood, costs more than is allowed, or needs a key.
pub fn import(field: &str, hash: &GivenHash) -> Result<String> {
    take(field, hash, StoredHash::is_peppered)
}

/// The same of a hash that this server may have made itself: one that was exported comes back.
///
/// # Errors
/// As [`import`].
pub fn import_again(field: &str, hash: &GivenHash, pepper: &Pepper) -> Result<String> {
    take(field, hash, |stored| {
        stored.is_peppered() && !stored.is_peppered_by(pepper)
    })
}

fn take(field: &str, hash: &GivenHash, is_foreign: impl FnOnce(&StoredHash) -> bool) -> Result<String> {
    let stored: StoredHash = hash
        .expose()
        .parse()
        .map_err(|why: &str| Error::field(field, "value", why))?;
    match is_foreign(&stored) {
        true => Err(Error::field(
            field,
            "value",
            "was made with a key that this server does not have",
        )),
        false => Ok(hash.expose().to_owned()),
    }
}
