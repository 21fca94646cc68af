//! What the policies have in common on the wire of the console group.

use super::{Member, Setting, Source, Stored};
use crate::{
    context::Signed,
    kit::{
        body::{self, AsRead, Body},
        db::Tx,
        error::{Code, Error, FieldError, Result},
        object::{ExpectedMetadata, Versioned},
    },
};
use poem_openapi::{
    Enum, Object,
    types::{ParseFromJSON, ToJSON},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a policy says of itself.
#[derive(Debug, Object)]
pub struct PolicyMetadata {
    /// Its name.
    name: String,
    /// Counts the writes; 0 if it is as it is inherited.
    version: i64,
}

/// Where a member comes from that the tenant did not decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "lowercase")]
pub enum PolicyOrigin {
    /// The operator of the instance decided it for all tenants.
    Instance,
    /// It is as the program has it.
    Default,
}

/// Where the members of a policy come from.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct PolicyStatus {
    /// Where each member comes from that the tenant did not decide.
    inherited: BTreeMap<String, PolicyOrigin>,
    /// Whether the tenant decided none of it.
    is_default: bool,
    /// Members that the operator of the instance decides for all tenants.
    locked: Vec<String>,
    /// Members whose stored value is not valid any more: they are as inherited until somebody writes them.
    problems: Vec<String>,
}

impl PolicyMetadata {
    /// That of a policy.
    #[must_use]
    pub fn of<T: Setting>(stored: &Stored<T>) -> Self {
        Self::new(T::NAME, stored.version)
    }

    /// That of something of this name in this version.
    #[must_use]
    pub fn new(name: &str, version: i64) -> Self {
        Self {
            name: name.to_owned(),
            version,
        }
    }
}

impl PolicyStatus {
    /// That of a policy.
    #[must_use]
    pub fn of<T: Setting>(stored: &Stored<T>) -> Self {
        let members = stored.members();
        let inherited = members.iter().filter_map(|member| {
            let origin = match member.source {
                Source::Tenant => return None,
                Source::Instance => PolicyOrigin::Instance,
                Source::Default => PolicyOrigin::Default,
            };
            Some((member, origin))
        });
        let inherited = inherited.flat_map(|(member, origin)| names::<T>(member).map(move |name| (name, origin)));
        let locked = members.iter().filter(|member| member.is_locked);
        Self {
            inherited: inherited.collect(),
            is_default: stored.is_default(),
            locked: locked.flat_map(names::<T>).collect(),
            problems: stored.problems.iter().flat_map(|path| T::shown(path)).collect(),
        }
    }
}

fn names<T: Setting>(member: &Member) -> impl Iterator<Item = String> + use<T> {
    T::shown(&member.path).into_iter()
}

/// The members that the tenant keeps although they make no difference as long as the instance decides as it does.
#[must_use]
pub fn pinned<T: Setting>(stored: &Stored<T>) -> Vec<String> {
    let members = stored.members();
    let pinned = members.iter().filter(|member| member.is_pinned);
    pinned.flat_map(names::<T>).collect()
}

/// A policy on the wire.
pub trait PolicyObject: ToJSON + Sized {
    /// What it shows.
    type Setting: Setting;

    /// The setting as it is stored.
    fn new(stored: Stored<Self::Setting>) -> Self;
}

/// What a request says besides what a policy is to be.
#[derive(Debug, Default)]
pub struct Conditions {
    /// The version that it is for.
    pub version: Option<i64>,
    /// Members that are kept even if they are as inherited.
    pub pinned: Vec<String>,
}

impl Conditions {
    /// Those of a request's members.
    #[must_use]
    pub fn new(metadata: Option<ExpectedMetadata>, pinned: Option<Vec<String>>) -> Self {
        Self {
            version: metadata.and_then(|metadata| metadata.version),
            pinned: pinned.unwrap_or_default(),
        }
    }
}

fn answer<P: PolicyObject>(stored: Stored<P::Setting>) -> Versioned<P> {
    let (version, has_instance) = (stored.version, stored.has_instance);
    let object = P::new(stored);
    match has_instance {
        true => Versioned::by_tree_with_others(&object, version),
        false => Versioned::by_tree(&object, version),
    }
}

/// Answers with a policy.
pub async fn show<P: PolicyObject>(caller: &Signed) -> Result<Versioned<P>> {
    Ok(answer(caller.run(async |tx| super::read_checked(tx).await).await?))
}

/// Makes a policy what a request says, and answers with it.
///
/// # Errors
/// Those of [`Setting::check`] and of [`change`].
pub async fn put<P: PolicyObject>(
    caller: &Signed,
    new: Body<impl Into<(Conditions, P::Setting)>, P>,
) -> Result<Versioned<P>> {
    put_and(caller, new, async |_| Ok(())).await
}

