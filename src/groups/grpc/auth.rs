//! `zitadel.auth.v1.AuthService`: the operations of `auth/v1`, of which each is one expression here.

use super::{asked, call::Call};
use crate::{
    groups::me::{changes, identities, metadata, policies, rights, sessions, user},
    kit::{
        body::Body,
        error::{Code, Error, Result},
    },
};
use poem::{Request, Response};
use poem_openapi::param::Path;
use serde_json::json;
use std::str::FromStr;
use tenantry_proto::zitadel::auth::v1 as proto;

/// What the service is called.
pub(super) const SERVICE: &str = "zitadel.auth.v1.AuthService";

/// Methods that JSON has by POST: they are called at these paths as well, as they are documented.
const PATHS: &[(&str, &str)] = &[
    ("/users/me/email/_verify", "VerifyMyEmail"),
    ("/users/me/email/_resend_verification", "ResendMyEmailVerification"),
    ("/users/me/idps/_search", "ListMyLinkedIDPs"),
    ("/users/me/changes/_search", "ListMyUserChanges"),
    ("/users/me/sessions/_search", "ListMyUserSessions"),
    ("/users/me/metadata/_search", "ListMyMetadata"),
    ("/users/me/tokens/refresh/_search", "ListMyRefreshTokens"),
    ("/users/me/tokens/refresh/_revoke_all", "RevokeAllMyRefreshTokens"),
    ("/usergrants/me/_search", "ListMyUserGrants"),
    ("/global/projectorgs/_search", "ListMyProjectOrgs"),
    ("/permissions/zitadel/me/_search", "ListMyZitadelPermissions"),
    ("/permissions/me/_search", "ListMyProjectPermissions"),
    ("/memberships/me/_search", "ListMyMemberships"),
];

/// The answer to a call, in no frame yet.
pub(super) async fn answer(request: Request) -> poem::Result<Response> {
    let method = method_at(request.uri().path()).unwrap_or_default().to_owned();
    let message = dispatch(&method, Call::new(request)).await?;
    Ok(Response::builder().body(message))
}

/// The method that is called at this path.
fn method_at(path: &str) -> Option<&str> {
    let of_json = path.strip_prefix("/auth/v1");
    let known = of_json.and_then(|of_json| PATHS.iter().find(|(known, _)| *known == of_json));
    match known {
        Some((_, method)) => Some(*method),
        None => path.strip_prefix('/')?.strip_prefix(SERVICE)?.strip_prefix('/'),
    }
}

/// Methods, their messages, and the operation that is the act of each.
macro_rules! methods {
    ($($name:literal: $request:ident => $response:ident, |$caller:ident, $asked:pat_param| $act:expr;)+) => {
        async fn dispatch(method: &str, call: Call) -> poem::Result<Vec<u8>> {
            match method {
                $($name => {
                    let act = async |$caller, $asked: proto::$request| Ok(proto::$response::from($act.await?.0));
                    Box::pin(call.act(act)).await
                })+
                _ => Err(Error::from(Code::NotYet).into()),
            }
        }
    };
}

