//! `auth/v1`: the caller's own account, in the wire format of ZITADEL's Auth API.

use super::rpc::Result;
use crate::{
    access::permission::{
        UsersEmailGet, UsersEmailUpdate, UsersEmailVerify, UsersGet, UsersIdentitiesDelete, UsersIdentitiesList,
    },
    account::{self, address},
    console::Tag,
    email,
    extract::Own,
    kit::{
        body::Body,
        id::{ProviderId, TenantId, UserId},
        text::{Email, IdentitySubject, Uint64},
        time::Timestamp,
    },
    message::MailOptions,
    provider::{
        identity::{self, Linked},
        kind::Kind as ProviderKind,
    },
    user::{self, Detailed},
};
use poem_openapi::{Enum, Object, OpenApi, param::Path, payload::Json};
use std::sync::Arc;

/// Where and when an object was written last.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct ObjectDetails {
    /// Counts the writes to the object; a 64-bit integer as a string.
    pub(super) sequence: Uint64,
    /// When it was made.
    pub(super) creation_date: Timestamp,
    /// When it was last written.
    pub(super) change_date: Timestamp,
    /// The tenant that owns it.
    pub(super) resource_owner: TenantId,
}

/// What was written.
#[derive(Debug, Object)]
pub struct Written {
    pub(super) details: ObjectDetails,
}

/// The caller.
#[derive(Debug, Object)]
pub struct GetMyUserResponse {
    pub(super) user: MyUser,
}

/// A user.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct MyUser {
    /// Their id.
    pub(super) id: UserId,
    pub(super) details: ObjectDetails,
    pub(super) state: MyUserState,
    /// What they sign in with.
    pub(super) user_name: String,
    /// Everything they can sign in with.
    pub(super) login_names: Vec<String>,
    /// What they sign in with, mostly.
    pub(super) preferred_login_name: String,
    pub(super) human: Human,
}

/// Whether a user can sign in.
#[derive(Debug, Enum)]
pub enum MyUserState {
    /// They can.
    #[oai(rename = "USER_STATE_ACTIVE")]
    Active,
    /// They cannot.
    #[oai(rename = "USER_STATE_INACTIVE")]
    Inactive,
}

/// A person.
#[derive(Debug, Object)]
pub struct Human {
    pub(super) profile: Profile,
    pub(super) email: MyEmail,
}

/// How a person is shown.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct Profile {
    /// What people see.
    pub(super) display_name: String,
}

/// The caller's address.
#[derive(Debug, Object)]
pub struct GetMyEmailResponse {
    pub(super) details: ObjectDetails,
    pub(super) email: MyEmail,
}

/// An address.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct MyEmail {
    /// The address in force.
    pub(super) email: String,
    /// Whether they have proven it.
    pub(super) is_email_verified: bool,
    /// The address that takes its place when it is proven.
    pub(super) pending_email: Option<String>,
}

/// Another address.
#[derive(Debug, Object)]
pub struct SetMyEmailRequest {
    /// The address that is to take the place of the present one.
    pub(super) email: Email,
}

/// A code.
#[derive(Debug, Object)]
pub struct VerifyMyEmailRequest {
    /// The code from the mail.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub(super) code: String,
}

/// Which part of a list is asked for.
#[derive(Debug, Default, Object)]
pub struct ListMyLinkedIdpsRequest {
    /// The part; all of it if absent.
    #[oai(default)]
    pub(super) query: ListQuery,
}

/// A part of a list.
#[derive(Debug, Default, Object)]
pub struct ListQuery {
    /// How many to leave out at first; a 64-bit integer as a string.
    #[oai(validator(pattern = "^[0-9]{1,10}$"))]
    pub(super) offset: Option<String>,
    /// How many at most; 0 is all.
    pub(super) limit: Option<u32>,
    /// Whether the oldest comes first.
    #[oai(default = "always")]
    pub(super) asc: bool,
}

fn always() -> bool {
    true
}

/// The caller's accounts elsewhere.
#[derive(Debug, Object)]
pub struct ListMyLinkedIdpsResponse {
    pub(super) details: ListDetails,
    /// Those of the part.
    pub(super) result: Vec<IdpUserLink>,
}

/// How a list stands.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct ListDetails {
    /// How many there are in all; a 64-bit integer as a string.
    pub(super) total_result: Uint64,
    /// When it was read.
    pub(super) view_timestamp: Timestamp,
}

