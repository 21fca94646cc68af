//! Users on the wire of the console group, in the shapes of Halo's console API.

mod data;
mod sign_in;

pub use data::{
    OwnDataFile, UserData, UserDataAct, UserDataChange, UserDataFile, UserDataIdentity, UserDataMessage, UserDataName,
    UserDataNetwork, UserDataProfile, UserDataSession,
};
pub use sign_in::{SentMail, SignInFailure, SignInWait, UserSignIn};

use super::{
    Detailed, Edit, NewUser, Summary,
    labels::label_problems,
    problems::{annotation_problems, avatar_problems},
};
use crate::{
    access::Policy,
    account, console,
    context::RequestContext,
    kit::{
        error::{Error, FieldError, Result},
        id::{AvatarId, UserId},
        json::Fragment,
        object::Metadata,
        page::page_object,
        text::{DisplayName, Email, GivenHash, GivenPassword, NewPassword, Nullable, OrNull, UserName},
        time::Timestamp,
    },
    password::{self, Hasher, Words},
    role::wire::Role,
};
use poem_openapi::{Object, types::MaybeUndefined};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// A user.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// `v1alpha1`.
    api_version: String,
    /// `User`.
    kind: String,
    metadata: Metadata,
    spec: UserSpec,
    status: UserStatus,
}

/// What a user is.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact by itself")]
pub struct UserSpec {
    /// What people see.
    display_name: String,
    /// The address of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar: Option<String>,
    /// The address in force.
    email: String,
    /// Whether they have proven it.
    email_verified: bool,
    /// The address that takes its place when it is proven.
    #[serde(skip_serializing_if = "Option::is_none")]
    pending_email: Option<String>,
    /// A telephone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    /// A few words about themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    bio: Option<String>,
    /// When they joined.
    registered_at: Timestamp,
    /// Whether they may not sign in.
    disabled: bool,
    /// Whether they must choose another password before anything else.
    must_change_password: bool,
    /// Whether they have a password to sign in with.
    password_set: bool,
}

/// What the server adds to a user.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
pub struct UserStatus {
    /// The id that tokens carry as `sub`.
    id: UserId,
}

/// A user with their roles.
#[derive(Clone, Debug, Object, Serialize)]
pub struct DetailedUser {
    user: User,
    roles: Vec<Fragment<Role>>,
}

page_object!(
    /// One page of users.
    ListedUserList of DetailedUser
);

/// A user to be made.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct CreateUserRequest {
    /// What they sign in with; kept in lower case.
    name: UserName,
    /// Their address; they prove it themselves.
    email: Email,
    /// What people see; the name if there is none.
    display_name: Option<DisplayName>,
    /// The address of a picture.
    #[oai(validator(max_length = 2000))]
    avatar: Option<String>,
    /// A telephone number.
    #[oai(validator(max_length = 50))]
    phone: Option<String>,
    /// Their password; without one they cannot sign in by password.
    password: Option<NewPassword>,
    /// Instead of a password, the hash that another system kept of theirs: argon2, scrypt or
    /// pbkdf2 in PHC form, or bcrypt.
    password_hash: Option<GivenHash>,
    /// Whether they must choose another one at their first sign-in, which has to come within 7 days; true if
    /// absent, but for a hash.
    must_change_password: Option<bool>,
    /// A few words about them.
    #[oai(validator(max_length = 2000))]
    bio: Option<String>,
    /// Free data of the tenant to select by. A key has 1 to 253 letters, digits and `.`, `_`, `-`, `/`, a letter
    /// or a digit at both ends; a value up to 253 characters.
    #[oai(validator(max_properties = 50))]
    labels: Option<HashMap<String, String>>,
    /// Free data of the tenant: keys of 1 to 253 bytes, values of up to 10000.
    #[oai(validator(max_properties = 100))]
    annotations: Option<HashMap<String, String>>,
    /// Names of roles besides `user`.
    #[oai(validator(max_items = 50))]
    roles: Option<Vec<String>>,
}

/// The caller as they are to be: a `User` as it was read, of which this is taken over.
#[derive(Debug, Object)]
pub struct UpdateCurrentUserRequest {
    metadata: OwnMetadata,
    spec: OwnSpec,
}

/// Which user it is.
#[derive(Debug, Object)]
pub struct OwnMetadata {
    /// The caller's own name.
    pub(super) name: String,
    /// As it was read; another one is refused.
    pub(super) version: Option<i64>,
    /// Free data of the tenant; all from now on, unless there is none. Those whose key has a namespace
    /// (`example.com/key`) are the administrators' and stay as they are. Keys have 1 to 253 bytes, values up to
    /// 10000.
    #[oai(validator(max_properties = 100))]
    annotations: Option<HashMap<String, String>>,
}

