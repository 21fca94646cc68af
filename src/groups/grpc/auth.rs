//! `zitadel.auth.v1.AuthService`: the operations of `auth/v1`, of which each is one expression here.

use super::call::Call;
use crate::{
    groups::me::Api,
    kit::{
        body::Body,
        error::{Code, Error, Result},
    },
};
use poem::{Request, Response};
use poem_openapi::param::Path;
use serde_json::{Value, json};
use std::str::FromStr;
use tenantry_proto::zitadel::auth::v1 as proto;

/// What the service is called.
pub(super) const SERVICE: &str = "zitadel.auth.v1.AuthService";

/// Methods that JSON has by POST: they are called at these paths as well, as they are documented.
const PATHS: [(&str, &str); 3] = [
    ("/auth/v1/users/me/email/_verify", "VerifyMyEmail"),
    (
        "/auth/v1/users/me/email/_resend_verification",
        "ResendMyEmailVerification",
    ),
    ("/auth/v1/users/me/idps/_search", "ListMyLinkedIDPs"),
];

/// The answer to a call, in no frame yet.
pub(super) async fn answer(request: Request) -> poem::Result<Response> {
    let path = request.uri().path().to_owned();
    let method = match PATHS.iter().find(|(known, _)| *known == path) {
        Some((_, method)) => Some(*method),
        None => path
            .strip_prefix('/')
            .and_then(|path| path.strip_prefix(SERVICE)?.strip_prefix('/')),
    };
    let message = dispatch(method.unwrap_or_default(), Call::new(request)).await?;
    Ok(Response::builder().body(message))
}

async fn dispatch(method: &str, call: Call) -> poem::Result<Vec<u8>> {
    match method {
        "GetMyUser" => {
            let act = async |caller, _: proto::GetMyUserRequest| {
                Ok(proto::GetMyUserResponse::from(Api.get_my_user(caller).await?.0))
            };
            Box::pin(call.act(act)).await
        }
        "GetMyEmail" => {
            let act = async |caller, _: proto::GetMyEmailRequest| {
                Ok(proto::GetMyEmailResponse::from(Api.get_my_email(caller).await?.0))
            };
            Box::pin(call.act(act)).await
        }
        "SetMyEmail" => {
            let act = async |caller, asked: proto::SetMyEmailRequest| {
                let new = Body::of(json!({ "email": asked.email }))?;
                Ok(proto::SetMyEmailResponse::from(Api.set_my_email(caller, new).await?.0))
            };
            Box::pin(call.act(act)).await
        }
        "VerifyMyEmail" => {
            let act = async |caller, asked: proto::VerifyMyEmailRequest| {
                let given = Body::of(json!({ "code": asked.code }))?;
                let written = Api.verify_my_email(caller, given).await?;
                Ok(proto::VerifyMyEmailResponse::from(written.0))
            };
            Box::pin(call.act(act)).await
        }
        "ResendMyEmailVerification" => {
            let act = async |caller, _: proto::ResendMyEmailVerificationRequest| {
                let written = Api.resend(caller).await?;
                Ok(proto::ResendMyEmailVerificationResponse::from(written.0))
            };
            Box::pin(call.act(act)).await
        }
        "ListMyLinkedIDPs" => {
            let act = async |caller, asked: proto::ListMyLinkedIdPsRequest| {
                let listed = Api.list_linked_idps(caller, Body::of(list_query(&asked))?).await?;
                Ok(proto::ListMyLinkedIdPsResponse::from(listed.0))
            };
            Box::pin(call.act(act)).await
        }
        "RemoveMyLinkedIDP" => {
            let act = async |caller, asked: proto::RemoveMyLinkedIdpRequest| {
                let idp = named("idpId", &asked.idp_id)?;
                let user = named("linkedUserId", &asked.linked_user_id)?;
                let written = Api.remove_linked_idp(caller, Path(idp), Path(user)).await?;
                Ok(proto::RemoveMyLinkedIdpResponse::from(written.0))
            };
            Box::pin(call.act(act)).await
        }
        _ => Err(Error::from(Code::NotYet).into()),
    }
}

/// Without a part, all in the order of JSON. With one its order is said: what is absent is false.
fn list_query(asked: &proto::ListMyLinkedIdPsRequest) -> Value {
    match &asked.query {
        None => json!({}),
        Some(query) => json!({
            "query": { "offset": query.offset.to_string(), "limit": query.limit, "asc": query.asc },
        }),
    }
}

/// What JSON has in the path.
fn named<T: FromStr>(field: &str, text: &str) -> Result<T> {
    text.parse()
        .map_err(|_| Error::field(field, "value", "is not a valid value"))
}