/// An account elsewhere that the caller signs in with.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct IdpUserLink {
    /// The caller's id.
    pub(super) user_id: UserId,
    /// The provider's id.
    pub(super) idp_id: ProviderId,
    /// What people call the provider.
    pub(super) idp_name: String,
    /// What the provider calls them.
    pub(super) provided_user_id: String,
    /// What they were called there when it was linked.
    pub(super) provided_user_name: String,
    /// What the provider speaks.
    pub(super) idp_type: IdpType,
}

/// What a provider speaks.
#[derive(Debug, Enum)]
pub enum IdpType {
    /// Neither OpenID Connect nor anything that ZITADEL has a word for, as OAuth 2 alone.
    #[oai(rename = "IDP_TYPE_UNSPECIFIED")]
    Unspecified,
    /// OpenID Connect.
    #[oai(rename = "IDP_TYPE_OIDC")]
    Oidc,
}

impl From<ProviderKind> for IdpType {
    fn from(kind: ProviderKind) -> Self {
        match kind {
            ProviderKind::Oidc | ProviderKind::Google | ProviderKind::Microsoft | ProviderKind::Apple => Self::Oidc,
            ProviderKind::Github | ProviderKind::Facebook | ProviderKind::Oauth2 => Self::Unspecified,
        }
    }
}

impl From<Linked> for IdpUserLink {
    fn from(of: Linked) -> Self {
        Self {
            user_id: of.identity.user_id,
            idp_id: of.provider.id(),
            idp_name: of.provider.spec.display_name.to_string(),
            provided_user_id: of.identity.subject,
            provided_user_name: of.identity.display,
            idp_type: of.provider.spec.kind.into(),
        }
    }
}

impl ListQuery {
    fn of(self, mut all: Vec<Linked>) -> Vec<IdpUserLink> {
        if !self.asc {
            all.reverse();
        }
        let offset = self.offset.and_then(|offset| offset.parse().ok()).unwrap_or_default();
        let limit = self.limit.filter(|limit| *limit > 0).unwrap_or(u32::MAX);
        let part = all.into_iter().skip(offset).take(limit as usize);
        part.map(IdpUserLink::from).collect()
    }
}

impl ObjectDetails {
    fn new(user: &user::entity::Model, tenant: TenantId) -> Self {
        Self {
            sequence: Uint64(user.version.unsigned_abs()),
            creation_date: user.created_at.into(),
            change_date: user.updated_at.into(),
            resource_owner: tenant,
        }
    }
}

impl From<email::Addresses> for MyEmail {
    fn from(from: email::Addresses) -> Self {
        Self {
            email: from.primary.address,
            is_email_verified: from.primary.verified_at.is_some(),
            pending_email: from.pending.map(|pending| pending.address),
        }
    }
}

impl MyUser {
    fn new(from: Detailed, tenant: TenantId) -> Self {
        let proven = from
            .addresses
            .primary
            .verified_at
            .map(|_| from.addresses.primary.address.clone());
        Self {
            id: from.user.id,
            details: ObjectDetails::new(&from.user, tenant),
            state: if from.user.disabled {
                MyUserState::Inactive
            } else {
                MyUserState::Active
            },
            login_names: [from.user.name.clone()].into_iter().chain(proven).collect(),
            preferred_login_name: from.user.name.clone(),
            user_name: from.user.name,
            human: Human {
                profile: Profile {
                    display_name: from.user.display_name,
                },
                email: from.addresses.into(),
            },
        }
    }
}

fn written(detailed: &Detailed, tenant: TenantId) -> Json<Written> {
    Json(Written {
        details: ObjectDetails::new(&detailed.user, tenant),
    })
}

/// The operations of `auth/v1`.
pub struct Api;

#[OpenApi(prefix_path = "/users/me", tag = "Tag::Account")]
impl Api {
    /// See oneself
    ///
    /// The account of the caller, with their profile and their address.
    #[oai(path = "/", method = "get", operation_id = "GetMyUser")]
    pub(super) async fn get_my_user(&self, caller: Own<UsersGet>) -> Result<Json<GetMyUserResponse>> {
        let user = account::get_own(&caller).await?;
        Ok(Json(GetMyUserResponse {
            user: MyUser::new(Arc::unwrap_or_clone(user), caller.tenant.id),
        }))
    }