/// The same, with what follows from it.
///
/// # Errors
/// Those of [`put`], and those of what follows.
pub async fn put_and<P: PolicyObject>(
    caller: &Signed,
    Body(new, as_read): Body<impl Into<(Conditions, P::Setting)>, P>,
    follow: impl AsyncFnOnce(&Tx) -> Result<()>,
) -> Result<Versioned<P>> {
    let (conditions, new) = new.into();
    let new = new.check().map_err(in_spec)?;
    change_and(caller, conditions, &as_read, |_, _| Ok(new), follow).await
}

/// Makes a policy from the one before, and answers with it.
///
/// # Errors
/// What `f` returns, with its fields below `spec`; those of [`AsRead::check`] and of
/// [`super::change`].
pub async fn change<P: PolicyObject>(
    caller: &Signed,
    conditions: Conditions,
    as_read: &AsRead<P>,
    f: impl FnOnce(&Tx, &P::Setting) -> Result<P::Setting>,
) -> Result<Versioned<P>> {
    change_and(caller, conditions, as_read, f, async |_| Ok(())).await
}

async fn change_and<P: PolicyObject>(
    caller: &Signed,
    Conditions { version, pinned }: Conditions,
    as_read: &AsRead<P>,
    f: impl FnOnce(&Tx, &P::Setting) -> Result<P::Setting>,
    follow: impl AsyncFnOnce(&Tx) -> Result<()>,
) -> Result<Versioned<P>> {
    super::check_names::<P::Setting>("pinned", &pinned)?;
    let stored = caller
        .act(async |tx, authority| {
            let changed = |old: &Stored<P::Setting>| {
                as_read.check(|| P::new(old.clone()))?;
                f(tx, &old.setting).map_err(in_spec)
            };
            let is_pinned = |path: &str, _| super::is_named::<P::Setting>(path, &pinned);
            let changed = super::change(tx, &authority, version, changed, is_pinned);
            let changed = changed.await.map_err(in_spec_of_locked)?;
            follow(tx).await.map_err(in_spec)?;
            Ok(changed)
        })
        .await?;
    Ok(answer(stored))
}

/// The `spec` of a policy alone, and how often it was written.
pub async fn spec<P: PolicyObject>(caller: &Signed) -> Result<(Value, i64)> {
    let stored = caller.run(async |tx| super::read_checked(tx).await).await?;
    let version = stored.version;
    let mut object = P::new(stored).to_json().unwrap_or_default();
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
    with_fields(error, |wrong| {
        let field = wrong.field.trim_start_matches("spec").trim_start_matches('.');
        wrong.field = field.to_owned();
    })
}

/// The error with the fields of a policy where requests have them.
#[must_use]
pub fn in_spec(error: Error) -> Error {
    match error {
        Error::Invalid(_) => with_fields(error, |wrong| wrong.field.insert_str(0, "spec.")),
        error => error,
    }
}

fn in_spec_of_locked(error: Error) -> Error {
    match error.code() {
        Code::SettingLocked => with_fields(error, |wrong| wrong.field.insert_str(0, "spec.")),
        _ => error,
    }
}

fn with_fields(mut error: Error, change: impl FnMut(&mut FieldError)) -> Error {
    if let Error::Invalid(fields) | Error::Explained { fields, .. } = &mut error {
        fields.iter_mut().for_each(change);
    }
    error
}

/// A policy as an object, and the request that changes it.
macro_rules! policy_objects {
    ($(#[$doc:meta])* $object:ident: $setting:ty, $(#[$change:meta])* $request:ident: $spec:ty) => {
        $(#[$doc])*
        #[derive(Debug, poem_openapi::Object)]
        pub struct $object {
            metadata: $crate::setting::wire::PolicyMetadata,
            spec: $setting,
            /// Members that the tenant keeps although they are as they would be inherited, or locked.
            pinned: Vec<String>,
            status: $crate::setting::wire::PolicyStatus,
        }

        $(#[$change])*
        #[derive(poem_openapi::Object)]
        pub struct $request {
            metadata: Option<$crate::kit::object::ExpectedMetadata>,
            spec: $spec,
            /// Members that are kept even if they are as they would be inherited. What is not named here follows the
            /// instance then.
            #[oai(validator(max_items = 100))]
            pinned: Option<Vec<String>>,
        }

        impl $crate::setting::wire::PolicyObject for $object {
            type Setting = $setting;

            fn new(stored: $crate::setting::Stored<$setting>) -> Self {
                Self {
                    metadata: $crate::setting::wire::PolicyMetadata::of(&stored),
                    pinned: $crate::setting::wire::pinned(&stored),
                    status: $crate::setting::wire::PolicyStatus::of(&stored),
                    spec: stored.setting,
                }
            }
        }

        impl From<$request> for ($crate::setting::wire::Conditions, $spec) {
            fn from(request: $request) -> Self {
                let $request { metadata, spec, pinned } = request;
                ($crate::setting::wire::Conditions::new(metadata, pinned), spec)
            }
        }
    };
}

pub(crate) use policy_objects;
