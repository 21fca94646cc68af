//! What the policies have in common on the wire of the console group.

use super::Setting;
use crate::{
    context::Signed,
    kit::{
        body::{self, AsRead, Body},
        db::Tx,
        error::{Error, Result},
        object::{ExpectedMetadata, Versioned},
    },
};
use poem_openapi::{
    Object,
    types::{ParseFromJSON, ToJSON},
};
use serde_json::{Value, json};

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
    fn new(setting: Self::Setting, version: i64) -> Self;
}

/// Answers with a policy.
pub async fn show<P: PolicyObject>(caller: &Signed) -> Result<Versioned<P>> {
    let (setting, version) = caller.run(async |tx| super::read(tx).await).await?;
    Ok(Versioned::by_tree(&P::new(setting, version), version))
}

/// Makes a policy what a request says, and answers with it.
///
/// # Errors
/// Those of [`Setting::check`] and of [`change`].
pub async fn put<P: PolicyObject>(
    caller: &Signed,
    new: Body<impl Into<(Option<ExpectedMetadata>, P::Setting)>, P>,
) -> Result<Versioned<P>> {
    put_and(caller, new, async |_| Ok(())).await
}

/// The same, with what follows from it.
///
/// # Errors
/// Those of [`put`], and those of what follows.
pub async fn put_and<P: PolicyObject>(
    caller: &Signed,
    Body(new, as_read): Body<impl Into<(Option<ExpectedMetadata>, P::Setting)>, P>,
    follow: impl AsyncFnOnce(&Tx) -> Result<()>,
) -> Result<Versioned<P>> {
    let (metadata, new) = new.into();
    let new = new.check().map_err(in_spec)?;
    change_and(caller, metadata, &as_read, |_, _| Ok(new), follow).await
}

/// Makes a policy from the one before, and answers with it.
///
/// # Errors
/// What `f` returns, with its fields below `spec`; those of [`AsRead::check`] and of
/// [`super::change`].
pub async fn change<P: PolicyObject>(
    caller: &Signed,
    metadata: Option<ExpectedMetadata>,
    as_read: &AsRead<P>,
    f: impl FnOnce(&Tx, &P::Setting) -> Result<P::Setting>,
) -> Result<Versioned<P>> {
    change_and(caller, metadata, as_read, f, async |_| Ok(())).await
}

async fn change_and<P: PolicyObject>(
    caller: &Signed,
    metadata: Option<ExpectedMetadata>,
    as_read: &AsRead<P>,
    f: impl FnOnce(&Tx, &P::Setting) -> Result<P::Setting>,
    follow: impl AsyncFnOnce(&Tx) -> Result<()>,
) -> Result<Versioned<P>> {
    let expected = metadata.and_then(|metadata| metadata.version);
    let (setting, version) = caller
        .act(async |tx, authority| {
            let changed = |old: &P::Setting, version| {
                as_read.check(|| P::new(old.clone(), version))?;
                f(tx, old).map_err(in_spec)
            };
            let changed = super::change(tx, &authority, expected, changed).await?;
            follow(tx).await?;
            Ok(changed)
        })
        .await?;
    Ok(Versioned::by_tree(&P::new(setting, version), version))
}

/// The `spec` of a policy alone, and how often it was written.
pub async fn spec<P: PolicyObject>(caller: &Signed) -> Result<(Value, i64)> {
    let (setting, version) = caller.run(async |tx| super::read(tx).await).await?;
    let mut object = P::new(setting, version).to_json().unwrap_or_default();
    Ok((object["spec"].take(), version))
}

/// The request that a `spec` alone is, to be put as any other.
///
/// # Errors
/// [`Error::Invalid`].
pub fn request<R: ParseFromJSON + 'static, P>(spec: &Value) -> Result<Body<R, P>> {
    let request = body::parse(json!({ "spec": spec })).map_err(out_of_spec)?;
    Ok(Body(request, AsRead::none()))
}

/// The error with the fields of a policy where requests of a `spec` alone have them.
#[must_use]
pub fn out_of_spec(error: Error) -> Error {
    let Error::Invalid(mut fields) = error else {
        return error;
    };
    for wrong in &mut fields {
        wrong.field = wrong
            .field
            .trim_start_matches("spec")
            .trim_start_matches('.')
            .to_owned();
    }
    Error::Invalid(fields)
}

/// The error with the fields of a policy where requests have them.
#[must_use]
pub fn in_spec(error: Error) -> Error {
    let Error::Invalid(mut fields) = error else {
        return error;
    };
    for wrong in &mut fields {
        wrong.field.insert_str(0, "spec.");
    }
    Error::Invalid(fields)
}

/// A policy as an object, and the request that changes it.
macro_rules! policy_objects {
    ($(#[$doc:meta])* $object:ident: $setting:ty, $(#[$change:meta])* $request:ident: $spec:ty) => {
        $(#[$doc])*
        #[derive(Debug, poem_openapi::Object)]
        pub struct $object {
            metadata: $crate::setting::wire::PolicyMetadata,
            spec: $setting,
        }

        $(#[$change])*
        #[derive(poem_openapi::Object)]
        pub struct $request {
            metadata: Option<$crate::kit::object::ExpectedMetadata>,
            spec: $spec,
        }

        impl $crate::setting::wire::PolicyObject for $object {
            type Setting = $setting;

            fn new(spec: $setting, version: i64) -> Self {
                Self {
                    metadata: $crate::setting::wire::PolicyMetadata::of::<$setting>(version),
                    spec,
                }
            }
        }

        impl From<$request> for (Option<$crate::kit::object::ExpectedMetadata>, $spec) {
            fn from(request: $request) -> Self {
                (request.metadata, request.spec)
            }
        }
    };
}

pub(crate) use policy_objects;