    /// See one's own e-mail address
    ///
    /// The address, whether it is proven, and the one that waits to be.
    #[oai(path = "/email", method = "get", operation_id = "GetMyEmail")]
    pub(super) async fn get_my_email(&self, caller: Own<UsersEmailGet>) -> Result<Json<GetMyEmailResponse>> {
        let user = account::get_own(&caller).await?;
        Ok(Json(GetMyEmailResponse {
            details: ObjectDetails::new(&user.user, caller.tenant.id),
            email: user.addresses.clone().into(),
        }))
    }

    /// Change one's own e-mail address
    ///
    /// Mails a code to the new address. The present one stays in force until the code comes back.
    /// At most one code in 60 seconds, 5 in 10 minutes and 20 a day for each address and each
    /// account.
    #[oai(path = "/email", method = "put", operation_id = "SetMyEmail")]
    pub(super) async fn set_my_email(
        &self,
        caller: Own<UsersEmailUpdate>,
        new: Body<SetMyEmailRequest>,
    ) -> Result<Json<Written>> {
        let options = MailOptions::of(&caller.peer);
        let user = caller
            .run(async |tx| {
                address::request_change(tx, &caller, caller.user, &new.email, options).await?;
                user::get_by_id(tx, caller.user).await
            })
            .await?;
        Ok(written(&user, caller.tenant.id))
    }

    /// Verify one's own e-mail address
    ///
    /// Gives back the code that was mailed last: good for 10 minutes and 5 tries.
    #[oai(path = "/email/_verify", method = "post", operation_id = "VerifyMyEmail")]
    pub(super) async fn verify_my_email(
        &self,
        caller: Own<UsersEmailVerify>,
        given: Body<VerifyMyEmailRequest>,
    ) -> Result<Json<Written>> {
        let user = caller
            .run_keeping_refusal(async |tx| address::prove_own(tx, &caller, caller.user, &given.code).await)
            .await?;
        Ok(written(&user, caller.tenant.id))
    }

    /// Send the code once more
    ///
    /// To the address that waits for proof. Within the same limits as changing the address.
    #[oai(
        path = "/email/_resend_verification",
        method = "post",
        operation_id = "ResendMyEmailVerification"
    )]
    pub(super) async fn resend(&self, caller: Own<UsersEmailUpdate>) -> Result<Json<Written>> {
        let options = MailOptions::of(&caller.peer);
        let user = caller
            .run(async |tx| {
                let user = user::get_by_id(tx, caller.user).await?;
                address::resend_proof(tx, &caller, &user.addresses, options).await?;
                Ok(user)
            })
            .await?;
        Ok(written(&user, caller.tenant.id))
    }

    /// List one's own accounts elsewhere
    ///
    /// Those that one signs in with at the tenant's providers, in the order in which they were linked.
    #[oai(path = "/idps/_search", method = "post", operation_id = "ListMyLinkedIDPs")]
    pub(super) async fn list_linked_idps(
        &self,
        caller: Own<UsersIdentitiesList>,
        asked: Body<ListMyLinkedIdpsRequest>,
    ) -> Result<Json<ListMyLinkedIdpsResponse>> {
        let all = caller.run(async |tx| identity::list(tx, caller.user).await).await?;
        let details = ListDetails {
            total_result: Uint64(all.len() as u64),
            view_timestamp: caller.services.clock.now().into(),
        };
        let result = asked.0.query.of(all);
        Ok(Json(ListMyLinkedIdpsResponse { details, result }))
    }

    /// Remove one of one's own accounts elsewhere
    ///
    /// It gets nobody into the account any more. It takes a sign-in of at most five minutes ago, and another way into
    /// the account.
    #[oai(
        path = "/idps/:idp_id/:linked_user_id",
        method = "delete",
        operation_id = "RemoveMyLinkedIDP"
    )]
    pub(super) async fn remove_linked_idp(
        &self,
        caller: Own<UsersIdentitiesDelete>,
        /// The provider's id.
        idp_id: Path<ProviderId>,
        /// What the provider calls them.
        linked_user_id: Path<IdentitySubject>,
    ) -> Result<Json<Written>> {
        let user = caller
            .run(async |tx| {
                let which = identity::Which::AtId(idp_id.0, &linked_user_id);
                account::provider::unlink_own(tx, &caller, &caller.me, which).await?;
                user::get_by_id(tx, caller.user).await
            })
            .await?;
        Ok(written(&user, caller.tenant.id))
    }
}
