//! The caller's accounts elsewhere.

use super::shape::{ListDetails, ListRequest, Written, written};
use crate::{
    access::permission::{UsersIdentitiesDelete, UsersIdentitiesList},
    account,
    console::Tag,
    extract::Own,
    groups::rpc::Result,
    kit::{
        body::Body,
        id::{ProviderId, UserId},
        text::IdentitySubject,
    },
    provider::{
        identity::{self, Linked},
        kind::Kind as ProviderKind,
    },
    user,
};
use poem_openapi::{Enum, Object, OpenApi, param::Path, payload::Json};
use tenantry_boxed::boxed;

/// The caller's accounts elsewhere.
#[derive(Debug, Object)]
pub struct ListMyLinkedIdpsResponse {
    pub(crate) details: ListDetails,
    /// Those of the part.
    pub(crate) result: Vec<IdpUserLink>,
}

/// An account elsewhere that the caller signs in with.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct IdpUserLink {
    /// The caller's id.
    pub(crate) user_id: UserId,
    /// The provider's id.
    pub(crate) idp_id: ProviderId,
    /// What people call the provider.
    pub(crate) idp_name: String,
    /// What the provider calls them.
    pub(crate) provided_user_id: String,
    /// What they were called there when it was linked.
    pub(crate) provided_user_name: String,
    /// What the provider speaks.
    pub(crate) idp_type: IdpType,
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

/// The operations on the caller's accounts elsewhere.
pub struct Api;

#[OpenApi(tag = "Tag::Account")]
#[boxed]
impl Api {
    /// List one's own accounts elsewhere
    ///
    /// Those that one signs in with at the tenant's providers, in the order in which they were linked.
    #[oai(path = "/users/me/idps/_search", method = "post", operation_id = "ListMyLinkedIDPs")]
    pub(crate) async fn list_linked_idps(
        &self,
        caller: Own<UsersIdentitiesList>,
        asked: Body<ListRequest>,
    ) -> Result<Json<ListMyLinkedIdpsResponse>> {
        let all = caller.run(async |tx| identity::list(tx, caller.user).await).await?;
        let (details, part) = asked.0.query.of(all, caller.services.clock.now());
        let result = part.into_iter().map(IdpUserLink::from).collect();
        Ok(Json(ListMyLinkedIdpsResponse { details, result }))
    }

    /// Remove one of one's own accounts elsewhere
    ///
    /// It gets nobody into the account any more. It takes a sign-in of at most five minutes ago, and another way into
    /// the account.
    #[oai(
        path = "/users/me/idps/:idp_id/:linked_user_id",
        method = "delete",
        operation_id = "RemoveMyLinkedIDP"
    )]
    pub(crate) async fn remove_linked_idp(
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
