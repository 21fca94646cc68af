//! `/oauth2/revoke`: a token that is given back (RFC 7009).

use super::{Result, Tag, client, form::Form};
use crate::{access::permission::TokensRevoke, account, extract::Protocol};
use poem::Request;
use poem_openapi::{ApiResponse, Object, OpenApi};
use tenantry_boxed::boxed;

/// A token that is given back.
#[derive(Debug, Object)]
pub struct RevokeRequest {
    /// The token.
    token: String,
    /// What kind it is, of which nothing is made.
    token_type_hint: Option<String>,
    /// The application, unless it comes by HTTP Basic.
    client_id: Option<String>,
    /// Its secret, unless it comes by HTTP Basic.
    client_secret: Option<String>,
}

/// Given back.
#[derive(ApiResponse)]
pub enum Revoked {
    /// It is good no more, if it was one of this application.
    #[oai(status = 200)]
    Done,
}

/// The operation of the revocation endpoint.
pub struct Api;

#[OpenApi(tag = "Tag::Tokens")]
#[boxed]
impl Api {
    /// Give a token back
    ///
    /// Nothing comes of a token that is unknown or another application's.
    #[oai(path = "/oauth2/revoke", method = "post", operation_id = "RevokeToken")]
    async fn revoke(
        &self,
        caller: Protocol<TokensRevoke>,
        request: &Request,
        form: Form<RevokeRequest>,
    ) -> Result<Revoked> {
        let form = &*form;
        let application = client::authenticate(&caller, caller.server(), request, form).await?;
        let token = form.required("token")?;
        let caller = caller.of(&application);
        account::revoke(&caller, caller.server(), &application, token).await?;
        Ok(Revoked::Done)
    }
}