/// What people may say of themselves.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct OwnSpec {
    /// What people see.
    display_name: DisplayName,
    /// A telephone number; none if absent.
    #[oai(validator(max_length = 50))]
    phone: Option<String>,
    /// A few words about themselves; none if absent.
    #[oai(validator(max_length = 2000))]
    bio: Option<String>,
}

/// What is to change in a user (RFC 7396): what is absent stays, what is null goes.
#[derive(Debug, Object)]
pub struct PatchUserRequest {
    pub(super) metadata: Option<PatchUserMetadata>,
    spec: Option<PatchUserSpec>,
}

/// What is to change in a user's free data.
#[derive(Debug, Default, Object)]
pub struct PatchUserMetadata {
    /// As it was read; another one is refused.
    pub(super) version: Option<i64>,
    /// Labels to set, or with null to remove; 50 may be left. A key has 1 to 253 letters, digits and `.`, `_`,
    /// `-`, `/`, a letter or a digit at both ends; a value up to 253 characters.
    labels: Nullable<HashMap<String, OrNull>>,
    /// Annotations to set, or with null to remove; 100 may be left. Keys have 1 to 253 bytes, values up to 10000.
    annotations: Nullable<HashMap<String, OrNull>>,
}

/// What is to change in how a user is shown.
#[derive(Debug, Default, Object)]
#[oai(rename_all = "camelCase")]
pub struct PatchUserSpec {
    /// What people see; the name if null.
    display_name: Nullable<DisplayName>,
    /// A telephone number; empty or null for none.
    #[oai(validator(max_length = 50))]
    phone: Nullable<String>,
    /// A few words about them; empty or null for none.
    #[oai(validator(max_length = 2000))]
    bio: Nullable<String>,
    /// The address of a picture; empty or null for none.
    #[oai(validator(max_length = 2000))]
    avatar: Nullable<String>,
}

/// Nobody else is to know somebody's password for long.
fn must_change() -> bool {
    true
}

/// A password chosen for somebody else.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct ChangePasswordRequest {
    /// Their password from now on.
    pub(super) password: NewPassword,
    /// Whether they must choose another one at their next sign-in, which has to come within 7 days; true if
    /// absent.
    #[oai(default = "must_change")]
    pub(super) must_change: bool,
}

/// The caller's password, and another one.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct ChangeOwnPasswordRequest {
    /// The present password.
    pub(super) old_password: GivenPassword,
    /// The password from now on.
    pub(super) password: NewPassword,
}

/// Another name for a user.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct RenameUserRequest {
    /// What they sign in with from now on; kept in lower case.
    pub(super) new_name: UserName,
}

/// An address given to somebody by somebody else.
#[derive(Debug, Object)]
pub struct OverrideEmailRequest {
    /// Their address from now on.
    pub(super) email: Email,
    /// Whether to take it as proven; else they have to prove it.
    #[oai(default)]
    pub(super) verified: bool,
}

/// Done, and nothing to say.
#[derive(Debug, Object)]
pub struct Empty {}

/// Where to send a code.
#[derive(Debug, Object)]
pub struct EmailVerifyRequest {
    /// The address to prove: the present one, or the one that is to take its place.
    pub(super) email: Email,
}

/// A code and the password that confirms the act.
#[derive(Debug, Object)]
pub struct VerifyCodeRequest {
    /// The caller's present password.
    pub(super) password: GivenPassword,
    /// The code from the mail.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub(super) code: String,
}

impl<T: Into<Summary>> From<T> for User {
    fn from(from: T) -> Self {
        let from: Summary = from.into();
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "User".to_owned(),
            metadata: Metadata {
                name: from.name,
                labels: from.labels,
                annotations: from.annotations,
                version: from.version,
                creation_timestamp: from.created_at.into(),
            },
            spec: UserSpec {
                display_name: from.display_name,
                avatar: from.avatar,
                email: from.email,
                email_verified: from.email_verified,
                pending_email: from.pending_email,
                phone: from.phone,
                bio: from.bio,
                registered_at: from.created_at.into(),
                disabled: from.disabled,
                must_change_password: from.must_change_password,
                password_set: from.has_password,
            },
            status: UserStatus { id: from.id },
        }
    }
}

impl User {
    /// Counts the writes to the user.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.metadata.version
    }
}

impl DetailedUser {
    /// The wire form of a user with their roles.
    #[must_use]
    pub fn new(policy: &Policy, from: impl Into<Summary>) -> Self {
        let from: Summary = from.into();
        let roles = from.roles.iter().filter_map(|role| policy.role(role));
        Self {
            roles: roles.filter_map(|role| Role::fragment(policy, &role.name)).collect(),
            user: from.into(),
        }
    }

    /// Counts the writes to the user.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.user.version()
    }
}

/// Where people reach this picture.
pub(super) fn avatar_url(context: &RequestContext, id: AvatarId) -> String {
    format!("{}{}/avatars/{id}", context.tenant_url(), console::BASE)
}

