//! Signing in through Google, GitHub, Microsoft and Facebook, and the tokens of who did.

use super::{
    nest::Result,
    wire::{ExchangeRequest, LoginResponse},
};
use crate::{
    access::permission::SessionsCreate,
    account,
    console::Tag,
    extract::Guest,
    kit::{body::Body, openapi::browser},
    login::maker,
    provider::kind::Kind,
};
use poem::{IntoResponse, Request, Response};
use poem_openapi::{
    ApiResponse, OpenApi,
    payload::Json,
    registry::{MetaResponse, MetaResponses, Registry},
};
use tenantry_boxed::boxed;

/// Where a browser goes next; what `other` is; or, with these statuses, what went wrong.
fn answers(other: MetaResponse, pages: &[u16]) -> MetaResponses {
    let onward = browser::onward("The provider, a page of ours, or where the sign-in was to lead.");
    let why = "What went wrong: a page where the request accepts `text/html`.";
    let pages = pages.iter().map(|status| browser::page(*status, why));
    MetaResponses {
        responses: [other, onward].into_iter().chain(pages).collect(),
    }
}

macro_rules! onward {
    ($(#[$doc:meta])* $name:ident: $($page:literal)+; $other:expr) => {
        $(#[$doc])*
        pub struct $name(Response);

        impl IntoResponse for $name {
            fn into_response(self) -> Response {
                self.0
            }
        }

        impl ApiResponse for $name {
            fn meta() -> MetaResponses {
                answers($other, &[$($page),+])
            }

            fn register(_: &mut Registry) {}
        }
    };
}

onward!(
    /// The way to a maker.
    Away: 400 404 429 503; browser::nothing(204, "Nothing: the browser only loads ahead.")
);
onward!(
    /// The way back.
    Back: 400 401 403 404 429 502 503; browser::page(200, "The page of a dry run.")
);

/// The operations of the makers.
pub struct Api;

#[OpenApi(tag = "Tag::Sessions")]
#[boxed]
impl Api {
    /// Sign in with Google
    ///
    /// For browsers. Leads to the provider called `google`, else to the only one of Google, and in the end to `return_to`, a
    /// path of the tenant, with a session in the browser. With `client_id` of an application and `challenge`, SHA-256
    /// of a verifier in base64url, `return_to` is the home of the application or one of its redirect URIs; it gets
    /// `code` for `POST /api/auth/exchange`. `lang` is the language of the pages.
    #[oai(path = "/auth/google", method = "get", operation_id = "SignInWithGoogle")]
    async fn google(&self, guest: Guest<SessionsCreate>, request: &Request) -> Result<Away> {
        Ok(Away(maker::begin(request, &guest, Kind::Google).await?))
    }

    /// Come back from Google
    ///
    /// The redirect URI that is registered there, beside the one of the pages.
    #[oai(path = "/auth/google/callback", method = "get", operation_id = "ComeBackFromGoogle")]
    async fn google_callback(&self, guest: Guest<SessionsCreate>, request: &Request) -> Result<Back> {
        Ok(Back(maker::come_back(request, &guest, Kind::Google).await?))
    }

    /// Sign in with GitHub
    ///
    /// For browsers: as `GET /api/auth/google`, through the provider called `github`, else the only one of `GitHub`.
    #[oai(path = "/auth/github", method = "get", operation_id = "SignInWithGitHub")]
    async fn github(&self, guest: Guest<SessionsCreate>, request: &Request) -> Result<Away> {
        Ok(Away(maker::begin(request, &guest, Kind::Github).await?))
    }

    /// Come back from GitHub
    ///
    /// The redirect URI that is registered there, beside the one of the pages.
    #[oai(path = "/auth/github/callback", method = "get", operation_id = "ComeBackFromGitHub")]
    async fn github_callback(&self, guest: Guest<SessionsCreate>, request: &Request) -> Result<Back> {
        Ok(Back(maker::come_back(request, &guest, Kind::Github).await?))
    }

    /// Sign in with Microsoft
    ///
    /// For browsers: as `GET /api/auth/google`, through the provider called `microsoft`, else the only one of Microsoft.
    #[oai(path = "/auth/microsoft", method = "get", operation_id = "SignInWithMicrosoft")]
    async fn microsoft(&self, guest: Guest<SessionsCreate>, request: &Request) -> Result<Away> {
        Ok(Away(maker::begin(request, &guest, Kind::Microsoft).await?))
    }

    /// Come back from Microsoft
    ///
    /// The redirect URI that is registered there, beside the one of the pages.
    #[oai(
        path = "/auth/microsoft/callback",
        method = "get",
        operation_id = "ComeBackFromMicrosoft"
    )]
    async fn microsoft_callback(&self, guest: Guest<SessionsCreate>, request: &Request) -> Result<Back> {
        Ok(Back(maker::come_back(request, &guest, Kind::Microsoft).await?))
    }

    /// Sign in with Facebook
    ///
    /// For browsers: as `GET /api/auth/google`, through the provider called `facebook`, else the only one of Facebook.
    #[oai(path = "/auth/facebook", method = "get", operation_id = "SignInWithFacebook")]
    async fn facebook(&self, guest: Guest<SessionsCreate>, request: &Request) -> Result<Away> {
        Ok(Away(maker::begin(request, &guest, Kind::Facebook).await?))
    }

    /// Come back from Facebook
    ///
    /// The redirect URI that is registered there, beside the one of the pages.
    #[oai(
        path = "/auth/facebook/callback",
        method = "get",
        operation_id = "ComeBackFromFacebook"
    )]
    async fn facebook_callback(&self, guest: Guest<SessionsCreate>, request: &Request) -> Result<Back> {
        Ok(Back(maker::come_back(request, &guest, Kind::Facebook).await?))
    }

    /// Exchange a code for tokens
    ///
    /// The code that `return_to` got after a sign-in with `challenge`: good for 60 seconds, once, and with the verifier
    /// whose SHA-256 the challenge was.
    #[oai(path = "/auth/exchange", method = "post", operation_id = "ExchangeCode")]
    async fn exchange(
        &self,
        guest: Guest<SessionsCreate>,
        given: Body<ExchangeRequest>,
    ) -> Result<Json<LoginResponse>> {
        let (granted, user) = account::provider::exchange(&guest, &given.code, &given.verifier).await?;
        Ok(Json(LoginResponse {
            user: user.into(),
            token: account::access_token(&guest, guest.server(), &granted).await?,
            refresh_token: granted.refresh.to_string(),
        }))
    }
}
