//! What the policies have in common on the wire of the console group.

use super::Setting;
use crate::{
    access::{
        Caller,
        permission::{PoliciesGet, PoliciesUpdate},
    },
    kit::{
        error::{Error, Result},
        object::{Expected, Versioned},
    },
};
use poem_openapi::{Object, types::ToJSON};

/// What a policy says of itself.
#[derive(Debug, Object)]
pub struct PolicyMetadata {
    /// Its name.
    name: String,
    /// Counts the writes; 0 if it is as by default.
    version: i64,
}

impl PolicyMetadata {
    /// That of the policy `T` in this version.
    #[must_use]
    pub fn of<T: Setting>(version: i64) -> Self {
        Self {
            name: T::NAME.to_owned(),
            version,
        }
    }
}

/// A policy on the wire.
pub trait PolicyObject: ToJSON + Sized {
    /// What it shows.
    type Setting: Setting;

    /// The setting in this version.
    fn new(setting: &Self::Setting, version: i64) -> Self;
}

/// Answers with a policy.
///
/// # Errors
/// The database's.
pub async fn show<P: PolicyObject>(caller: &Caller<PoliciesGet>) -> Result<Versioned<P>> {
    let (setting, version) = caller.run(async |tx| super::read(tx).await).await?;
    Ok(Versioned::new(P::new(&setting, version), version))
}

/// Makes a policy what this says, and answers with it.
///
/// # Errors
/// The fields that do not go together; those of [`Expected::meet`].
pub async fn put<P, S>(caller: &Caller<PoliciesUpdate>, expected: Expected, spec: S) -> Result<Versioned<P>>
where
    P: PolicyObject,
    P::Setting: TryFrom<S>,
    Error: From<<P::Setting as TryFrom<S>>::Error>,
{
    let setting = P::Setting::try_from(spec)?;
    let version = caller
        .run(async |tx| super::write(tx, expected, &setting).await)
        .await?;
    Ok(Versioned::new(P::new(&setting, version), version))
}

/// A policy as an object and the request that changes it: both of a spec, which is made of the
/// setting.
macro_rules! policy_objects {
    ($(#[$doc:meta])* $object:ident, $(#[$change:meta])* $request:ident: $spec:ident of $setting:ty) => {
        $(#[$doc])*
        #[derive(Debug, poem_openapi::Object)]
        pub struct $object {
            metadata: $crate::setting::wire::PolicyMetadata,
            spec: $spec,
        }

        $(#[$change])*
        #[derive(Debug, poem_openapi::Object)]
        pub struct $request {
            metadata: Option<$crate::kit::object::ExpectedMetadata>,
            spec: $spec,
        }

        impl $crate::setting::wire::PolicyObject for $object {
            type Setting = $setting;

            fn new(setting: &$setting, version: i64) -> Self {
                Self {
                    metadata: $crate::setting::wire::PolicyMetadata::of::<$setting>(version),
                    spec: setting.into(),
                }
            }
        }
    };
}

pub(crate) use policy_objects;