impl CreateUserRequest {
    /// What is to be kept of their password, if they are to have one.
    pub(super) async fn hash(&self, context: &RequestContext, hasher: &Hasher) -> Result<Option<String>> {
        match (&self.password, &self.password_hash) {
            (None, None) => Ok(None),
            (None, Some(hash)) => password::import("passwordHash", hash).map(Some),
            (Some(new), None) => {
                let (name, address) = (self.name.to_string(), self.email.address());
                let display_name = self.display_name.as_ref().map(ToString::to_string).unwrap_or_default();
                let about = Words::of([name.as_str(), address, &display_name]);
                account::hash_password(context, hasher, "password", new, &about)
                    .await
                    .map(Some)
            }
            (Some(_), Some(_)) => {
                let why = "cannot be given beside a password";
                Err(Error::field("passwordHash", "value", why))
            }
        }
    }

    /// The user as the rules want them.
    pub(super) fn accept(self, password_hash: Option<String>) -> Result<NewUser> {
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let labels: BTreeMap<_, _> = self.labels.unwrap_or_default().into_iter().collect();
        let annotations: BTreeMap<_, _> = self.annotations.unwrap_or_default().into_iter().collect();
        check(
            &[
                avatar_problems("avatar", self.avatar.as_deref()),
                label_problems("labels", &labels),
                annotation_problems("annotations", &annotations),
            ]
            .concat(),
        )?;
        Ok(NewUser {
            display_name: self.display_name,
            phone: given(self.phone),
            bio: given(self.bio),
            avatar: given(self.avatar),
            labels,
            annotations,
            must_change_password: password_hash.is_some()
                && self.must_change_password.unwrap_or(self.password.is_some()),
            is_temporary: self.password.is_some() && self.must_change_password != Some(false),
            password_hash,
            roles: self.roles.iter().flatten().map(|role| role.to_lowercase()).collect(),
            ..NewUser::new(self.name, self.email)
        })
    }
}

impl UpdateCurrentUserRequest {
    /// What people say of themselves, and of which version.
    pub(super) fn accept(self, name: &str) -> Result<(Option<i64>, Edit)> {
        let Self { metadata, spec } = self;
        if metadata.name.to_lowercase() != name {
            return Err(Error::field("metadata.name", "value", "is not your own"));
        }
        let annotations = metadata.annotations.filter(|annotations| !annotations.is_empty());
        let annotations: Option<BTreeMap<_, _>> = annotations.map(|map| map.into_iter().collect());
        if let Some(annotations) = &annotations {
            check(&annotation_problems("metadata.annotations", annotations))?;
        }
        let edit = Edit {
            display_name: Some(spec.display_name),
            phone: Some(spec.phone.unwrap_or_default()),
            bio: Some(spec.bio.unwrap_or_default()),
            annotations,
            ..Edit::default()
        };
        Ok((metadata.version, edit))
    }
}

impl PatchUserRequest {
    /// What is to change in this user.
    pub(super) fn accept(self, user: &Detailed) -> Result<Edit> {
        let metadata = self.metadata.unwrap_or_default();
        let spec = self.spec.unwrap_or_default();
        let labels = merged(user.labels.clone(), metadata.labels);
        let annotations = merged(user.annotations(), metadata.annotations);
        let avatar = text(spec.avatar);
        let mut wrong = avatar_problems("spec.avatar", avatar.as_deref());
        wrong.extend(
            labels
                .iter()
                .flat_map(|labels| label_problems("metadata.labels", labels)),
        );
        let problems = annotations
            .iter()
            .flat_map(|map| annotation_problems("metadata.annotations", map));
        wrong.extend(problems);
        check(&wrong)?;
        Ok(Edit {
            display_name: match spec.display_name.0 {
                MaybeUndefined::Undefined => None,
                MaybeUndefined::Null => user.user.name.parse().ok(),
                MaybeUndefined::Value(name) => Some(name),
            },
            phone: text(spec.phone),
            bio: text(spec.bio),
            avatar,
            labels,
            annotations,
            ..Edit::default()
        })
    }
}

/// A text after a merge patch (RFC 7396); empty for none.
fn text(Nullable(patch): Nullable<String>) -> Option<String> {
    match patch {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(String::new()),
        MaybeUndefined::Value(text) => Some(text),
    }
}

/// A map after a merge patch.
fn merged(
    mut map: BTreeMap<String, String>,
    Nullable(patch): Nullable<HashMap<String, OrNull>>,
) -> Option<BTreeMap<String, String>> {
    let patch = match patch {
        MaybeUndefined::Undefined => return None,
        MaybeUndefined::Null => return Some(BTreeMap::new()),
        MaybeUndefined::Value(patch) => patch,
    };
    for (key, value) in patch {
        match value {
            OrNull(Some(value)) => drop(map.insert(key, value)),
            OrNull(None) => drop(map.remove(&key)),
        }
    }
    Some(map)
}

fn check(wrong: &[FieldError]) -> Result<()> {
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(wrong.to_vec()))
    }
}