methods! {
    "Healthz": HealthzRequest => HealthzResponse, |guest, _| policies::Api.healthz(guest);
    "GetSupportedLanguages": GetSupportedLanguagesRequest => GetSupportedLanguagesResponse,
        |caller, _| policies::Api.get_supported_languages(caller);
    "GetMyUser": GetMyUserRequest => GetMyUserResponse, |caller, _| user::Api.get_my_user(caller);
    "RemoveMyUser": RemoveMyUserRequest => RemoveMyUserResponse, |caller, _| user::Api.remove_my_user(caller);
    "GetMyProfile": GetMyProfileRequest => GetMyProfileResponse, |caller, _| user::Api.get_my_profile(caller);
    "UpdateMyProfile": UpdateMyProfileRequest => UpdateMyProfileResponse,
        |caller, asked| user::Api.update_my_profile(caller, Body::of(asked::profile(&asked))?);
    "GetMyEmail": GetMyEmailRequest => GetMyEmailResponse, |caller, _| user::Api.get_my_email(caller);
    "SetMyEmail": SetMyEmailRequest => SetMyEmailResponse,
        |caller, asked| user::Api.set_my_email(caller, Body::of(json!({ "email": asked.email }))?);
    "VerifyMyEmail": VerifyMyEmailRequest => VerifyMyEmailResponse,
        |caller, asked| user::Api.verify_my_email(caller, Body::of(json!({ "code": asked.code }))?);
    "ResendMyEmailVerification": ResendMyEmailVerificationRequest => ResendMyEmailVerificationResponse,
        |caller, _| user::Api.resend(caller);
    "UpdateMyPassword": UpdateMyPasswordRequest => UpdateMyPasswordResponse,
        |caller, asked| user::Api.update_my_password(caller, Body::of(asked::passwords(&asked))?);
    "UpdateMyUserName": UpdateMyUserNameRequest => UpdateMyUserNameResponse,
        |caller, asked| user::Api.update_my_user_name(caller, Body::of(json!({ "userName": asked.user_name }))?);
    "RemoveMyAvatar": RemoveMyAvatarRequest => RemoveMyAvatarResponse, |caller, _| user::Api.remove_my_avatar(caller);
    "ListMyUserSessions": ListMyUserSessionsRequest => ListMyUserSessionsResponse,
        |caller, _| sessions::Api.list_my_user_sessions(caller);
    "ListMyRefreshTokens": ListMyRefreshTokensRequest => ListMyRefreshTokensResponse,
        |caller, _| sessions::Api.list_my_refresh_tokens(caller);
    "RevokeMyRefreshToken": RevokeMyRefreshTokenRequest => RevokeMyRefreshTokenResponse,
        |caller, asked| sessions::Api.revoke_my_refresh_token(caller, Path(named("id", &asked.id)?));
    "RevokeAllMyRefreshTokens": RevokeAllMyRefreshTokensRequest => RevokeAllMyRefreshTokensResponse,
        |caller, _| sessions::Api.revoke_all_my_refresh_tokens(caller);
    "ListMyLinkedIDPs": ListMyLinkedIdPsRequest => ListMyLinkedIdPsResponse,
        |caller, asked| identities::Api.list_linked_idps(caller, Body::of(asked::list(asked.query.as_ref()))?);
    "RemoveMyLinkedIDP": RemoveMyLinkedIdpRequest => RemoveMyLinkedIdpResponse, |caller, asked| {
        let idp = named("idpId", &asked.idp_id)?;
        let user = named("linkedUserId", &asked.linked_user_id)?;
        identities::Api.remove_linked_idp(caller, Path(idp), Path(user))
    };
    "ListMyMetadata": ListMyMetadataRequest => ListMyMetadataResponse,
        |caller, asked| metadata::Api.list_my_metadata(caller, Body::of(asked::metadata(asked))?);
    "GetMyMetadata": GetMyMetadataRequest => GetMyMetadataResponse,
        |caller, asked| metadata::Api.get_my_metadata(caller, Path(named("key", &asked.key)?));
    "ListMyUserChanges": ListMyUserChangesRequest => ListMyUserChangesResponse,
        |caller, asked| changes::Api.list_my_user_changes(caller, Body::of(asked::changes(&asked))?);
    "ListMyZitadelPermissions": ListMyZitadelPermissionsRequest => ListMyZitadelPermissionsResponse,
        |caller, _| rights::Api.list_my_zitadel_permissions(caller);
    "ListMyProjectPermissions": ListMyProjectPermissionsRequest => ListMyProjectPermissionsResponse,
        |caller, _| rights::Api.list_my_project_permissions(caller);
    "ListMyMemberships": ListMyMembershipsRequest => ListMyMembershipsResponse,
        |caller, asked| rights::Api.list_my_memberships(caller, Body::of(asked::memberships(asked))?);
    "ListMyUserGrants": ListMyUserGrantsRequest => ListMyUserGrantsResponse,
        |caller, asked| rights::Api.list_my_user_grants(caller, Body::of(asked::list(asked.query.as_ref()))?);
    "ListMyProjectOrgs": ListMyProjectOrgsRequest => ListMyProjectOrgsResponse,
        |caller, asked| rights::Api.list_my_project_orgs(caller, Body::of(asked::orgs(asked))?);
    "GetMyPasswordComplexityPolicy": GetMyPasswordComplexityPolicyRequest => GetMyPasswordComplexityPolicyResponse,
        |caller, _| policies::Api.get_my_password_complexity_policy(caller);
    "GetMyLoginPolicy": GetMyLoginPolicyRequest => GetMyLoginPolicyResponse,
        |caller, _| policies::Api.get_my_login_policy(caller);
    "GetMyLabelPolicy": GetMyLabelPolicyRequest => GetMyLabelPolicyResponse,
        |caller, _| policies::Api.get_my_label_policy(caller);
    "GetMyPrivacyPolicy": GetMyPrivacyPolicyRequest => GetMyPrivacyPolicyResponse,
        |caller, _| policies::Api.get_my_privacy_policy(caller);
}

/// What JSON has in the path.
fn named<T: FromStr>(field: &str, text: &str) -> Result<T> {
    text.parse()
        .map_err(|_| Error::field(field, "value", "is not a valid value"))
}
